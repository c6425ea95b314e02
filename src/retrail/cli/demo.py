"""``retrail demo``: the whole way, from a clip to the report, in one command."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from retrail.cli.options import AsJson, ModelsDir
from retrail.cli.report import report
from retrail.cli.run_records import demo_record
from retrail.cli.running import run_to_end, status_of
from retrail.core.errors import SourceError
from retrail.pipeline import AnnotateSettings, Pipeline, RunSettings
from retrail.site import Site

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    source: Annotated[
        list[Path], typer.Option(help="A clip of yours; once more for each further camera.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Folder for everything that is written.")] = Path("out/demo"),
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """Do everything with a clip: site file, run, annotated video, report page."""
    for path in source:
        if not path.is_file():
            raise SourceError("There is no such clip", where=str(path), hint="give --source the path of a video file")
    out.mkdir(parents=True, exist_ok=True)
    site_file = out / "shop.yaml"
    _write_site(site_file, source)
    site = Site.load(site_file)
    pipeline = Pipeline(site, RunSettings(models_dir=models_dir, annotate=AnnotateSettings(out / "annotated")))
    summary = run_to_end(pipeline)
    status = status_of(summary, pipeline)
    page = out / "report.html"
    if status == 0:
        report(site_file)
        report(site_file, html=str(page))
    files = [site_file, *(clip.path for clip in pipeline.clips()), *([page] if status == 0 else [])]
    for path in files:
        print(f"wrote {path}", file=sys.stderr)
    if as_json:
        print(demo_record(summary, files).model_dump_json())
    raise typer.Exit(status)


def _write_site(path: Path, sources: list[Path]) -> None:
    """A site file as a user would write it; one that is there, perhaps with zones added, is left."""
    if path.exists():
        print(f"using {path} as it is", file=sys.stderr)
        return
    names = [re.sub(r"[^A-Za-z0-9_-]+", "-", source.stem).strip("-") or "camera" for source in sources]
    unique = [name if names.count(name) == 1 else f"{name}-{place + 1}" for place, name in enumerate(names)]
    lines = ["site: demo", "cameras:"]
    for name, source in zip(unique, sources, strict=True):
        lines.append(f"  {name}: {{source: {json.dumps(os.path.relpath(source, path.parent), ensure_ascii=False)}}}")
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
