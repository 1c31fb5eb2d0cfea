"""Products become documents."""

import pytest

from tests.prep.shop_tables import event, interactions, items
from xsell.prep.documents import category_levels, item_documents
from xsell.prep.profiles import item_features
from xsell.text import FIELD, tokens

PURCHASES = interactions(event("u", "a"), event("u", "z"))


def terms(**row: object) -> list[str]:
    """Terms of the document of a catalogue's only product beside one that only events know."""
    catalog = items({"item_id": "a"} | row)
    first, unknown = item_documents(catalog, item_features(PURCHASES, catalog))
    assert unknown == ""
    return sorted(tokens(first))


def test_a_name_gives_words_and_the_rest_whole_terms() -> None:
    """Words of the name stand alone; brand, price band and categories carry their column, so that they never meet a word."""
    made = terms(name="Acme Red Mug", brand="ACME Inc", price=3.0)
    assert made == ["acme", "brand=acme inc", "mug", "price_band=middle", "red"]


def test_every_level_of_every_category_is_a_term() -> None:
    """A path counts whole and at each level above, and a level that several share once."""
    made = terms(category="Home > Kitchen > Mugs | Home > Gifts")
    assert made == ["category=home", "category=home > gifts", "category=home > kitchen", "category=home > kitchen > mugs"]


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("Dark Red", ["colour=dark red"]),
        ("red | blue|green", ["colour=blue", "colour=green", "colour=red"]),
        (12, ["colour=12"]),
        (True, ["colour=true"]),
        (1.5, []),
        ("", []),
        ("a mug for all who like red", ["all", "for", "like", "mug", "red", "who"]),
        ("送给喜欢咖啡的人的杯子", sorted(tokens("送给喜欢咖啡的人的杯子"))),
    ],
)
def test_further_columns_are_attributes_or_text(value: object, made: list[str]) -> None:
    """Short strings, whole numbers and yes or no are attributes, `|` separates several, long strings are text, fractions are left out."""
    assert terms(colour=value) == made


@pytest.mark.parametrize("name", ["$1", "categories", "levels", "terms", "document", "price_$band"])
def test_any_column_name_will_do(name: str) -> None:
    """A further column may be called anything."""
    assert terms(**{name: "x|y"}) == [f"{name}=x", f"{name}=y"]


def test_texts_cannot_forge_terms() -> None:
    """The separator inside a value becomes a space."""
    assert terms(name=f"mug{FIELD}brand=acme") == ["acme", "brand", "mug"]


def test_documents_follow_the_features() -> None:
    """Documents come in the order of the numbering, also for products that no catalogue knows."""
    catalog = items({"item_id": "m", "name": "Mug"}, {"item_id": "b", "name": "Bean"})
    assert item_documents(catalog, item_features(PURCHASES, catalog)).to_list() == ["", "Bean", "Mug", ""]


def test_no_categories_have_no_levels() -> None:
    """A catalogue without categories gives an empty table."""
    assert category_levels(items({"item_id": "a"})["category"]).is_empty()
