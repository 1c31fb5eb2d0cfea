"""`xsell clean`: read the user's files and write the clean tables."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from xsell.contract.options import Clean, Common, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report
from xsell.data.rawtable import STDIN, RawTable
from xsell.data.schema import INTERACTIONS, ITEMS, REJECTS, SEARCHES, USERS, Table
from xsell.errors import UsageError
from xsell.files.raw import read_raw
from xsell.files.workspace import Workspace
from xsell.prep.account import Account, require_some
from xsell.prep.catalog import clean_items, combine
from xsell.prep.cleaning import Events, clean_events
from xsell.prep.columns import check_map, parse_map
from xsell.prep.customers import clean_users, combine_users
from xsell.prep.dates import check_zone
from xsell.prep.diary import Diary, many
from xsell.prep.merging import Cleaned
from xsell.prep.products import warn_no_products
from xsell.prep.ratings import parse_scale
from xsell.prep.search_log import clean_searches
from xsell.prep.stacking import rejects

REPORT = "clean/report.json"
"""Counts by rule, and how everything was read."""

CLEANERS = {"items": clean_items, "users": clean_users, "searches": clean_searches}
Raws = Mapping[str, Sequence[RawTable]]
Tables = Sequence[tuple[Table, pl.DataFrame]]
PARTS = 4


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Clean the files that the settings name.

    Args:
        workspace: Takes the clean tables.
        settings: Only the group `clean` is used, and the name of the working directory in what to type next.
        tell: Hears about the progress.

    Returns:
        How columns, dates and prices were read, what each rule did, and whether too many rows were refused.

    Raises:
        UsageError: No file or a wrong option was given.
        InputError: A file cannot be used.
    """
    options, diary = settings.clean, Diary()
    raws = _read(options, tell)
    tell("cleaning events", 1, PARTS)
    events = clean_events(raws["events"], options, diary)
    require_some(events.ledger, raws["events"])
    tell("cleaning the other tables", 2, PARTS)
    others = {kind: clean(raws[kind], options, diary) for kind, clean in CLEANERS.items() if raws[kind]}
    tables = _tables(raws, events, others, diary)
    tell("writing", 3, PARTS)
    account = _account(raws, events, others, diary)
    outputs = [workspace.write(table, frame) for table, frame in tables]
    outputs.append(workspace.write_json(REPORT, account.details()))
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


def _tables(raws: Raws, events: Events, others: Mapping[str, Cleaned], diary: Diary) -> Tables:
    items = combine(others["items"].frame if "items" in others else None, events.items, diary)
    users = combine_users(others["users"].frame if "users" in others else None, events.users, diary)
    searches = others["searches"].frame if "searches" in others else pl.DataFrame(schema=dict(SEARCHES.columns))
    warn_no_products(items, events.items["item_id"], diary)
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
    directory = settings.common.workdir
    return Report(
        "clean",
        sentences=(account.summary(), *_known(interactions, items), *account.notes, *account.diary.sentences),
        grids=account.grids(),
        counts=account.counts() | {"users": interactions["user_id"].n_unique(), "items": items.height},
        warnings=tuple(account.diary.warnings),
        inputs=tuple(raw.fact for kind in raws.values() for raw in kind),
        outputs=tuple(outputs),
        details={"ratings": account.details()["ratings"]},
        next_step="xsell train" if directory == Common().workdir else f"xsell train -w {directory}",
        failed_gate=account.gate(settings.clean.max_rejected),
    )


def _known(interactions: pl.DataFrame, items: pl.DataFrame) -> Iterator[str]:
    """Say what there is, and what more data would add."""
    at, filed = interactions["at"].drop_nulls(), items["category"].drop_nulls().len()
    users = many(interactions["user_id"].n_unique(), "customer")
    days = at.sort().dt.strftime("%Y-%m-%d")
    span = f", from {days[0]} to {days[-1]}" if len(days) else ""
    yield f"{users} and {many(items.height, 'item')}, {filed:,} of them with a category{span}."
    if lack := WITHOUT.get((bool(len(at)), bool(filed))):
        yield lack


TIMES = "a column of times (--map at=COLUMN)"
CATEGORIES = "a column of categories, in this file or in a catalogue given with --items,"
WITHOUT = {
    (
        False,
        False,
    ): f"Without times and categories every product may be offered, and `evaluate` splits at random: {TIMES} would let it judge on "
    f"later events, and {CATEGORIES} would turn offers to categories that are new to the customer.",
    (False, True): f"Without times `evaluate` hides categories: {TIMES} would let it judge on what customers did later.",
    (
        True,
        False,
    ): f"Without categories every product may be offered: {CATEGORIES} would turn offers to categories that are new to the customer.",
}
"""What to say where there are no times or no categories."""
