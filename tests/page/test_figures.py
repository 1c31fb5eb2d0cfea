"""From values to places."""

from xsell.metrics.intervals import Interval
from xsell.page.charts import Axis, Curves, Heat, Line, Ranged, Ranges
from xsell.page.figures import forest, plot, shaded


def test_a_forest_has_room_for_its_reference() -> None:
    """The line to compare with is on the axis though all intervals lie beyond it, and bars run from end to end around the mean."""
    block = Ranges("c", "h", "m", (Ranged("a", Interval(0.2, 0.1, 0.3)), Ranged("b", Interval(0.4, 0.3, 0.5))), 0.0, "r", signed=True)
    drawn = forest(block)
    assert drawn.reference == 0
    assert [(bar.start, bar.start + bar.width, bar.middle) for bar in drawn.bars] == [(16.67, 50.0, 33.33), (50.0, 83.33, 66.67)]
    assert drawn.bars[0].value == "+0.2000"
    assert [tick.text for tick in drawn.ticks] == ["0", "+0.2", "+0.4", "+0.6"]


def test_minus_signs_are_minus_signs() -> None:
    """Negative numbers are written with a minus sign, not a hyphen."""
    drawn = forest(Ranges("c", "h", "m", (Ranged("a", Interval(-0.2, -0.3, 0.1)),), 0.0, "r", signed=True))
    assert drawn.bars[0].ends == "−0.3000 to +0.1000"
    assert drawn.ticks[0].text == "−0.3"


def test_a_plot_turns_y_around() -> None:
    """What is high has a small y in the drawing, axes of shares start at zero, and marks lie on their line."""
    line = Line("a", ((1.0, 0.1), (2.0, 0.4)), 1, ((1, "two"),))
    drawn = plot(Curves("c", "alt", Axis("x", whole=True), Axis("y", percent=True), (line,)))
    (path,) = drawn.paths
    assert path.points == "50,75 100,0"
    assert [(dot.x, dot.y, dot.text) for dot in path.dots] == [(100, 0, "two")]
    assert (path.x, path.y) == (100, 100)
    assert [tick.text for tick in drawn.y] == ["0%", "10%", "20%", "30%", "40%"]
    assert drawn.numbers == (("a", "1", "10.0%"), ("a", "2", "40.0%"))


def test_labels_of_lines_that_end_together_are_apart() -> None:
    """Two lines that end at one point have labels at different heights."""
    lines = tuple(Line(name, ((0.0, 0.0), (1.0, 1.0)), 1) for name in "ab")
    first, second = plot(Curves("c", "alt", Axis("x"), Axis("y"), lines)).paths
    assert abs(first.y - second.y) >= 7


def test_long_lines_are_told_in_some_twenty_numbers() -> None:
    """The table beneath a figure stays readable, and holds both ends."""
    line = Line("a", tuple((float(n), float(n)) for n in range(500)), 1)
    numbers = plot(Curves("c", "alt", Axis("x"), Axis("y"), (line,))).numbers
    assert len(numbers) <= 25
    assert (numbers[0][1], numbers[-1][1]) == ("0", "499")


def test_shades_of_shares() -> None:
    """The darkest shade is that of the largest share on any map, nothing has none, and what has no value is left empty."""
    block = Heat("c", "x", ("a",), ("b", "c", "d", "e"), ((0.4, 0.0, None, 0.001),))
    ((most, none, unknown, least),) = shaded(block, 0.4)
    assert (most.shade, most.text) == (8, "40")
    assert (none.shade, none.text, unknown.text) == (0, "·", "")
    assert (least.shade, least.text) == (1, "<1")


def test_figures_share_an_axis() -> None:
    """Figures that are told the same span have the same axis, whatever they hold themselves."""
    one, other = (
        forest(Ranges("c", "h", "m", (Ranged("a", span),), 0.2, "r", span=(0.1, 0.9)))
        for span in (Interval(0.2, 0.1, 0.3), Interval(0.5, 0.2, 0.9))
    )
    assert one.ticks == other.ticks
