"""Which model is better, in words and tables: is it better, by how much, and could it be luck?"""

from collections.abc import Iterator, Mapping

import numpy as np

from xsell.contract.judging import BASELINE
from xsell.contract.reports import Cell, Grid
from xsell.contract.wording import listed, many
from xsell.metrics.intervals import FEWEST, Interval
from xsell.metrics.scoreboard import LEADING, LIFT, Score, Versus
from xsell.metrics.significance import DRAWS

Board = Mapping[str, Score]
Boards = Mapping[int, Board]
TIED = " ="
TRAITS = {
    "coverage": "Coverage: share of the products offered to anybody",
    "Gini": "Gini of the places over products",
    "novelty": "novelty in bits",
    "popularity": "popularity beyond that of the histories",
    "categories": "entropy of categories (1: all different)",
    "content": "content: 1 - cosine within a list",
    "calibration": "calibration: distance of the categories from those wanted (0 is best)",
}
"""What lists are like: headings and what they mean."""


def best(board: Board) -> str:
    """Name the model that is best by the metric of the verdict, the first among equals."""
    return max(board, key=lambda model: board[model].means[LEADING].mean)


def shown(versus: Versus, rival: str) -> str:
    """Say what a paired difference to a rival shows."""
    if versus.customers < FEWEST:
        return "too few users to tell"
    return {1: f"better than {rival}", -1: f"worse than {rival}", 0: "not shown to be better"}[versus.direction]


def sentences(board: Board, k: int) -> Iterator[str]:
    """Say whether the best model, the baseline aside, beats it, what the others show in few words, and which are tied with the best."""
    leader = best(board)
    rivals = {model: score.versus for model, score in board.items() if score.versus}
    main = best({model: board[model] for model in rivals}) if rivals else ""
    if main:
        yield _verdict(main, board[main], board[BASELINE], rivals[main], k)
    said: dict[str, list[str]] = {}
    for model in rivals if board[leader].values[LEADING].size >= FEWEST else ():
        said.setdefault(shown(rivals[model], BASELINE), []).append(model)
    others = {text: [name for name in names if name != main] for text, names in said.items()}
    if any(others.values()):
        yield f"Of the others {'; '.join(f'{text}: {listed(names)}' for text, names in others.items() if names)}."
    same = [model for model, score in board.items() if score.tied and np.array_equal(score.values[LEADING], board[leader].values[LEADING])]
    tied = [model for model, score in board.items() if score.tied and model not in same]
    if same and not _few(board):
        yield f"{listed(same)} {'is' if len(same) == 1 else 'are'} as good as {leader}, the best, for every single customer."
    if tied and not _few(board):
        unseen = max(versus.detectable for versus in (board[model].behind for model in tied) if versus)
        verb = "is" if len(tied) == 1 else "are"
        yield (
            f"{listed(tied)} {verb} tied with {leader}, the best: what separates them may be luck (a true difference below {unseen:.4f} in "
            f"NDCG@{k} would often go unseen with {many(board[leader].values[LEADING].size, 'customer')})."
        )


def _verdict(model: str, score: Score, rival: Score, versus: Versus, k: int) -> str:
    said = shown(versus, BASELINE)
    if versus.customers < FEWEST:
        return f"{model}: {said}; fewer than {FEWEST} customers make no verdict."
    gap = versus.difference
    numbers = f"NDCG@{k} {score.means[LEADING].mean:.4f} against {rival.means[LEADING].mean:.4f}"
    said += "" if said.endswith(BASELINE) else f" than {BASELINE}"
    return f"{model} is {said}: {numbers}, difference {gap.mean:+.4f}, 95% interval {ends(gap)}, p {probability(versus.p)}."


def ends(interval: Interval) -> str:
    """Write the ends of an interval of differences."""
    return f"{interval.low:+.4f} to {interval.high:+.4f}"


def probability(p: float) -> str:
    """Write a p value: as small as the draws can tell."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def grids(board: Board, scope: str, k: int) -> Iterator[Grid]:
    """Quality of each model, its difference to the baseline, and what its lists are like; each at most 80 columns wide, no intervals over a few customers."""
    few = _few(board)
    yield _quality(board, k)
    if len(board) > 1 and not few:
        yield Grid(
            f"Difference to {BASELINE} in NDCG@{k}, customer by customer",
            ("model", "difference", "95% interval", "p", "verdict"),
            tuple((name, *_difference(score.versus)) for name, score in board.items() if score.versus),
            aside=True,
            note=f"p: of {DRAWS:,} ways to draw the signs of the differences, those with as large a mean; corrected for the number of models (Holm).",
        )
    if scope in {"new", "any"} and not np.isnan(board[BASELINE].together["pair_concentration"]):
        yield _new_categories(board, scope, few)
    yield _likeness(board)


def lengths(boards: Boards) -> Iterator[Grid]:
    """Draw lists of several lengths beneath each other, at most 80 columns wide."""
    if len(boards) < 2:
        return
    first = next(iter(boards.values()))
    yield Grid(
        "Quality by length of the lists",
        ("model", "k", "precision", "recall", "NDCG", "MAP", "MRR", "hit"),
        tuple((model, k, *_accuracy(boards[k][model], few=True)) for model in first for k in sorted(boards)),
        note="Intervals and the metrics not shown are in evaluation/; the verdict is about the first length named.",
    )


def _likeness(board: Board) -> Grid:
    """What lists are like, without what is undefined for all of them."""
    rows = [list(_traits(score)) for score in board.values()]
    use = [place for place in range(len(TRAITS)) if any(row[place] is not None for row in rows)]
    said = "; ".join(text for text in (list(TRAITS.values())[place] for place in use) if text)
    heads = [list(TRAITS)[place] for place in use]
    table = tuple((name, *(row[place] for place in use)) for name, row in zip(board, rows, strict=True))
    return Grid("What the lists are like", ("model", *heads), table, note=f"{said}.", aside=True)


def _few(board: Board) -> bool:
    """Whether intervals would be too narrow to be believed."""
    return next(iter(board.values())).values[LEADING].size < FEWEST


def _quality(board: Board, k: int) -> Grid:
    few = _few(board)
    spread = "" if few else "; ±: half the 95% bootstrap interval over customers"
    tied = "" if few or not any(score.tied for score in board.values()) else f"; marked = where tied with the best in NDCG@{k}"
    return Grid(
        f"Quality of lists of {k}",
        ("model", f"P@{k}", "recall", f"NDCG@{k}", "MAP", "MRR", "hit"),
        tuple((name + TIED * (score.tied and not few), *_accuracy(score, few)) for name, score in board.items()),
        bold=(list(board).index(best(board)),),
        note=f"P@{k}: share of the {k} offered that were taken up; recall: share of what was taken up that was offered{spread}{tied}.",
    )


def _accuracy(score: Score, few: bool) -> Iterator[Cell]:
    for metric in ("precision", "recall", "ndcg", "map", "mrr", "hit"):
        yield _spread(score.means[metric], few or metric not in {"precision", "ndcg"})


def _difference(versus: Versus) -> Iterator[Cell]:
    yield f"{versus.difference.mean:+.4f}"
    yield ends(versus.difference)
    yield probability(versus.p)
    yield shown(versus, BASELINE)


def _new_categories(board: Board, scope: str, few: bool) -> Grid:
    """Hits of categories; where lists may hold categories that are not new, also how much of them is new and what it is worth."""
    metrics = (*(() if scope == "new" else ("xshare", "xrecall", "xndcg")), "cathit", "catrecall")
    heads = {"xshare": "places", "xrecall": "recall", "xndcg": "NDCG", "cathit": "category hit", "catrecall": "found"}
    return Grid(
        "Categories new to the customer",
        ("model", *(heads[metric] for metric in metrics), "pairs", f"× {BASELINE}"),
        tuple(
            (
                name,
                *(_spread(_of(score, metric), few=True) for metric in metrics),
                f"{score.together['pair_concentration']:.4f}",
                _times(score.traits[LIFT], few),
            )
            for name, score in board.items()
        ),
        aside=True,
        note="Of customers who took one up: lists with a right one, share of the right ones found. Pairs: Gini of the places over pairs of a category "
        f"had and a new one. ×: recall of new categories over that of {BASELINE} among new ones.",
    )


def _traits(score: Score) -> Iterator[Cell]:
    yield f"{score.together['coverage']:.4f}"
    yield f"{score.together['gini']:.4f}"
    yield f"{score.traits['novelty'].mean:.3f}"
    yield _or_dash(f"{round(score.traits['popularity_lift'].mean, 2) + 0:+.0%}", score.traits["popularity_lift"])
    for metric in ("category_entropy", "content_diversity", "calibration"):
        yield _spread(score.traits[metric], few=True)


def _of(score: Score, metric: str) -> Interval:
    return score.means[metric] if metric in score.means else score.traits[metric]


def _spread(mean: Interval, few: bool) -> Cell:
    return _or_dash(f"{mean.mean:.4f}" + ("" if few else f" ±{(mean.high - mean.low) / 2:.4f}"), mean)


def _times(lift: Interval, few: bool) -> Cell:
    return _or_dash(f"{lift.mean:.2f}" + ("" if few else f" ({lift.low:.2f}-{lift.high:.2f})"), lift)


def _or_dash(text: str, of: Interval) -> Cell:
    return None if np.isnan(of.mean) else text
