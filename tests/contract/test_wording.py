"""Numbers with their nouns, and names in a row."""

from xsell.contract.wording import listed, many


def test_one_is_not_many() -> None:
    """One takes the singular, every other number the plural, with a comma between thousands."""
    assert [many(number, "customer") for number in (0, 1, 2, 1234)] == ["0 customers", "1 customer", "2 customers", "1,234 customers"]
    assert many(2, "item looks", "items look") == "2 items look"


def test_names_in_a_row() -> None:
    """Names are parted by commas, the last one by an and."""
    assert [listed(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
