"""Lists of offers in words."""

from xsell.report import lists as words

COUNTS = {
    "customers": 3,
    "rows": 5,
    "without_a_list": 1,
    "short_lists": 1,
    "not_in_the_data": 1,
    "short_by_scope": 2,
    "short_by_rules": 0,
    "short_by_caps": 0,
    "short_by_scores": 0,
    "listed_items_not_in_the_data": 0,
    "short_by_history": 0,
    "by_profile": 0,
    "by_popularity": 0,
    "by_trend": 0,
    "items_without_category": 1,
}


def test_what_there_is_one_of_is_in_the_singular() -> None:
    """One list, customer or product takes the singular, and what did not happen is not said."""
    said = " ".join(
        (
            *words.made(
                COUNTS,
                10,
                ["lists.csv"],
                {"scope": "new", "model": "hybrid", "window_days": 44.0, "popular_since": None, "popular_alone": False},
                "auto",
            ),
            *(warned.message for warned in words.lacks(COUNTS)),
        )
    )
    assert "Made 2 lists of up to 10 products, 5 rows, in lists.csv." in said
    assert "1 customer has no list" in said
    assert "1 list is shorter than 10" in said
    assert "1 of the customers asked for is not in the data" in said
    assert "1 product has no category; only scope any can offer it." in said
    assert "popularity" not in said
    assert [warned.code for warned in words.lacks(dict.fromkeys(COUNTS, 0))] == ["no-lists"]
    assert [*words.lacks(dict.fromkeys(COUNTS, 0) | {"rows": 1})] == []


def test_why_lists_are_short_is_said_once() -> None:
    """One cause stands behind what it caused, several are counted."""
    none = dict.fromkeys(COUNTS, 0)
    rules = none | {"without_a_list": 2000, "short_by_rules": 2000}
    assert [*words.lacking(rules, 10, "new")] == ["2,000 customers have no list, as rules hold back the rest."]
    both = none | {"without_a_list": 1, "short_lists": 3, "short_by_rules": 1, "short_by_scope": 3}
    assert [*words.lacking(both, 10, "any")] == [
        "1 customer has no list and 3 lists are shorter than 10: 3 for want of products that the customer does not have, 1 as rules hold back the rest."
    ]
    assert [*words.lacking(none, 10, "any")] == []


def test_a_score_says_what_it_means() -> None:
    """A score is a probability within a window where there is one, and an order where there is none."""
    assert "probability of taking the product up within 44 days" in words.meaning(44.2)
    assert "only orders" in words.meaning(None)
    assert "expected to give" in words.meaning(None, "ratings")


def test_lists_for_everybody_say_what_they_count() -> None:
    """A list for everybody says from which day on it counts, and never that the score is a probability."""
    details = {"scope": "new", "model": "hybrid", "window_days": 44.0, "popular_since": "2026-05-01", "popular_alone": False}
    trend = " ".join(words.made(COUNTS | {"by_trend": 2}, 10, ["lists.csv"], details, "trending"))
    assert "took up since 2026-05-01 than the time before" in trend
    popular = " ".join(
        words.made(COUNTS | {"by_popularity": 2}, 10, ["lists.csv"], details | {"popular_since": None, "popular_alone": False}, "popular")
    )
    assert "Popular is what most customers took up; the score is their share." in popular
    assert "probability" not in trend + popular
    alone = " ".join(words.made(COUNTS | {"by_popularity": 2}, 10, ["lists.csv"], details | {"popular_alone": True}, "auto"))
    assert "They hold what most customers have: hybrid goes by nothing else here. The score is their share." in alone
    assert "nothing is known of the customer" not in alone
    assert [warned.code for warned in words.untrendy(COUNTS | {"by_popularity": 2}, "trending")] == ["no-trend"]


def test_what_made_one_list_short_is_said() -> None:
    """Rules and caps are named, as whoever typed them can lift them, and so is what the scope leaves."""
    assert [*words.one(COUNTS | {"without_a_list": 0}, 3, "", "new", ["--where"])] == [
        "The list is shorter than 3, for want of products in categories new to the customer."
    ]
    capped = COUNTS | {"without_a_list": 0, "short_by_scope": 0, "short_by_caps": 1}
    assert [*words.one(capped, 3, "", "new")] == ["The list is shorter than 3, as caps are reached."]
    ruled = capped | {"without_a_list": 1, "short_lists": 0, "short_by_caps": 0, "short_by_rules": 1}
    assert [*words.one(ruled, 3, "", "new", ["--where", "--only"])] == [
        "There is no list, as rules hold back the rest.",
        "To get one, leave out --where and --only.",
    ]


def test_what_may_fill_an_empty_list_is_said() -> None:
    """The wider scope where there is one, and the rules that were typed; nothing where there is no way."""
    new = "There is no list, for want of products in categories new to the customer."
    assert [*words.one(COUNTS, 3, "", "new")] == [new, "To get one, try --scope any."]
    assert [*words.one(COUNTS, 3, "", "new", ["--where"])] == [new, "To get one, try --scope any or leave out --where."]
    assert [*words.one(COUNTS, 3, "", "any")] == ["There is no list, for want of products that the customer does not have."]
