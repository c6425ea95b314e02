"""The command ``retrail``: one module a command. Parses, calls, prints, returns its status."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from retrail import __version__
from retrail.core.errors import RetrailError

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "check": "Look at everything a run needs, and say what is good enough.",
    "run": "Read the site's cameras, log who was seen, decide who is who.",
    "report": "Report who came, where they went and how long they stayed.",
    "replay": "Decide again who is who, from the log, under the site file as it is now. Reads no video.",
    "forget": "Erase every trace: from log, ledger and searches, with the pictures and videos Retrail wrote.",
    "demo": "Do it all with a simulated shop, whose truth is known, or with clips of yours: run, report page, video.",
    "simulate": "Play a scripted shop: a site file, video of each camera, and the truth about who was where.",
    "evaluate": "How good is a model, and is what a site says true?",
    "train": "Train a model by a recipe, or go on with a run that was stopped, as if it had never been.",
    "export": "Write a run's averaged weights as OpenVINO (16 bit) or ONNX, with a card, and check it against the net.",
    "models": "Models: what there is, where it is, bring it, check it.",
}
"""What ``retrail --help`` says of each, in its order; each is the ``app`` of the module of its name."""


class Commands(TyperGroup):
    """Imports the module of a command when that is run: most need little of what the others need, the list nothing.

    (Contexts and commands are of the copy of Click inside Typer, which is not public.)
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and command_of(str(name)), rest


def command_of(name: str) -> Any:
    """The command itself, with all that it needs imported."""
    return get_command(import_module(f"retrail.cli.{name}").app)


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
