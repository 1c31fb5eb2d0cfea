"""
Words and weights: strings in, a TF-IDF matrix and its vocabulary out.

A document is text, then whole terms, with `FIELD` before each: `red mug␟brand=acme␟category=kitchen > mugs`. Text is split into words;
a term stays in one piece, so that the brand Apple is never the word apple.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

FIELD = "\x1f"
"""The unit separator of ASCII, which no text contains."""

_UNSPACED = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Hiragana and Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul: spaced, but its words grow endings
    "\u0e01-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"  # Thai and Lao
    "\u1000-\u103f\u1050-\u108f\u109a-\u109f\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17d3\u17d7\u17dc\u17dd"  # Khmer
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u0711\u0730-\u074a"
    "\u0900-\u0963\u0971-\u09fb\u0a00-\u0a75\u0a80-\u0aef\u0b00-\u0b77\u0b80-\u0bfa\u0c00-\u0c76\u0c80-\u0cf3\u0d00-\u0df3\u0f18\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f84\u0f90-\u0fbc\u200c\u200d"
)
"""Vowel signs and accents that belong to a word, though Python's word class leaves them out."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}{_UNSPACED}])+")
_PART = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Tfidf:
    """
    Weighted terms of some documents.

    Attributes:
        matrix: Documents × terms, float32 CSR with sorted indices, rows of length 1 (or empty), no stored zeros.
        terms: The vocabulary in the order of the columns, ascending.
        df: Number of documents with each term.
        idf: Weight of each term.
    """

    matrix: sp.csr_array
    terms: tuple[str, ...]
    df: NDArray[np.int64]
    idf: NDArray[np.float32]


def tfidf(documents: Sequence[str], idf: str) -> Tfidf:
    """
    Weigh the terms of documents by count × inverse document frequency and scale each document to length 1.

    Terms in a single document are left out, for they make nothing similar to anything and only shorten the other weights; where there are no
    others, they stay.

    Args:
        documents: Texts, with whole terms after `FIELD`; may be empty.
        idf: `classic` is ln(N/df) (Spärck Jones 1972), `smooth` is ln((1 + N)/(1 + df)) + 1; N counts all documents, empty ones too. Under
            `classic` a term of all documents weighs 0 and is stored nowhere in the matrix.
    """
    counts, terms = _count(documents)
    df = np.bincount(counts.indices, minlength=len(terms)).astype(np.int64)
    if (df > 1).any():
        common = np.flatnonzero(df > 1)
        counts, terms, df = counts[:, common], tuple(terms[place] for place in common), df[common]
    weight = _idf(df, len(documents), idf)
    return Tfidf(_unit_rows(counts, weight), terms, df, weight.astype(np.float32))


def tokens(document: str) -> list[str]:
    """
    Give the terms of a document, in its order, with repeats.

    Text is brought to one form (Unicode NFKC) and lower case; words are runs of letters, marks and digits, and single letters are left out. Chinese,
    Japanese, Korean, Thai, Lao, Khmer and Burmese text gives pairs of neighbouring characters (a lone one by itself).
    """
    plain = document.lower() if document.isascii() else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", document).lower())
    text, *whole = plain.split(FIELD)
    return _words(text) + [term for term in whole if term]


def _words(text: str) -> list[str]:
    if text.isascii():
        return [word for word in _ASCII_WORD.findall(text) if len(word) > 1 or word.isdigit()]
    return [part for word in _WORD.findall(text) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if not _IS_UNSPACED.search(word):
        return [word] if len(word) > 1 or word.isdigit() else []
    return [piece for run in _PART.findall(word) for piece in _pairs(run)]


def _pairs(run: str) -> list[str]:
    if len(run) == 1 or not _IS_UNSPACED.match(run):
        return [run]
    return [run[start : start + 2] for start in range(len(run) - 1)]


def _count(documents: Sequence[str]) -> tuple[sp.csr_array, tuple[str, ...]]:
    """Count the terms of every document: float64 CSR with ascending terms as columns."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    found = [[index[token] for token in tokens(document)] for document in documents]
    indptr = np.r_[0, np.cumsum([len(row) for row in found], dtype=np.int64)]
    column = np.fromiter(chain.from_iterable(found), np.int64, int(indptr[-1]))
    terms = sorted(index)
    place = np.empty(len(terms), np.int64)
    place[[index[term] for term in terms]] = np.arange(len(terms))
    counts = sp.csr_array((np.ones(len(column)), place[column], indptr), shape=(len(documents), len(terms)))
    counts.sum_duplicates()
    return counts, tuple(terms)


def _idf(df: NDArray[np.int64], n: int, kind: str) -> NDArray[np.float64]:
    if kind == "smooth":
        return np.log((1 + n) / (1 + df)) + 1
    return np.log(n / df)


def _unit_rows(counts: sp.csr_array, weight: NDArray[np.float64]) -> sp.csr_array:
    weighted = counts @ sp.diags_array(weight).tocsr()
    weighted.eliminate_zeros()
    weighted.sort_indices()
    length = np.sqrt(weighted.power(2).sum(axis=1))
    data = weighted.data / np.repeat(length, np.diff(weighted.indptr))
    return sp.csr_array(
        (data.astype(np.float32), weighted.indices.astype(np.int32), weighted.indptr.astype(np.int32)), shape=weighted.shape
    )
