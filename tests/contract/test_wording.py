"""Numbers with their nouns."""

from xsell.contract.wording import many


def test_one_is_not_many() -> None:
    """One takes the singular, every other number the plural, with a comma between thousands."""
    assert [many(number, "customer") for number in (0, 1, 2, 1234)] == ["0 customers", "1 customer", "2 customers", "1,234 customers"]
    assert many(2, "item looks", "items look") == "2 items look"
