"""``retrail check``: everything a run needs, looked at before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from retrail.cli.options import DataFolder, ModelsDir, SiteFile
from retrail.pipeline.checkup import PATIENCE_S, Finding, check_site
from retrail.site import Site

app = typer.Typer(add_completion=False)

MARKS = {"good": ("ok", "green"), "poor": ("poor", "yellow"), "bad": ("BAD", "bold red")}


@app.command()
def check(
    site_file: SiteFile,
    data: DataFolder = None,
    models_dir: ModelsDir = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the pictures; without it, check in the data folder.", show_default=False
        ),
    ] = None,
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds that one camera may take.")] = PATIENCE_S,
) -> None:
    """Look at everything a run needs, and say what is good enough.

    Models: the right kind, allowed, verified. Every camera: opened, people's height, blur and light judged against
    what the models need, and one picture saved with zones and lines drawn and heads blurred. Links: possible, given
    when the cameras were on. The database: opens. The status is 1 if anything is BAD.
    """
    site = Site.load(site_file, data=data)
    console = Console(highlight=False, soft_wrap=True)
    headline = ""
    bad = 0
    for finding in check_site(site, out or site.data / "check", models_dir=models_dir, patience_s=patience):
        if headline != (headline := f"{finding.part} {finding.name}"):
            console.print(headline, style="bold", markup=False)
        console.print(_line(finding))
        bad += finding.level == "bad"
    if bad:
        raise typer.Exit(1)


def _line(finding: Finding) -> Text:
    word, style = MARKS[finding.level]
    line = Text.assemble(("  " + word.ljust(5), style), finding.what)
    if finding.hint:
        line.append(f"\n       to do: {finding.hint}", style="dim")
    return line
