"""The command ``retrail``: one module a command. Parses, calls, prints, returns its status."""

import sys

import typer

app = typer.Typer(name="retrail", no_args_is_help=True, add_completion=True, help=__doc__)


def main() -> None:
    """Run the command and leave with its exit status."""
    sys.exit(app())
