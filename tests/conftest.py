"""What tests of several rooms share: the sample shop, a smaller one, and the command line as a user types it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import make_shop
import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).parent.parent

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine fails no test
hypothesis.settings.load_profile("untimed")


@dataclass(frozen=True)
class Ran:
    """What a command left behind: its exit code and what it wrote to stdout and stderr."""

    code: int
    out: str
    err: str


Typed = Callable[..., Ran]


@pytest.fixture
def typed() -> Typed:
    """Run `xsell` with these words in this process; a crash of the tool fails the test at once."""
    from xsell.cli.app import app  # noqa: PLC0415 - tests of other rooms must not load the command line

    def run(*words: str | Path, given: str | bytes | None = None) -> Ran:
        result = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "160", "XSELL_THREADS": "1"}).invoke(app, [str(w) for w in words], input=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.stderr
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@dataclass(frozen=True)
class SmallShop:
    """A shop of 300 customers in a directory of its own, with the truth about its customers' tastes."""

    directory: Path
    truth: make_shop.Shop

    @property
    def words(self) -> tuple[str | Path, ...]:
        """The files as the command line takes them."""
        d = self.directory
        return (d / "events.csv", "--items", d / "products.csv", "--users", d / "customers.csv", "--searches", d / "searches.csv")


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> SmallShop:
    """Give a shop of 300 customers and 6,000 rows of events."""
    directory, truth = tmp_path_factory.mktemp("shop"), make_shop.make(customers=300, events=6000)
    make_shop.write(truth, directory)
    return SmallShop(directory, truth)
