"""The files of delivered lists, read: what was offered, what was taken up, and what is known of products and customers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from xsell.contract.options import Clean, Settings
from xsell.data.ids import numbering
from xsell.data.rawtable import STDIN, RawTable
from xsell.errors import InputError, UsageError
from xsell.files.raw import read_raw
from xsell.prep.catalog import clean_items, combine
from xsell.prep.cleaning import Events, clean_events
from xsell.prep.columns import check_map, parse_map
from xsell.prep.customers import clean_users, combine_users
from xsell.prep.delivered import Delivered, after, delivered
from xsell.prep.diary import Diary
from xsell.prep.heldout import border, wanted
from xsell.prep.spelling import as_in
from xsell.prep.weighting import ownership_events
from xsell.report import shipped as words

OWN = {"rank", "score", "because"}
"""Columns that together only lists of `recommend` have."""


@dataclass(frozen=True, slots=True)
class Read:
    """
    The files, read.

    Attributes:
        raws: The files as they came: the lists, the purchases, then the tables of products and customers where there are any.
        lists: The lists.
        events: The purchases.
        took: Pairs of a customer and a product taken up after the delivery, each once, spelled as in the lists.
        items: What is known of products, the columns of `ITEMS` and others; ids as in the lists.
        users: The same of customers, as `USERS`.
        diary: What there is to tell of the reading.
    """

    raws: tuple[RawTable, ...]
    lists: Delivered
    events: Events
    took: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    diary: Diary

    @property
    def products(self) -> pl.Series:
        """Ids of all products offered or taken up."""
        return numbering(self.lists.offers["item_id"], self.took["item_id"])


def read(settings: Settings) -> Read:
    """
    Read the files that the settings name.

    Args:
        settings: The groups `clean`, `fit` and `evaluate` are used.

    Raises:
        UsageError: Standard input is named twice, or `--map` names a column of no file.
        InputError: A file cannot be used.
    """
    options, diary = settings.clean, Diary()
    named = {
        "lists": settings.evaluate.recommendations,
        "events": settings.evaluate.against,
        "items": options.items,
        "users": options.users,
    }
    if list(named.values()).count(STDIN) > 1:
        raise UsageError("Standard input can be read once only.", "Give the other tables as files.")
    raws = {kind: [read_raw(path)] for kind, path in named.items() if path}
    if set(raws["events"][0].frame.columns) >= OWN:
        raise InputError(
            f"{settings.evaluate.against} holds lists, not purchases.",
            "Name the lists with --recommendations FILE, and what customers did then with --against FILE.",
        )
    check_map(parse_map(options.map), raws)
    lists = delivered(raws["lists"][0], options, diary)
    events = clean_events(raws["events"], replace(options, scale="none"), diary)
    items = combine(clean_items(raws["items"], options, diary).frame if "items" in raws else None, events.items, diary)
    users = combine_users(clean_users(raws["users"], options, diary).frame if "users" in raws else None, events.users, diary)
    offers = lists.offers
    return Read(
        tuple(raw for several in raws.values() for raw in several),
        lists,
        events,
        _took(events, lists, settings.fit.like),
        _spelt(items, "item_id", offers),
        _spelt(users, "user_id", offers),
        diary,
    )


def _spelt(table: pl.DataFrame, key: str, offers: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(as_in(table[key], offers[key])).unique(key, keep="first", maintain_order=True)


def _took(events: Events, lists: Delivered, like: float | None) -> pl.DataFrame:
    """Pairs of a customer and a product taken up after the delivery, spelled as in the lists."""
    offers, known = lists.offers, events.interactions
    spelt = known.with_columns(as_in(known[field], offers[field]) for field in ("user_id", "item_id"))
    later = after(spelt, offers).sort("user_id", "item_id", "at", "event", nulls_last=False)
    return wanted(later, ownership_events(later), border(like, events.scale))


def told(found: Read) -> Iterator[str]:
    """Say what was delivered, and what customers did."""
    lists, later, *_ = found.raws
    customers = found.lists.offers["user_id"].n_unique()
    yield from words.lists(lists, found.lists.columns, customers, {**found.lists.refused, "offered twice": found.lists.repeats})
    yield from (note for raw in found.raws for note in raw.notes)
    days = found.events.interactions["at"].drop_nulls().dt.strftime("%Y-%m-%d")
    yield words.against(later, found.took.height, days, found.events.ledger.rejected)


def too_many_refused(found: Read, options: Clean) -> str:
    """Say that more rows of the purchases were refused than allowed, or nothing."""
    share, limit = sum(found.events.ledger.rejected.values()) / found.events.ledger.read, options.max_rejected
    if limit is None or share <= limit:
        return ""
    return f"{share:.2%} of the rows of {found.raws[1].path} were rejected, more than the {limit:.2%} allowed"
