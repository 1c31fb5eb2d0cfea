"""The tables of the README that the code knows best; `python -m tests.readme_tables` writes them into it."""

from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path

from xsell.contract import flags, names, options
from xsell.data import answers, schema
from xsell.report import figures

README = Path(__file__).parent.parent / "README.md"
NAMED = tuple(value for value in vars(schema).values() if isinstance(value, schema.Table))
TABLES = (*NAMED, answers.ITEM_PAIRS, answers.AUDIENCE, schema.recommendations("MODEL"), schema.per_user("NAME"), schema.per_group("NAME"))


def file_table() -> str:
    """Every promised table with its key and columns."""
    lines = ["| file | key | columns |", "|---|---|---|"]
    for table in TABLES:
        columns = ", ".join(table.columns) + (", …" if table.extras else "")
        lines.append(f"| `{table.path}` | {', '.join(table.key)} | {columns} |")
    return "\n".join(lines)


def option_table() -> str:
    """Every option with its default, its meaning and the commands that take it."""
    lines = ["| option | default | meaning | commands |", "|---|---|---|---|"]
    for group in (f.name for f in fields(options.Settings)):
        takers = [name for name, groups in options.COMMANDS.items() if group in groups]
        kind = type(getattr(options.Settings(), group))
        lines += [_row(f, "all" if len(takers) == len(options.COMMANDS) else ", ".join(takers)) for f in fields(kind)]
    return "\n".join(lines)


def _row(field: "Field[object]", takers: str) -> str:
    flag: flags.Flag = field.metadata["flag"]
    plain = field.default is not None and not isinstance(field.default, (bool, tuple)) and field.default != ""
    choices = "" if all(word in flag.help for word in flag.choices) else f" ({', '.join(flag.choices)})"
    return f"| `{_spelling(field, flag)}` | {f'`{field.default}`' if plain else ''} | {flag.help}{choices} | {takers} |"


def _spelling(field: "Field[object]", flag: flags.Flag) -> str:
    if flag.argument:
        return flag.metavar
    named = any(name.startswith("--") for name in flag.names) or len(field.name) == 1
    words = (*flag.names, *(() if named else ("--" + field.name.replace("_", "-"),)))
    return f"{', '.join(words)} {flag.metavar}".strip()


def metric_table() -> str:
    """Every metric with its definition."""
    said = figures.conventions()
    return "\n".join(
        ["| metric | meaning |", "|---|---|", *(f"| `{name}` | {said[name]} |" for name in (*names.METRICS, *names.TRAITS, *names.ERRORS))]
    )


PARTS: dict[str, Callable[[], str]] = {"files": file_table, "options": option_table, "metrics": metric_table}


def filled(text: str) -> str:
    """Put every table between its two markers."""
    for name, table in PARTS.items():
        before, rest = text.split(f"<!-- {name} -->\n")
        after = rest.split("<!-- end -->", 1)[1]
        text = f"{before}<!-- {name} -->\n{table()}\n<!-- end -->{after}"
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
