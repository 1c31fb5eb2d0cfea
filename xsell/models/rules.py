"""`rules`: who has this takes that, from pairs of a product or an event with a product that meet more often than by chance."""

from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints, Times, Training
from xsell.models.cooccurrence import Weigh, strongest

SCORINGS = ("highest", "sum")
MOST_OF_A_CUSTOMER = 500
CELLS = 4_000_000


class Rules:
    """
    Cross-occurrence (Dunning 1993; Schelter et al. 2012): each kind of event has its own counts with the purchases, customers count once.

    A rule is kept if enough customers have both sides, more than by chance, and if it is among the strongest of its target and kind of event by
    the signed root of the log-likelihood ratio. It says its confidence (Agrawal et al. 1993): the share of those with the left side who have the
    right one too. `highest` scores by the rule of highest confidence, the rule without a left side (the share of all customers) among them;
    `sum` adds up the confidences.

    Attributes:
        scoring: One of SCORINGS.
        neighbours: Rules kept for a target and kind of event.
        least: Fewest customers of a rule.
    """

    def __init__(self, scoring: str = "highest", neighbours: int = 200, least: int = 3) -> None:
        self.scoring = scoring
        self.neighbours = neighbours
        self.least = least

    def fit(self, training: Training) -> Self:
        """Count, keep the strongest, divide by the left side."""
        kinds = self._kinds(training)
        bought = kinds[0]
        customers = max(int(np.any([np.diff(kind.indptr) > 0 for kind in kinds], axis=0).sum()), 1)
        confident = sp.csr_array(sp.vstack([self._rules(kind, bought, customers) for kind in kinds], format="csr"))
        share = np.bincount(bought.indices, minlength=training.n_items) / customers
        self.data_, self.indices_, self.indptr_ = confident.data, confident.indices, confident.indptr
        self.share_ = (share if self.scoring == "highest" else np.zeros(training.n_items)).astype(np.float32)
        return self

    def _kinds(self, training: Training) -> list[sp.csr_array]:
        """Purchases and every other kind of event of products, in the order of `History.wide`; what is of no product has no entry."""
        log, history = training.log, training.history
        kinds = [latest(history.purchases, log.user, log.item, log.at)]
        for stream, matrix in zip(training.streams, history.streams, strict=True):
            kinds.append(latest(matrix, stream.user, stream.column, stream.at) if stream.of_items else 0 * matrix)
        return [*kinds, 0 * history.profile]

    def _rules(self, kind: sp.csr_array, bought: sp.csr_array, customers: int) -> sp.csr_array:
        """Confidence of the rules from one kind of event, float32 [columns × items]."""
        left, right = (np.bincount(m.indices, minlength=m.shape[1]) for m in (kind, bought))
        weigh = attraction(left, right, customers, self.least, kind is bought)
        found = strongest(kind, bought, self.neighbours, weigh, keep_sums=True)
        found.data /= np.repeat(np.maximum(left, 1), np.diff(found.indptr)).astype(np.float32)
        return found

    @property
    def _confidence(self) -> sp.csr_array:
        """Confidence of every rule from what a customer can have (rows) to a product."""
        return sp.csr_array((self.data_, self.indices_, self.indptr_), shape=(len(self.indptr_) - 1, len(self.share_)))

    def score(self, history: History) -> Floats:
        """Highest confidence or sum of confidences, float32 [customers × items]."""
        rules, wide = self._confidence, history.wide()
        if self.scoring == "sum":
            return np.asarray((wide @ rules).toarray(), np.float32)
        scores = np.tile(self.share_, (len(history), 1))
        count = np.diff(rules.indptr)[wide.indices]
        block = np.cumsum(count) // CELLS
        row = np.repeat(np.arange(len(history)), np.diff(wide.indptr))
        for part in np.split(np.arange(len(count)), np.flatnonzero(np.diff(block)) + 1):
            said = rules[wide.indices[part]]
            place = np.repeat(row[part], count[part]) * scores.shape[1] + said.indices
            np.maximum.at(scores.ravel(), place, said.data)
        return scores

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """Confidence of the rule in `sum`; in `highest` the best rule has all that it says beyond the share of all customers."""
        common = np.where(column == history.width, self.share_[target], 0).astype(np.float32)
        said = np.minimum(column, history.width - 1)
        if self.scoring == "sum":
            return np.where(column < history.width, self._says(said, target), 0).astype(np.float32)
        offers, back = np.unique(row.astype(np.int64) * len(self.share_) + target, return_inverse=True)
        winner, gain = self._best(history, *np.divmod(offers, len(self.share_)))
        return np.where(column == winner[back], gain[back], common).astype(np.float32)

    def _says(self, column: NDArray[np.integer], target: NDArray[np.integer]) -> Floats:
        """Confidence of the rules from what customers have to products, 0 where there is none; SciPy finds no place in no places."""
        return np.asarray(self._confidence[column, target], np.float32).ravel() if len(column) else np.zeros(0, np.float32)

    def _best(self, history: History, who: NDArray[np.int64], what: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
        """Left side of the best rule for every offer (the first among equals, -1 for none), and what it says beyond the share of all customers."""
        wide = history.wide()
        size = np.diff(wide.indptr)[who]
        offer = np.repeat(np.arange(len(who)), size)
        place = np.arange(len(offer)) - np.repeat(np.cumsum(size) - size, size)
        column = wide.indices[np.repeat(wide.indptr[who], size) + place]
        value = self._says(column, what[offer]) - self.share_[what[offer]]
        order = np.lexsort((column, -value, offer))
        first = order[np.diff(offer[order], prepend=-1) > 0]
        first = first[value[first] > 0]
        winner, gain = np.full(len(who), -1), np.zeros(len(who), np.float32)
        winner[offer[first]], gain[offer[first]] = column[first], value[first]
        return winner, gain


def latest(matrix: sp.csr_array, user: Ints, column: Ints, at: Times) -> sp.csr_array:
    """
    Keep the 500 things that each customer had to do with last; things without a time come last, by number.

    Args:
        matrix: Customers × columns, binary.
        user: Customers of the events, a superset of the entries of `matrix`.
        column: Their columns.
        at: Their times, NaN where unknown.
    """
    size = np.diff(matrix.indptr)
    if size.max(initial=0) <= MOST_OF_A_CUSTOMER:
        return matrix
    long = size > MOST_OF_A_CUSTOMER
    owner = np.repeat(np.arange(len(size), dtype=np.int64), size)
    there = np.flatnonzero(long[owner])
    entry = owner[there] * matrix.shape[1] + matrix.indices[there]
    known = long[user]
    key = user[known].astype(np.int64) * matrix.shape[1] + column[known]
    seen = np.isin(key, entry)
    last = np.full(len(there), -np.inf)
    np.maximum.at(last, np.searchsorted(entry, key[seen]), np.nan_to_num(at[known][seen], nan=-np.inf))
    order = np.lexsort((matrix.indices[there], -last, owner[there]))
    keep = ~long[owner]
    keep[there[order[np.arange(len(order)) - np.searchsorted(owner[there], owner[there]) < MOST_OF_A_CUSTOMER]]] = True
    indptr = np.r_[0, np.cumsum(np.minimum(size, MOST_OF_A_CUSTOMER))].astype(np.int32)
    return sp.csr_array((matrix.data[keep], matrix.indices[keep], indptr), shape=matrix.shape)


def attraction(left: NDArray[np.integer], right: NDArray[np.integer], customers: int, least: int, same: bool) -> Weigh:
    """
    Signed root of the log-likelihood ratio of pairs that meet more often than by chance, 0 for all others.

    The same number as `metrics.association.signed_root`, with x·ln x looked up, because all counts are whole numbers: half of all pairs of a
    catalogue are asked for.

    Args:
        left: Customers of every source.
        right: Customers of every target.
        customers: Customers in all.
        least: Fewest common customers.
        same: Whether sources and targets are the same products, of which none meets itself.
    """
    table = np.arange(customers + 1, dtype=np.float64)
    table[1:] *= np.log(table[1:])
    apart_left, apart_right = (table[n] + table[customers - n] for n in (left, right))

    def weigh(target: NDArray[np.integer], source: NDArray[np.integer], total: Floats) -> Floats:
        rows, columns = np.broadcast_arrays(target, source)
        asked = np.flatnonzero(total >= least)
        t, s, both = rows.flat[asked], columns.flat[asked], total.ravel()[asked].astype(np.int64)
        likely = (both * customers > right[t] * left[s]) & ((t != s) | (not same))
        asked, t, s, both = asked[likely], t[likely], s[likely], both[likely]
        a, b = left[s], right[t]
        cells = table[both] + table[a - both] + table[b - both] + table[customers - a - b + both]
        ratio = 2 * (table[customers] + cells - apart_left[s] - apart_right[t])
        weight = np.zeros(total.size, np.float32)
        weight[asked] = np.sqrt(np.maximum(ratio, 0))
        return weight.reshape(total.shape)

    return weigh
