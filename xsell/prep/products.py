"""Items that are no products: those the user names, and those that look like it."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from xsell.contract.options import Clean
from xsell.contract.wording import many
from xsell.data.rawtable import RawTable
from xsell.prep.columns import parse_map, recognise
from xsell.prep.diary import Diary, some

IDLE = "drop-items-idle"
ODD = "looks like no product"
BOOKING = "no product"
KEEP = "none"
"""What is typed among patterns to keep bookings that are no products."""
MOSTLY = 0.8
HALF = 0.5
LONGEST = 12
SHOWN = 8
BOOKINGS = {"item_id": pl.String, "label": pl.String}
_WILD = re.compile(r"[*?]")
_SURE = (
    r"(?:\w+ )?postage|(?:delivery|shipping|freight|handling|service|transaction|bank|amazon) ?(?:charge|fee|cost)s?|coupons?(?:/.*)?|"
    r"gasoline(?:[ -](?:reg|regular|mid|midgrade|prem|premium))?(?: unleaded)?|versandkosten|versandgebühren?"
)
_SURE_OF_NAMES = rf"{_SURE}|carriage|discount|rabatt|pfand"
BOOKED = {"name": rf"(?i)^(?:{_SURE_OF_NAMES})$", "category": rf"(?i)^(?:{_SURE})$"}
"""Names, and levels of categories, of what is booked with purchases and is no product in any shop."""
NO_PRODUCT = (
    rf"(?i)^(?:{_SURE_OF_NAMES}|post|delivery|shipping|freight|manual|(?:gift )?vouchers?|coupons?\W.*|fuel|gasoline\W.*|samples?|adjust\w*|"
    r"fees?|deposit|commission|tax|test|gutschein|versand)$"
)
VAGUE = r"(?i)^miscellaneous$"
"""A word that says nothing of goods where it is all that is said; beside another name or category it stands for other goods of the kind."""


def matches(item: pl.Expr, globs: Sequence[str]) -> pl.Expr:
    """Whether an item id is one of the patterns, in which `*` is any text and `?` any character."""
    wild = [_regex(glob) for glob in globs if _WILD.search(glob)]
    plain = item.is_in([glob for glob in typed(globs) if not _WILD.search(glob)])
    return plain | item.str.contains(f"(?s)^(?:{'|'.join(wild)})$") if wild else plain


def typed(globs: Sequence[str]) -> list[str]:
    """The patterns without the word that keeps what is no product."""
    return [glob for glob in globs if glob != KEEP]


def of_goods(raws: Sequence[RawTable], options: Clean) -> Clean:
    """Keep what bears the name of postage, fees and the like in a log that tells no prices: such are no bookings there, but perhaps films."""
    paid = any({"price", "total"} & recognise("events", raw.frame.columns, parse_map(options.map)).keys() for raw in raws)
    return options if paid else replace(options, drop_items=(*options.drop_items, KEEP))


def bookings(frame: pl.DataFrame, options: Clean) -> pl.DataFrame:
    """
    Find the items that are bookings and no products, by their names and categories: postage, fees, coupons, fuel at the pump.

    Args:
        frame: `item_id`, and `name` and `category` if they are known; rows of one item may differ.
        options: With `none` among `drop_items` there are none.

    Returns:
        Columns item_id and label, the name or level that says so; an item is one of them if that is what most of its rows say.
    """
    told = [column for column in BOOKED if column in frame.columns and KEEP not in options.drop_items]
    sure = {column: _booked(frame[column].unique().drop_nulls().cast(pl.String), BOOKED[column]) for column in told}
    if all(found.is_empty() for found in sure.values()):
        return pl.DataFrame(schema=BOOKINGS)
    said = pl.coalesce(
        pl.col(column).cast(pl.String).replace_strict(dict(found.iter_rows()), default=None) for column, found in sure.items()
    )
    doubtful = frame.filter(pl.col("item_id").is_in(frame.filter(said.is_not_null())["item_id"].unique().implode()))
    each = doubtful.group_by("item_id").agg(said.drop_nulls().mode().sort().first().alias("label"), share=said.is_not_null().mean())
    kept = ~matches(pl.col("item_id"), options.drop_items)
    return each.filter((pl.col("share") > HALF) & kept).sort("item_id").select(*BOOKINGS)


def _booked(cells: pl.Series, like: str) -> pl.DataFrame:
    """Names and categories that are, or have as a level of the main category, what is booked and no product; and what that is."""
    level = pl.element().str.strip_chars()
    found = cells.str.split("|").list.first().str.split(">").list.eval(pl.when(level.str.contains(like)).then(level))
    return pl.DataFrame({"cell": cells, "level": found.list.drop_nulls().list.first()}).drop_nulls()


def _regex(glob: str) -> str:
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")


def warn_unused(globs: Sequence[str], items: pl.Series, diary: Diary) -> None:
    """Tell which patterns match no item."""
    frame, there = items.to_frame("item_id"), set(items)
    idle = [
        glob
        for glob in typed(globs)
        if glob not in there and not (_WILD.search(glob) and frame.select(matches(pl.col("item_id"), [glob]).any()).item())
    ]
    if idle:
        diary.warn(IDLE, f"--drop-items {some(idle)} {'match' if len(idle) > 1 else 'matches'} no item.")


def warn_bookings(rows: int, globs: Sequence[str], diary: Diary) -> None:
    """Tell which items are left out because they are no products, and how to keep them beside the patterns typed."""
    if diary.bookings:
        names = list(dict.fromkeys(diary.bookings.values()))
        what = f"{many(rows, 'row')} of {many(len(diary.bookings), 'item')} that {'is' if len(diary.bookings) == 1 else 'are'} no product"
        end = "s" if len(diary.bookings) > 1 else ""
        word = "none among the words of --drop-items" if globs else "--drop-items none"
        diary.warn("no-products", f"Left out {what}{end}: {some(names)}; {word} keeps {'them' if end else 'it'}.")


def warn_no_products(items: pl.DataFrame, used: pl.Series, globs: Sequence[str], file: str, diary: Diary) -> None:
    """
    Tell which items with events look like postage, discounts and the like; they stay in.

    Args:
        items: The catalogue.
        used: Ids of the items with events.
        globs: What was typed; what is to be typed instead holds it too.
        file: Where `no_products` is kept.
        diary: Hears about it.
    """
    seen = items.filter(pl.col("item_id").is_in(used.implode()))
    item = pl.col("item_id")
    coded = bool(seen.select((item.str.contains(r"\d").mean() >= MOSTLY).fill_null(value=False)).item())
    odd_id = ~item.str.contains(r"\d") & (item.str.len_chars() <= LONGEST) & pl.lit(coded)
    main = pl.col("category").str.extract(r"([^>|]*?)\s*(?:\||$)")
    named = [pl.when(cell.str.contains(NO_PRODUCT)).then(cell) for cell in (pl.col("name"), main, item)]
    path = pl.col("category").str.extract(r"^([^|]*?)\s*(?:\||$)")
    vague = pl.all_horizontal(cell.str.contains(VAGUE).fill_null(value=True) for cell in (pl.col("name"), path))
    said = pl.coalesce("name", path, item)
    named.append(pl.when(vague & said.str.contains(VAGUE)).then(said))
    found = seen.select(item, label=pl.coalesce(*named, pl.when(odd_id).then(item))).filter(pl.col("label").is_not_null())
    odd = found["item_id"].to_list()
    if odd:
        diary.lists[ODD] = odd
        names = found.group_by("label").len().sort(["len", "label"], descending=[True, False])["label"].to_list()
        what = f"{many(len(odd), 'item looks', 'items look')} like no product{'s' if len(odd) > 1 else ''}: {some(names)}; "
        words = _words(globs, odd, file)
        diary.warn("looks-like-no-product", f"{what}--drop-items {words} would leave {'them' if len(odd) > 1 else 'it'} out.")


def _words(globs: Sequence[str], odd: Sequence[str], file: str) -> str:
    """Give what to type to leave out what looks odd beside what was typed; the file holds both, but for the word that keeps."""
    if len(globs) + len(odd) <= SHOWN:
        text = ",".join([*globs, *odd])
        return f'"{text}"' if re.search(r"[^\w,.-]", text) else text
    return shlex.quote(f"{KEEP},@{file}" if KEEP in globs else f"@{file}")


def no_products(globs: Sequence[str], odd: Sequence[str]) -> str:
    """Give the text of a file for --drop-items that leaves out what is left out already and what looks odd: with it the file stays as it is."""
    return "\n".join(("# What is no product or looks like none, for --drop-items", *sorted({*typed(globs), *odd}), ""))
