"""Items that are no products: those the user names, and those that look like it."""

import re
import shlex
from collections.abc import Sequence

import polars as pl

from xsell.contract.wording import many
from xsell.prep.diary import Diary, some

IDLE = "drop-items-idle"
ODD = "looks like no product"
MOSTLY = 0.8
_WILD = re.compile(r"[*?]")
LONGEST = 12
SHOWN = 8
NO_PRODUCT = (
    r"(?i)^(?:(?:dotcom )?postage|post|carriage|delivery(?: charge| fee)?|shipping(?: fee| cost)?|freight|bank charges?|discount|manual|"
    r"(?:gift )?vouchers?|coupons?(?:\W.*)?|fuel|gasoline\W.*|samples?|adjust\w*|(?:amazon|service|handling) fee|fees?|deposit|commission|"
    r"tax|test|miscellaneous|gutschein|versand(?:kosten)?|pfand|rabatt)$"
)


def matches(item: pl.Expr, globs: Sequence[str]) -> pl.Expr:
    """Whether an item id is one of the patterns, in which `*` is any text and `?` any character."""
    wild = [_regex(glob) for glob in globs if _WILD.search(glob)]
    plain = item.is_in([glob for glob in globs if not _WILD.search(glob)])
    return plain | item.str.contains(f"(?s)^(?:{'|'.join(wild)})$") if wild else plain


def _regex(glob: str) -> str:
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")


def warn_unused(globs: Sequence[str], items: pl.Series, diary: Diary) -> None:
    """Tell which patterns match no item."""
    frame, there = items.to_frame("item_id"), set(items)
    idle = [
        glob
        for glob in globs
        if glob not in there and not (_WILD.search(glob) and frame.select(matches(pl.col("item_id"), [glob]).any()).item())
    ]
    if idle:
        diary.warn(IDLE, f"--drop-items {some(idle)} {'match' if len(idle) > 1 else 'matches'} no item.")


def warn_no_products(items: pl.DataFrame, used: pl.Series, file: str, diary: Diary) -> None:
    """
    Tell which items with events look like postage, discounts and the like; they stay in.

    Args:
        items: The catalogue.
        used: Ids of the items with events.
        file: Where `no_products` is kept.
        diary: Hears about it.
    """
    seen = items.filter(pl.col("item_id").is_in(used.implode()))
    item = pl.col("item_id")
    coded = bool(seen.select((item.str.contains(r"\d").mean() >= MOSTLY).fill_null(value=False)).item())
    odd_id = ~item.str.contains(r"\d") & (item.str.len_chars() <= LONGEST) & pl.lit(coded)
    main = pl.col("category").str.extract(r"([^>|]*?)\s*(?:\||$)")
    named = pl.any_horizontal(c.str.contains(NO_PRODUCT).fill_null(value=False) for c in (item, pl.col("name"), main))
    odd = seen.filter(odd_id | named)["item_id"].to_list()
    if odd:
        diary.lists[ODD] = odd
        what = f"{many(len(odd), 'item looks', 'items look')} like no product{'s' if len(odd) > 1 else ''}: {some(odd)}; "
        words = _typed(odd) if len(odd) <= SHOWN else shlex.quote(f"@{file}")
        diary.warn("looks-like-no-product", f"{what}--drop-items {words} would leave {'them' if len(odd) > 1 else 'it'} out.")


def no_products(globs: Sequence[str], odd: Sequence[str]) -> str:
    """Give the text of a file for --drop-items that leaves out what is left out already and what looks odd: with it the file stays as it is."""
    return "\n".join(("# What is no product or looks like none, for --drop-items", *sorted({*globs, *odd}), ""))


def _typed(ids: list[str]) -> str:
    text = ",".join(ids)
    return f'"{text}"' if re.search(r"[^\w,.-]", text) else text
