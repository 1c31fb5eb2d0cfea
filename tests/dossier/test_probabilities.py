"""Whether probabilities are right."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.dossier.shelf import judged
from tests.metrics.test_probability import alone
from tests.stages.shop import directory
from xsell.dossier.probabilities import probabilities
from xsell.metrics.probability import reliability
from xsell.page.charts import Curves
from xsell.page.contents import Table


def test_predicted_beside_observed(tmp_path: Path) -> None:
    """Each tenth of the offers is a point, predicted by observed, on two axes of the same length with a diagonal, and a row; who gives no probabilities has none."""
    known = judged(directory(tmp_path))
    assert not any(probabilities(known).blocks)
    dice = np.random.default_rng(2)
    chances = dice.uniform(0.01, 0.4, (400, 5)).astype(np.float32)
    one = reliability(alone(chances, dice.random(chances.shape) < chances))
    assert one is not None
    said, figure, table = probabilities(replace(known, likely={"ease": one})).blocks
    assert said
    assert isinstance(figure, Curves)
    assert isinstance(table, Table)
    (line,) = figure.lines
    assert len(line.points) == len(table.rows) == 10
    assert [round(x, 6) for x, _ in line.points] == [round(x, 6) for x in one.predicted]
    assert [round(y, 6) for _, y in line.points] == [round(seen.mean, 6) for seen in one.observed]
    assert figure.x.most == figure.y.most > 0
    assert figure.diagonal
    assert sum(row[1] for row in table.rows if isinstance(row[1], int)) == chances.size
