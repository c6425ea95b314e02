"""The command ``retrail``: one module a command. Parses, calls, prints, returns its status."""

import sys

import typer

from retrail.cli import models
from retrail.cli.check import check
from retrail.cli.demo import demo
from retrail.cli.forget import forget
from retrail.cli.replay import replay
from retrail.cli.report import ReportCommand, report
from retrail.cli.run import run
from retrail.core.errors import RetrailError

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="retrail",
    help="Who came, where they went and how long they stayed, across cameras, without knowing who anybody is.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """Options before the command: none so far."""


app.command()(check)
app.command()(run)
app.command(cls=ReportCommand)(report)
app.command()(replay)
app.command()(forget)
app.command()(demo)
app.add_typer(models.app, name="models")


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
