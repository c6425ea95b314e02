"""The command ``retrail``: one module a command. Parses, calls, prints, returns its status."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from retrail import __version__
from retrail.core.errors import RetrailError

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = (
    "check",
    "run",
    "report",
    "replay",
    "forget",
    "demo",
    "simulate",
    "evaluate",
    "train",
    "export",
    "models",
)
"""In the order of ``--help``; each is the ``app`` of the module of its name."""


class Commands(TyperGroup):
    """Imports the module of a command when it is asked for: most need little of what the others need.

    (Contexts and commands are of the copy of Click inside Typer, which is not public.)
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return get_command(import_module(f"retrail.cli.{cmd_name}").app)


app = typer.Typer(
    name="retrail",
    cls=Commands,
    help="Who came, where they went and how long they stayed, across cameras, without knowing who anybody is.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"retrail {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """What stands before the command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit status.

    0 done, 1 failed (a :class:`RetrailError` goes to the error stream), 2 wrong use, 130 interrupted. A command that
    is done returns; one that has to say something else raises ``typer.Exit(status)``.

    Args:
        arguments: instead of those of the process.
    """
    try:
        app(args=arguments)
    except RetrailError as error:
        print(error, file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
