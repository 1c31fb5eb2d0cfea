"""Business rules from text to trees: a tokenizer and a parser of their own, so that nothing of the text is ever run as code."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xsell.contract.rules import KEYWORDS, Among, Both, Column, Compare, Either, Missing, Not, Operand, Rule, Value, shown
from xsell.errors import UsageError

LONGEST = 2_000
LONGEST_WORD = 200
LONGEST_NUMBER = 30
DEEPEST = 20
FLAG = "--where"
EXAMPLE = """Write it like --where "price <= 50 and category not in ('Alcohol', 'Tobacco') and user.age >= 18"."""
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?!\w))"
    r"|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<name>user\s*\.\s*(?:`[^`]+`|[^\W\d]\w*)|`[^`]+`|[^\W\d]\w*)"
    r"|(?P<mark>==|!=|<=|>=|<(?!>)|>|\(|\)|,)"
)
MEANT = {"=": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "~": "not"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, what it says, and at which character it starts."""

    kind: str
    text: str
    start: int


def parse(text: str) -> Rule:
    """
    Read a rule.

    Raises:
        UsageError: It is none; the sentence says where and why.
    """
    if len(text) > LONGEST:
        raise UsageError(f"{FLAG} has {len(text):,} characters, more than the {LONGEST:,} that are read.", EXAMPLE)
    return _Parser(list(_tokens(text))).whole()


def _refused(token: Token, why: str, hint: str = EXAMPLE) -> UsageError:
    said = token.text if len(token.text) <= LONGEST_NUMBER else f"{token.text[:LONGEST_NUMBER]}…"
    place = f"at {said!r} (character {token.start + 1})" if said else "at its end"
    return UsageError(f"{FLAG} cannot be read {place}: {why}.", hint)


def _tokens(text: str) -> Iterator[Token]:
    start = 0
    while start < len(text):
        found = TOKEN.match(text, start)
        if not found:
            raise _strange(text, start)
        kind, said = str(found.lastgroup), found[0]
        token = Token(kind, said, start)
        if kind == "name" and said.lower() in KEYWORDS:
            token = Token("word", said.lower(), start)
        if kind != "blank":
            yield _short(token)
        start = found.end()
    yield Token("end", "", len(text))


def _strange(text: str, start: int) -> UsageError:
    """Say what a sign that belongs to nothing might have been meant for."""
    if text[start] in "'\"`":
        return _refused(Token("", text[start:], start), "this quotation mark has no second one")
    number = re.match(r"[0-9][\w.]*", text[start:])
    if number:
        return _refused(Token("", number[0], start), "this is neither a number nor a name", "Names that start with a digit stand in `…`.")
    sign = next((sign for sign in MEANT if text.startswith(sign, start) and len(sign) == 2), text[start])
    if sign == ".":
        return _refused(Token("", sign, start), "a point stands in a number or after `user` only")
    hint = (
        f"Write {MEANT[sign]} instead." if sign in MEANT else "Names with other signs than letters, digits and _ stand in `…`, text in '…'."
    )
    return _refused(Token("", sign, start), "this sign has no meaning here", hint)


def _short(token: Token) -> Token:
    if len(token.text) > (LONGEST_NUMBER if token.kind == "number" else LONGEST_WORD):
        raise _refused(token, "this is too long")
    return token


class _Parser:
    """Reads tokens one by one, the weakest word first: or, and, not, comparison."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    def whole(self) -> Rule:
        if self.next.kind == "end":
            raise _refused(self.next, "it is empty")
        rule = self.either()
        if self.next.kind != "end":
            called = self.next.text == "(" and self.tokens[self.place - 1].kind == "name"
            raise _refused(self.next, "nothing can be called" if called else "here should be `and`, `or` or the end")
        return rule

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.next
        self.place += token.kind != "end"
        return token

    def met(self, *texts: str) -> bool:
        """Go past the next token if it is one of these words or marks."""
        found = self.next.kind in {"word", "mark"} and self.next.text in texts
        self.place += found
        return found

    def either(self) -> Rule:
        parts = self.joined("or", self.both)
        return parts[0] if len(parts) == 1 else Either(parts)

    def both(self) -> Rule:
        parts = self.joined("and", self.negated)
        return parts[0] if len(parts) == 1 else Both(parts)

    def joined(self, word: str, part: Callable[[], Rule]) -> tuple[Rule, ...]:
        parts = [part()]
        while self.met(word):
            parts.append(part())
        return tuple(parts)

    def negated(self) -> Rule:
        opening = self.next
        if not self.met("not", "("):
            return self.comparison()
        self.depth += 1
        if self.depth > DEEPEST:
            raise _refused(opening, f"more than {DEEPEST} brackets and `not` in each other")
        rule: Rule = Not(self.negated()) if opening.text == "not" else self.either()
        if opening.text == "(" and not self.met(")"):
            raise _refused(self.next, "the bracket has no end")
        self.depth -= 1
        return rule

    def comparison(self) -> Rule:
        start = self.next
        left, sign = self.operand(), self.next
        if isinstance(left, Column) and sign.text in {"is", "in", "not"} and sign.kind == "word":
            return self.asked(left)
        if not self.met(*COMPARISONS, "contains"):
            called = sign.text == "(" and isinstance(left, Column)
            raise _refused(sign, "nothing can be called" if called else f"here should be a comparison such as <= after {start.text}")
        right = self.operand()
        if self.next.text in COMPARISONS and self.next.kind == "mark":
            raise _refused(self.next, "a comparison has two sides; join two of them with `and`")
        if not isinstance(left, Column) and not isinstance(right, Column):
            raise _refused(start, "two values are compared with each other and no column")
        if sign.text == "contains" and not (isinstance(left, Column) and isinstance(right, str)):
            raise _refused(sign, "`contains` stands between a column and a text in '…'")
        return Compare(left, sign.text, right)

    def asked(self, column: Column) -> Rule:
        """What follows a column: [not] in (…), is [not] missing."""
        if self.met("is"):
            negated = self.met("not")
            if not self.met("missing"):
                raise _refused(
                    self.next, "here should be `missing`", f"Write {shown(column)} is missing, or {shown(column)} is not missing."
                )
            return Not(Missing(column)) if negated else Missing(column)
        negated = self.met("not")
        if not (self.met("in") and self.met("(")):
            raise _refused(self.next, "here should be `in (…)`", f"Write {shown(column)} in ('one', 'other').")
        rule = Among(column, tuple(self.listed()))
        return Not(rule) if negated else rule

    def listed(self) -> Iterator[Value]:
        while True:
            token, value = self.next, self.operand()
            if isinstance(value, Column):
                raise _refused(token, "a list holds numbers and texts in '…' only")
            yield value
            if self.met(")"):
                return
            if not self.met(","):
                raise _refused(self.next, "here should be a comma or the end of the list")

    def operand(self) -> Operand:
        token = self.take()
        if token.kind == "number":
            number = float(token.text)
            if not math.isfinite(number):
                raise _refused(token, "this number is too large")
            return number
        if token.kind == "text":
            return token.text[1:-1].replace(token.text[0] * 2, token.text[0])
        if token.kind != "name":
            raise _refused(token, "here should be a column, a number or a text in '…'")
        of_user = re.match(r"user\s*\.\s*", token.text)
        return Column((token.text[of_user.end() :] if of_user else token.text).strip("`"), bool(of_user))
