"""What is drawn on a page, in plain values; a chart that has nothing to show is falsy."""

from dataclasses import dataclass

from xsell.metrics.intervals import Interval


@dataclass(frozen=True, slots=True)
class Ranged:
    """
    One row of intervals beneath each other.

    Attributes:
        label: What it is about.
        interval: Mean and ends.
        said: What it shows, in a few words, or empty.
        stress: Whether it stands out.
    """

    label: str
    interval: Interval
    said: str = ""
    stress: bool = False


@dataclass(frozen=True, slots=True)
class Ranges:
    """
    Intervals beneath each other on one axis (a forest plot).

    Attributes:
        caption: What is shown.
        heading: What the labels are.
        measure: What the axis measures.
        rows: The intervals.
        reference: Value of the line to compare with.
        reference_label: What the line stands for.
        signed: Whether values are differences, written with their sign.
        span: Values that must be on the axis as well, so that several figures have the same.
        note: A sentence beneath, or empty.
    """

    caption: str
    heading: str
    measure: str
    rows: tuple[Ranged, ...]
    reference: float
    reference_label: str
    signed: bool = False
    span: tuple[float, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        """Whether it has rows."""
        return bool(self.rows)


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a figure.

    Attributes:
        label: What it stands for; it is written at the line's end.
        points: x and y, in the order of drawing.
        style: Number of its colour and dashes; 0 is the quiet one of a baseline.
        marks: Words at some of the points, by place.
    """

    label: str
    points: tuple[tuple[float, float], ...]
    style: int
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """
    An axis of a figure.

    Attributes:
        label: What it measures.
        log: Whether it is logarithmic; then it starts at 1.
        percent: Whether values are shares, written in percent.
        whole: Whether values are whole numbers.
        most: Where it must reach to; 0 leaves that to the values.
    """

    label: str
    log: bool = False
    percent: bool = False
    whole: bool = False
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class Curves:
    """
    Lines over one another.

    Attributes:
        caption: What is shown.
        alt: What one sees in it, for those who do not.
        x: The axis below.
        y: The axis at the left.
        lines: The lines.
        diagonal: What the line from corner to corner stands for, or empty for none.
        listed: Whether labels stand above, as the lines end at the same place.
        note: A sentence beneath, or empty.
    """

    caption: str
    alt: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...]
    diagonal: str = ""
    listed: bool = False
    note: str = ""

    def __bool__(self) -> bool:
        """Whether any line has two points."""
        return any(len(line.points) > 1 for line in self.lines)


@dataclass(frozen=True, slots=True)
class Heat:
    """
    Shares from rows to columns.

    Attributes:
        caption: What is shown.
        corner: What the rows are and what the columns are.
        rows: Names of the rows.
        columns: Names of the columns.
        shares: One row of shares each, 0..1, or None where there is no value.
    """

    caption: str
    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shares: tuple[tuple[float | None, ...], ...]

    def __bool__(self) -> bool:
        """Whether it has cells."""
        return bool(self.rows and self.columns)
