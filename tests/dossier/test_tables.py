"""Tables of metrics."""

from xsell.contract import names
from xsell.dossier.tables import PLAIN, clipped
from xsell.metrics import METRICS


def test_every_metric_has_a_name_and_a_meaning() -> None:
    """Whatever can be measured has a name and a meaning that fit into a table."""
    assert set(PLAIN) >= {*METRICS, *names.GUARDS}
    assert all(name and said and len(said) <= 85 for name, said in PLAIN.values())


def test_long_names_are_cut() -> None:
    """A long name ends in an ellipsis and is no longer than allowed; a short one is left alone."""
    assert clipped("a" * 30, 10) == "a" * 9 + "…"
    assert clipped("a b", 3) == "a b"
