"""From values to places: what the templates draw."""

from dataclasses import dataclass
from itertools import pairwise

from xsell.page.charts import Axis, Curves, Heat, Line, Ranged, Ranges
from xsell.page.scales import Scale, apart, linear, logarithmic

SHADES = 8
LABEL_HEIGHT = 7.5
"""Height of a label in percent of that of a figure."""
LATEST_LABEL = 100.0
NEAR = 2 * LABEL_HEIGHT


@dataclass(frozen=True, slots=True)
class Tick:
    """
    A round value at an axis.

    Attributes:
        place: Where it stands, 0..100.
        text: The value, written out.
        spare: Whether it may be left out where there is little room.
    """

    place: float
    text: str
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """
    An interval on an axis.

    Attributes:
        row: What it shows.
        start: Place of its lower end, 0..100.
        width: Its width.
        middle: Place of the mean.
        value: The mean, written out.
        ends: The ends, written out.
    """

    row: Ranged
    start: float
    width: float
    middle: float
    value: str
    ends: str


@dataclass(frozen=True, slots=True)
class Forest:
    """
    Intervals with their axis.

    Attributes:
        bars: The intervals.
        ticks: Round values.
        reference: Place of the line to compare with.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    reference: float


@dataclass(frozen=True, slots=True)
class Dot:
    """
    A marked point.

    Attributes:
        x: Place from the left.
        y: Place from the top.
        text: What stands at it, or empty.
    """

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """
    A drawn line.

    Attributes:
        line: What it shows.
        points: Its points as SVG wants them, y from the top.
        dots: Its marked points.
        x: Place of its label from the left.
        y: Place of its label from the bottom.
    """

    line: Line
    points: str
    dots: tuple[Dot, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """
    Lines with their axes.

    Attributes:
        paths: The lines.
        x: Round values below.
        y: Round values at the left.
        numbers: The same as a table: heading of the columns, then rows of words.
    """

    paths: tuple[Path, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    numbers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """
    One cell of a heat map.

    Attributes:
        shade: Number of its shade; 0 is that of nothing.
        text: Its share in percent.
    """

    shade: int
    text: str


def forest(block: Ranges) -> Forest:
    """Place intervals on one axis that holds the line to compare with."""
    ends = [end for row in block.rows for end in (row.interval.low, row.interval.high)]
    scale = linear([*ends, block.reference, *block.span], 4)
    digits = steps(scale)
    main = min(range(len(scale.ticks)), key=lambda n: abs(scale.ticks[n] - block.reference))
    spare = [len(scale.ticks) > 4 and (n - main) % 2 == 1 for n in range(len(scale.ticks))]
    ticks = tuple(Tick(scale.place(x), _tick(x, digits, block.signed), left) for x, left in zip(scale.ticks, spare, strict=True))
    return Forest(tuple(_bar(row, scale, block.signed) for row in block.rows), ticks, scale.place(block.reference))


def _bar(row: Ranged, scale: Scale, signed: bool) -> Bar:
    start, end = scale.place(row.interval.low), scale.place(row.interval.high)
    sign = "+" if signed else ""
    value, low, high = (_four(x, sign) for x in (row.interval.mean, row.interval.low, row.interval.high))
    ends = f"{low} to {high}"
    return Bar(row, start, round(end - start, 2), scale.place(row.interval.mean), value, ends)


def _four(value: float, sign: str) -> str:
    """Four digits, and no sign where they are all 0."""
    text = f"{value:{sign}.4f}".replace("-", "−")
    return text if float(f"{value:.4f}") else "0.0000"


def steps(scale: Scale) -> int:
    """Digits after the point that tell the round values of an axis apart."""
    gap = min((after - before for before, after in pairwise(scale.ticks)), default=1.0)
    return next((n for n in range(8) if abs(gap * 10**n - round(gap * 10**n)) < 1e-6), 8)


def _tick(value: float, digits: int, signed: bool) -> str:
    if not value:
        return "0"
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return text.replace("-", "−")


def plot(block: Curves) -> Plot:
    """Place lines on their axes; labels stand at the ends of the lines and do not cover each other."""
    x = _scale(block.x, [p[0] for line in block.lines for p in line.points])
    y = _scale(block.y, [p[1] for line in block.lines for p in line.points])
    ends = [(x.place(line.points[-1][0]), y.place(line.points[-1][1])) for line in block.lines]
    heights = apart([end[1] for end in ends], LABEL_HEIGHT)
    paths = tuple(
        Path(line, _svg(line, x, y), tuple(_dots(line, x, y)), min(_beyond(end, ends), LATEST_LABEL), height)
        for line, end, height in zip(block.lines, ends, heights, strict=True)
    )
    return Plot(paths, _ticks(x, block.x), _ticks(y, block.y), tuple(_numbers(block)))


def _beyond(end: tuple[float, float], ends: list[tuple[float, float]]) -> float:
    """Where a label stands from the left: right of the end of its line and of those that end near by, so that it covers no dot of theirs."""
    return max(x for x, y in ends if abs(x - end[0]) < NEAR and abs(y - end[1]) < NEAR)


def _scale(axis: Axis, values: list[float]) -> Scale:
    return logarithmic(max(values)) if axis.log else linear([0.0, axis.most, *values], 5 if axis.whole else 4, axis.whole)


def _ticks(scale: Scale, axis: Axis) -> tuple[Tick, ...]:
    digits = steps(scale)
    return tuple(Tick(scale.place(value), _written(value, axis, digits)) for value in scale.ticks)


def _written(value: float, axis: Axis, digits: int) -> str:
    if axis.percent:
        return f"{value * 100:.{max(digits - 2, 0)}f}%"
    if not value:
        return "0"
    return f"{value:,.0f}" if axis.log else f"{value:.{digits}f}"


def _svg(line: Line, x: Scale, y: Scale) -> str:
    return " ".join(f"{x.place(a):g},{round(100 - y.place(b), 2):g}" for a, b in line.points)


def _dots(line: Line, x: Scale, y: Scale) -> list[Dot]:
    return [Dot(x.place(line.points[at][0]), round(100 - y.place(line.points[at][1]), 2), text) for at, text in line.marks]


def _numbers(block: Curves) -> list[tuple[str, ...]]:
    """The points of the lines for reading, at most some twenty of each."""
    rows: list[tuple[str, ...]] = []
    for line in block.lines:
        every = max(1, len(line.points) // 20)
        marks = dict(line.marks)
        rows += [
            (line.label, _value(a, block.x), _value(b, block.y))
            for n, (a, b) in enumerate(line.points)
            if n in marks or n % every == 0 or n == len(line.points) - 1
        ]
    return rows


def _value(value: float, axis: Axis) -> str:
    if axis.percent:
        return f"{value * 100:.1f}%"
    return f"{value:,.0f}" if axis.log or value == int(value) else f"{value:.4f}"


def shaded(block: Heat, most: float) -> tuple[tuple[Field, ...], ...]:
    """
    Give every cell its shade.

    Args:
        block: The shares.
        most: The share with the darkest shade; maps beside each other have the same.
    """
    return tuple(tuple(_field(share, most) for share in row) for row in block.shares)


def _field(share: float | None, most: float) -> Field:
    if share is None:
        return Field(0, "")
    if share <= 0:
        return Field(0, "·")
    shade = min(SHADES, 1 + int(SHADES * share / most)) if most else 0
    return Field(shade, f"{share * 100:.0f}" if share >= 0.005 else "<1")
