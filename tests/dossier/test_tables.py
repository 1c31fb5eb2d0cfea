"""Tables of metrics."""

from xsell.contract import names
from xsell.dossier.tables import PLAIN
from xsell.metrics import METRICS


def test_every_metric_has_a_name_and_a_meaning() -> None:
    """Whatever can be measured has a name and a meaning that fit into a table."""
    assert set(PLAIN) >= {*METRICS, *names.GUARDS}
    assert all(name and said and len(said) <= 85 for name, said in PLAIN.values())
