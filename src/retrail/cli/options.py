"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SiteFile = Annotated[Path, typer.Argument(help="The site file (YAML).", show_default=False)]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Data folder instead of the site file's.", show_default=False)
]
ModelsDir = Annotated[
    Path | None,
    typer.Option("--models-dir", help="Where model files are looked for first.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, last, on standard output.")]
