"""What the body of every command does: options together, then the job, then what it says."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand

from xsell.cli.sense import refuse
from xsell.cli.words import options, settings, signature

TYPED = {"COMMANDLINE", "ENVIRONMENT"}


def command(name: str, page: str) -> Callable[..., None]:
    """
    Make the function that Typer calls for a subcommand.

    Args:
        name: The subcommand.
        page: Its manual page; the first line is what `xsell --help` shows.
    """

    def body(ctx: typer.Context, **values: Any) -> None:
        work(ctx, name, values)

    body.__doc__ = page
    body.__signature__ = signature(name)  # type: ignore[attr-defined]  # inspect reads it
    return body


class Page(TyperCommand):
    """A command whose help names what stands for a value, and not the type that Python gives it."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, the positional ones without a type beside their name and `--help` without any."""
        found = super().get_params(ctx)
        for parameter in found:
            if isinstance(parameter, TyperArgument):
                parameter.display_type_rich = _untyped  # type: ignore[method-assign]
            elif parameter.name == "help":
                parameter.metavar = ""
        return found


def _untyped(ctx: Any) -> None:
    del ctx


def work(ctx: typer.Context, name: str, values: dict[str, Any]) -> None:
    """
    Run a command with what was typed, what the environment says and what the project file says, in this order of weight.

    Raises:
        XsellError: Whatever stopped it.
    """
    from xsell import job  # noqa: PLC0415  # help must stay light
    from xsell.cli.config import configured  # noqa: PLC0415
    from xsell.cli.desk import Desk  # noqa: PLC0415

    typed = {key: value for key, value in values.items() if source(ctx, key) in TYPED}
    chosen = {**configured(name, typed.get("config", "")), **typed}
    given = frozenset(f"{option.group}.{option.name}" for option in options(name) if option.name in chosen)
    wanted = settings(name, chosen)
    refuse(typed, wanted)
    desk = ctx.find_root().obj = Desk(name, wanted, placed=source(ctx, "workdir") == "COMMANDLINE")
    with desk.watcher:
        job.run(name, desk.settings, given, desk.watcher, desk.show, desk.run_id)
    desk.done()


def source(ctx: typer.Context, key: str) -> str:
    """Where the value of a parameter came from."""
    found = ctx.get_parameter_source(key)
    return found.name if found else ""
