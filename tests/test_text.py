"""TF-IDF against hand-made numbers, words of many scripts, and what must hold for all documents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.text import FIELD, tfidf, tokens

WORDS = st.sampled_from(["red", "blue", "mug", "cup", "茶", "杯子", f"{FIELD}brand=acme", ""])
DOCUMENTS = st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=12)
SHOP = ["red mug", "red red cup", "blue cup", "blue red lamp"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Red MUG, 24oz (set of 2) x", ["red", "mug", "24oz", "set", "of", "2"]),
        ("Café CRÈME", ["café", "crème"]),
        ("\uff21\uff22\uff23 \ufb01ne", ["abc", "fine"]),
        ("snake_case-word", ["snake", "case", "word"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("手机壳", ["手机", "机壳"]),
        ("茶", ["茶"]),
        ("iPhone手机", ["iphone", "手机"]),
        ("ﾃﾚﾋﾞ", ["テレ", "レビ"]),
        ("กาแฟ", ["กา", "าแ", "แฟ"]),
        ("한국 커피", ["한국", "커피"]),
        (f"mug{FIELD}brand=Acme Inc{FIELD}category=A > B", ["mug", "brand=acme inc", "category=a > b"]),
        (f"{FIELD}brand=acme", ["brand=acme"]),
        ("?! …", []),
        ("", []),
    ],
)
def test_words_of_many_scripts(text: str, words: list[str]) -> None:
    """Words come in one form and lower case, unspaced scripts as pairs of characters, whole terms in one piece."""
    assert tokens(text) == words


@pytest.mark.parametrize("idf", ["classic", "smooth"])
def test_weights_follow_the_formula(idf: str) -> None:
    """Count times inverse document frequency, then length 1, computed here term by term."""
    made = tfidf(SHOP, idf)
    df = {"blue": 2, "cup": 2, "red": 3}
    weight = {term: np.log(4 / n) if idf == "classic" else np.log(5 / (1 + n)) + 1 for term, n in df.items()}
    expected = np.array([[text.split().count(term) * weight[term] for term in df] for text in SHOP])
    assert made.terms == tuple(df)
    assert made.df.tolist() == list(df.values())
    np.testing.assert_allclose(made.idf, list(weight.values()), rtol=1e-6)
    np.testing.assert_allclose(made.matrix.toarray(), expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-6)


def test_a_term_of_a_single_document_is_left_out() -> None:
    """It makes nothing similar to anything, so `lamp` and `mug` are not in the vocabulary."""
    assert set(tfidf(SHOP, "smooth").terms) == {"blue", "cup", "red"}


def test_single_documents_keep_their_terms_where_there_are_no_others() -> None:
    """A vocabulary is not emptied."""
    assert tfidf(["red", "blue"], "classic").terms == ("blue", "red")


def test_a_term_of_every_document_weighs_nothing() -> None:
    """Under the classic weight it has no entry in the matrix at all."""
    made = tfidf(["red mug", "red mug", "red"], "classic")
    assert made.idf[made.terms.index("red")] == 0
    assert made.matrix.nnz == 2
    assert (made.matrix.data != 0).all()


@pytest.mark.parametrize("documents", [[], [""], ["", "?"]])
def test_nothing_to_read_gives_an_empty_matrix(documents: list[str]) -> None:
    """Without words there are rows but no columns."""
    made = tfidf(documents, "classic")
    assert made.matrix.shape == (len(documents), 0)
    assert made.terms == ()


@given(DOCUMENTS, st.sampled_from(["classic", "smooth"]))
def test_rows_have_length_one_or_are_empty(documents: list[str], idf: str) -> None:
    """Every row has length 1 or nothing, no stored zero, sorted columns, and the vocabulary ascends."""
    made = tfidf(documents, idf)
    length = np.sqrt(made.matrix.power(2).sum(axis=1))
    np.testing.assert_allclose(length[np.diff(made.matrix.indptr) > 0], 1, rtol=1e-5)
    assert (made.matrix.data > 0).all()
    assert made.matrix.dtype == np.float32
    assert made.matrix.indices.dtype == np.int32
    assert made.matrix.has_canonical_format
    assert list(made.terms) == sorted(set(made.terms))
    assert made.matrix.shape == (len(documents), len(made.terms)) == (len(documents), len(made.df))


@given(st.permutations(range(4)))
def test_the_order_of_documents_only_orders_rows(order: list[int]) -> None:
    """Documents in another order give the same rows in that order, bit by bit, and the same vocabulary."""
    made, moved = tfidf(SHOP, "classic"), tfidf([SHOP[place] for place in order], "classic")
    assert moved.terms == made.terms
    np.testing.assert_array_equal(moved.matrix.toarray(), made.matrix.toarray()[order])


@given(st.text(max_size=30))
def test_any_text_gives_clean_words(text: str) -> None:
    """Whatever is typed, words are not empty and hold neither spaces nor separators."""
    words = tokens(text.replace(FIELD, " "))
    assert all(word and not any(character.isspace() or character == FIELD for character in word) for word in words)


@given(st.lists(st.text("abc012", min_size=2, max_size=4)), st.sampled_from([" ", ", ", "-", " / ", "_"]))
def test_plain_words_come_back(words: list[str], between: str) -> None:
    """Words of letters and digits are found again, whatever stands between them."""
    assert tokens(between.join(words)) == words
