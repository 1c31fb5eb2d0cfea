"""`xsell clean`: read the user's files and write the clean tables."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from xsell.contract.options import Clean, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report
from xsell.contract.wording import many
from xsell.data.rawtable import STDIN, RawTable
from xsell.data.schema import CLEANED, INTERACTIONS, ITEMS, NO_PRODUCTS, REJECTS, SEARCHES, USERS, Table
from xsell.errors import UsageError
from xsell.files.raw import read_raw
from xsell.files.workspace import Workspace
from xsell.prep.account import Account, require_some
from xsell.prep.catalog import clean_items, combine
from xsell.prep.cleaning import Events, clean_events
from xsell.prep.columns import LEVEL, bare, check_map, lone_baskets, parse_map
from xsell.prep.customers import clean_users, combine_users
from xsell.prep.dates import check_zone
from xsell.prep.diary import Diary
from xsell.prep.levels import over
from xsell.prep.merging import Cleaned
from xsell.prep.products import BOOKING, ODD, no_products, of_goods, warn_bookings, warn_no_products
from xsell.prep.ratings import parse_scale
from xsell.prep.search_log import clean_searches
from xsell.prep.spelling import as_in
from xsell.prep.stacking import rejects
from xsell.prep.vocabulary import COLUMNS

CLEANERS = {"users": clean_users, "searches": clean_searches}
Raws = Mapping[str, Sequence[RawTable]]
Tables = Sequence[tuple[Table, pl.DataFrame]]
PARTS = 4
MOST_NAMED = 3
CATEGORIES = {bare(name) for name in COLUMNS["category"].split()}
SORTED = {"items": ["item_id"], "users": ["user_id"], "searches": ["user_id", "at", "query"]}


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Clean the files that the settings name.

    Args:
        workspace: Takes the clean tables.
        settings: Only the group `clean` is used.
        tell: Hears about the progress.

    Returns:
        How columns, dates and prices were read, what each rule did, and whether too many rows were refused.

    Raises:
        UsageError: No file or a wrong option was given.
        InputError: A file cannot be used.
    """
    options, diary = settings.clean, Diary()
    raws = _read(options, tell)
    tell("cleaning the catalogue and events", 1, PARTS)
    catalog = {"items": clean_items(raws["items"], of_goods(raws["events"], options), diary)} if raws["items"] else {}
    events = clean_events(raws["events"], _of_baskets(raws["events"], options, diary), diary)
    require_some(events.ledger, raws["events"])
    tell("cleaning the other tables", 2, PARTS)
    others = catalog | {kind: clean(raws[kind], options, diary) for kind, clean in CLEANERS.items() if raws[kind]}
    spelt, odd_in = _spelt(others, events.interactions), str(workspace.root / NO_PRODUCTS)
    tables = _tables(raws, events, spelt, options.drop_items, odd_in, diary)
    tell("writing", 3, PARTS)
    account = _account(raws, events, others, diary)
    outputs = [workspace.write(table, frame) for table, frame in tables]
    outputs.append(workspace.write_json(CLEANED, account.details()))
    outputs.append(workspace.write_text(NO_PRODUCTS, no_products(options.drop_items, diary.lists.get(ODD, []))))
    tell("writing", PARTS, PARTS)
    return _report(settings, raws, account, {table.path: frame for table, frame in tables}, outputs)


def _read(options: Clean, tell: Tell) -> Raws:
    """Check the words of the call, then read all files."""
    if not options.events:
        raise UsageError("No file was named.", "Type the file of purchases, ratings or events: `xsell clean FILE`.")
    overrides = parse_map(options.map)
    check_zone(options.time_zone)
    parse_scale(options.rating_scale)
    named = {"events": options.events, "items": (options.items,), "users": (options.users,), "searches": (options.searches,)}
    paths = {kind: tuple(path for path in files if path) for kind, files in named.items()}
    if sum(path == STDIN for files in paths.values() for path in files) > 1:
        raise UsageError("Standard input can be read once only.", "Give the other tables as files.")
    raws: dict[str, list[RawTable]] = {kind: [] for kind in paths}
    for kind, files in paths.items():
        for path in files:
            tell(f"reading {'standard input' if path == STDIN else path}", 0, PARTS)
            raws[kind].append(read_raw(path))
    check_map(overrides, raws)
    return raws


def _of_baskets(raws: Sequence[RawTable], options: Clean, diary: Diary) -> Clean:
    """Take each basket as a customer of its own where nothing tells whose it is."""
    column = lone_baskets([raw.frame.columns for raw in raws], parse_map(options.map))
    if not column:
        return options
    diary.warn(
        "baskets-as-customers",
        f"No column names customers, so each {column} is taken as a customer of its own, who comes once; --map user_id=COLUMN names them.",
    )
    return replace(options, map=(*options.map, f"user_id={column}"))


def _spelt(others: Mapping[str, Cleaned], interactions: pl.DataFrame) -> dict[str, Cleaned]:
    """Spell the ids of the other tables as the events do."""
    found = {}
    for kind, other in others.items():
        field = "item_id" if kind == "items" else "user_id"
        frame = other.frame.with_columns(as_in(other.frame[field], interactions[field]))
        found[kind] = other._replace(frame=frame.sort(SORTED[kind]))
    return found


def _tables(raws: Raws, events: Events, others: Mapping[str, Cleaned], globs: Sequence[str], odd_in: str, diary: Diary) -> Tables:
    items = combine(others["items"].frame if "items" in others else None, events.items, diary)
    users = combine_users(others["users"].frame if "users" in others else None, events.users, diary)
    searches = others["searches"].frame if "searches" in others else pl.DataFrame(schema=dict(SEARCHES.columns))
    warn_bookings(events.ledger.rejected.get(BOOKING, 0), globs, diary)
    warn_no_products(items, events.items["item_id"], globs, odd_in, diary)
    _warn_of_lacks(events.interactions, items, diary)
    if "items" in others:
        _say_levels(others["items"], diary)
    refused = {"events": events.refused, **{kind: other.refused for kind, other in others.items()}}
    bad = pl.concat([rejects(raws[kind], rows) for kind, rows in refused.items()]).sort("file", "line", "reason")
    return ((INTERACTIONS, events.interactions), (ITEMS, items), (USERS, users), (SEARCHES, searches), (REJECTS, bad))


def _account(raws: Raws, events: Events, others: Mapping[str, Cleaned], diary: Diary) -> Account:
    return Account(
        {"events": events.ledger, **{kind: other.ledger for kind, other in others.items()}},
        {"events": events.readings, **{kind: other.readings for kind, other in others.items()}},
        diary,
        events.scale,
        [note for kind in raws.values() for raw in kind for note in raw.notes],
    )


def _report(settings: Settings, raws: Raws, account: Account, tables: Mapping[str, pl.DataFrame], outputs: Sequence[FileFact]) -> Report:
    interactions, items = tables[INTERACTIONS.path], tables[ITEMS.path]
    return Report(
        "clean",
        sentences=(account.summary(), _known(interactions, items), *account.notes, *account.diary.sentences),
        brief=_brief(account, interactions, items),
        grids=account.grids(),
        counts=account.counts() | {"users": interactions["user_id"].n_unique(), "items": items.height},
        warnings=tuple(account.diary.warnings),
        inputs=tuple(raw.fact for kind in raws.values() for raw in kind),
        outputs=tuple(outputs),
        details={"ratings": account.details()["ratings"]},
        next_step="xsell train",
        failed_gate=account.gate(settings.clean.max_rejected),
    )


def _known(interactions: pl.DataFrame, items: pl.DataFrame) -> str:
    """Say what there is."""
    users = many(interactions["user_id"].n_unique(), "customer")
    filed = items["category"].drop_nulls().len()
    return f"{users} and {many(items.height, 'product')}, {filed:,} of them with a category{_span(interactions, 'from ')}."


def _span(interactions: pl.DataFrame, word: str = "") -> str:
    days = interactions.select(pl.col("at").min().alias("low"), pl.col("at").max().alias("high")).cast(pl.Date).cast(pl.String).row(0)
    return f", {word}{days[0]} to {days[1]}" if days[0] else ""


def _brief(account: Account, interactions: pl.DataFrame, items: pl.DataFrame) -> str:
    """Say the same in few words, and from which columns it comes: the first thing to look at where results are odd."""
    columns = account.columns("user_id", "item_id", "at")
    book = account.ledgers["events"]
    users, products = many(interactions["user_id"].n_unique(), "customer"), many(items.height, "product")
    span = f"{_span(interactions)}{columns.get('at', '')}"
    return f"{book.kept:,} of {many(book.read, 'row')}, {users}{columns['user_id']}, {products}{columns['item_id']}{span}"


def _warn_of_lacks(interactions: pl.DataFrame, items: pl.DataFrame, diary: Diary) -> None:
    """Say what categories and times would add where there are none."""
    filed, timed = (bool(column.count()) for column in (items["category"], interactions["at"]))
    if not filed:
        diary.warn(
            "no-categories",
            f"No product has a category, so every product may be offered; {_missed(items)} "
            "would turn offers to categories that are new to the customer.",
        )
    if not timed:
        hidden = "whole categories" if filed else "products at random"
        diary.warn(
            "no-timestamps",
            f"No event has a time, so `evaluate` hides {hidden}; a column of times (--map at=COLUMN) would let it judge on what came later.",
        )


def _say_levels(catalog: Cleaned, diary: Diary) -> None:
    """Say that another column of the catalogue is a level of its categories, and how both become paths."""
    column = next((reading.column for reading in catalog.readings if reading.field == "category"), "")
    others = [name for name in catalog.frame.columns if name != "category" and bare(name) in CATEGORIES]
    if column and LEVEL not in column and (found := over(catalog.frame, others)):
        where = f"Column {found[0]} is a level {'above' if found[1] else 'below'} {column}"
        diary.say(f"{where}: --map {_path(column, *found)} makes paths of both.")


def _path(column: str, other: str, above: bool) -> str:
    """Write what --map makes a path of two columns with."""
    return shlex.quote(f"category={LEVEL.join((other, column) if above else (column, other))}")


def _missed(items: pl.DataFrame) -> str:
    """Name the columns of words in the catalogue that could be categories and were not read as such."""
    words = [column for column, kind in items.schema.items() if kind == pl.String and column not in ITEMS.columns]
    if not words:
        return "a column of categories, here or in a catalogue (--items),"
    first, *others = words[:MOST_NAMED]
    found = over(items.select(pl.col(first).alias("category"), *others), others)
    column = _path(first, *found) if found else shlex.quote(f"category={first}")
    return f"if {' or '.join(words[:MOST_NAMED])} holds categories, --map {column}"
