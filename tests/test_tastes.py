import json
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import SmallShop, Typed


@pytest.fixture
def trained(typed: Typed, small_shop: SmallShop, tmp_path: Path) -> Path:
    """A working directory in which `cross` and `popular` have written lists for the small shop."""
    for model, *options in (("cross", "--lambda", "100", "--rho", "0.5"), ("popular",)):
        ran = typed("train", *small_shop.words, "--model", model, *options, "-w", tmp_path)
        assert ran.code == 0, ran.err
        assert typed("recommend", "--model", model, "-n", "5", "-w", tmp_path).code == 0
    return tmp_path


def share_of_own_taste(lists: Path, shop: SmallShop) -> float:
    """Mean over followers of a taste of the share of their lists that belongs to it, where the taste still has categories to offer."""
    tastes = {c.id: c.taste for c in shop.truth.customers}
    left = {
        c.id: any(p.taste == c.taste and p.category not in c.categories for p in shop.truth.products)
        for c in shop.truth.customers
        if c.taste and c.categories
    }
    of_product = {p.id: p.taste for p in shop.truth.products}
    followers = pl.read_parquet(lists).filter(pl.col("user_id").is_in([c for c, some in left.items() if some]))
    own = pl.col("user_id").replace_strict(tastes, default="") == pl.col("item_id").replace_strict(of_product, default="")
    share = followers.group_by("user_id").agg(own.mean().alias("share"))["share"].mean()
    assert isinstance(share, float)
    return share


def test_cross_finds_the_planted_tastes(trained: Path, small_shop: SmallShop) -> None:
    """Followers of a taste are offered its products in categories they have not entered, several times as often as the popular ones would be."""
    cross, popular = (share_of_own_taste(trained / f"recommendations/{model}.parquet", small_shop) for model in ("cross", "popular"))
    assert cross > 0.35
    assert cross > 3 * popular


def test_hybrid_beats_popularity_in_time(typed: Typed, small_shop: SmallShop, tmp_path: Path) -> None:
    """On later purchases in new categories the interval of NDCG@10 of `hybrid` minus `popular` lies above zero."""
    ran = typed("evaluate", *small_shop.words, "--split", "temporal", "--scope", "new", "--json", "-w", tmp_path)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["metrics"]["hybrid-popular.ndcg@10.low"] > 0
