"""
Ridge regression of every product on the regressors that share no category with it, where products belong to several.

What targets leave out overlaps: a film that is `Action | Comedy` leaves out all that an `Action` film does. So categories are left out one after
the other, the largest first, once for all targets beneath: leaving x out of regressions with the inverse P leaves regressions with the inverse
`P − P[:, x]·(P[x, x])⁻¹·P[x, :]`. Where that would cost more than it saves, each set of categories is left out at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, spotrs

from xsell.data.shelves import Shelves
from xsell.data.training import Floats, Ints
from xsell.models import closed_form
from xsell.parallel import each

SURE = 1e-3
"""What rounding may leave of the weights of regressors left out, beside the largest weight; with more, float64 is used."""

PRICE = 6
"""Operations for a number of a product of matrices, in thirds of one: factoring n columns takes n³ such thirds."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Group:
    """
    Targets that have the same categories.

    Attributes:
        targets: Their numbers.
        left: Categories to be left out yet, the largest first.
        out: Regressors of all their categories, ascending.
    """

    targets: Places
    left: tuple[int, ...]
    out: Places


def weights(P: Floats, T: Floats, place: NDArray[np.int64], of: Ints, targets: Ints, sets: Shelves, *, spare: bool = True) -> Floats:
    """
    Regress every target on the regressors of items that share no category with it, and on those of no item.

    Takes and gives what `closed_form.weights` does, but the categories of every item in place of its block.
    """
    known = np.flatnonzero(of >= 0)
    member = sets.member[sets.of_item[of[known]]].tocoo()
    holds = sp.csr_array((member.data, (member.col, known[member.row])), shape=(sets.member.shape[1], len(P)))
    largest = np.argsort(-np.diff(holds.indptr), kind="stable")
    of_category = [holds.indices[holds.indptr[c] : holds.indptr[c + 1]].astype(np.intp) for c in largest]
    work = _Work(P, closed_form.unfinished(P, T, place, len(targets), spare=spare), of_category)
    each(work.begin, _alike(work.groups(sets.of_item[targets], sp.csr_array(sets.member[:, largest]))))
    return work.B.T


def _alike(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Groups with the same next category."""
    for _, some in groupby((group for group in groups if group.left), key=lambda group: group.left[0]):
        yield list(some)


class _Work:
    """
    What all regressions share.

    Attributes:
        P: Inverse, float32 [regressors × regressors].
        B: Weights, float32 [targets × regressors]: as `closed_form.unfinished` gives them before, finished afterwards.
        holds: Regressors of every category, the largest category first.
    """

    def __init__(self, P: Floats, B: Floats, holds: list[Places]) -> None:
        self.P = P
        self.B = B
        self.holds = holds

    def groups(self, of_target: Ints, member: sp.csr_array) -> list[Group]:
        """Targets by their set of categories, those next to each other that begin with the same."""
        order = np.argsort(of_target, kind="stable")
        found = []
        for some in np.split(order, np.flatnonzero(np.diff(of_target[order])) + 1):
            row = of_target[some[0]]
            own = sorted(c for c in member.indices[member.indptr[row] : member.indptr[row + 1]].tolist() if len(self.holds[c]))
            found.append(Group(some, tuple(own), self._together(own)))
        return sorted(found, key=lambda group: group.left)

    def _together(self, categories: Iterable[int]) -> Places:
        return np.unique(np.concatenate([np.zeros(0, np.intp), *(self.holds[c] for c in categories)]))

    def begin(self, groups: list[Group]) -> None:
        """Finish the targets of groups with the same first category."""
        self._leave_out(groups, self.P, np.arange(len(self.P)), self.B[np.concatenate([group.targets for group in groups])])

    def _leave_out(self, groups: list[Group], M: Floats, row: Places, B: Floats) -> None:
        """
        Leave out what groups with the same next category have left.

        Args:
            groups: The groups.
            M: Inverse of the regressions as far as they are, only regressors that may be left out yet × all regressors.
            row: Row of every regressor in `M`, or -1.
            B: Weights as far as they are, targets of the groups, one group after the other × regressors.
        """
        x = _there(self.holds[groups[0].left[0]], row)
        more = {category for group in groups for category in group.left[1:]}
        rest = np.setdiff1d(_there(self._together(more), row), x)
        own = [_there(group.out, row) for group in groups]
        if sum(len(out) ** 3 for out in own) <= len(x) ** 3 + PRICE * len(x) * len(rest) * len(row):
            for group, out, mine in zip(groups, own, _parted(B, groups), strict=True):
                self._finish(group, *_without(out, M[row[out]], mine))
            return
        (B, leak), (rows, other) = _without(x, M[row[x]], B), _without(x, M[row[x]], M[row[rest]])
        after = np.full(len(row), -1)
        after[rest] = np.arange(len(rest))
        self._go_on([replace(group, left=group.left[1:]) for group in groups], rows, after, B, float(np.maximum(leak, other)))

    def _go_on(self, groups: list[Group], M: Floats, row: Places, B: Floats, leak: float) -> None:
        """Finish the groups that have no category left, or all where rounding has spoilt what is known, and leave out the next of the others."""
        parts = _parted(B, groups)
        for group, mine in zip(groups, parts, strict=True):
            if not group.left or not leak <= SURE:
                self._finish(group, mine, leak)
        if leak <= SURE:
            start = sum(len(group.targets) for group in groups if not group.left)
            for some in _alike(groups):
                stop = start + sum(len(group.targets) for group in some)
                self._leave_out(some, M, row, B[start:stop])
                start = stop

    def _finish(self, group: Group, found: Floats, leak: float) -> None:
        if leak <= SURE:
            self.B[group.targets] = found
        else:
            closed_form.without_block(self.P, self.B, group.out, group.targets)


def _there(regressors: Places, row: Places) -> Places:
    """Those that have a row."""
    return regressors[row[regressors] >= 0]


def _parted(B: Floats, groups: list[Group]) -> list[Floats]:
    """Rows of each group."""
    return np.split(B, np.cumsum([len(group.targets) for group in groups])[:-1])


def _without(x: Places, M: Floats, rows: Floats) -> tuple[Floats, float]:
    """
    Take regressors out.

    Args:
        x: The regressors.
        M: Their rows of the inverse.
        rows: Weights, or other rows of the inverse.

    Returns:
        New rows, and what rounding left where nothing should be, beside the largest number; NaN where the inverse is spoilt.
    """
    if not rows.size or not len(x):
        return rows, 0.0
    low, spoilt = spotrf(M[:, x].T, lower=1)
    if spoilt:
        return rows, np.nan
    found = rows - spotrs(low, rows[:, x].T, lower=1)[0].T @ M
    leak = np.abs(found[:, x]).max() / max(np.abs(found).max(), np.finfo(np.float32).tiny)
    found[:, x] = 0
    return found, float(leak)
