"""``retrail demo``: the whole way, from video to the report, in one command."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from retrail.cli.demo_site import SITE_FILE, clip_folder, own_site, with_built_in
from retrail.cli.options import AsJson, ModelsDir
from retrail.cli.report import report
from retrail.cli.run_records import demo_record
from retrail.cli.running import run_to_end, status_of
from retrail.core.errors import SourceError
from retrail.evaluate.site import SiteScore, evaluate_site
from retrail.evaluate.site_documents import site_record
from retrail.evaluate.words import site_text
from retrail.pipeline import AnnotateSettings, Pipeline, RunSettings
from retrail.simulate.scenario import load_scenario
from retrail.simulate.truth import Truth
from retrail.simulate.writing import write_simulation
from retrail.site import Site

app = typer.Typer(add_completion=False)

SHOP = Path("out/demo")


@app.command()
def demo(
    source: Annotated[
        list[Path] | None, typer.Option(help="A clip of yours; once more for each further camera.", show_default=False)
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="Without --source: the shop that is simulated, a preset's name or a scenario file.")
    ] = "corner-shop",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Other people come to that shop at other times.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for everything that is written; default: out/demo, or out/clip/NAME of a clip.",
            show_default=False,
        ),
    ] = None,
    models_dir: ModelsDir = None,
    built_in: Annotated[
        bool, typer.Option("--built-in", help="Use Retrail's own models, whatever else is on the machine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do it all with a simulated shop, whose truth is known, or with clips of yours: run, report page, video.

    Models: the strongest on the machine, as `retrail check` names them, or Retrail's own with --built-in.
    """
    out = out or (clip_folder(source) if source else SHOP)
    out.mkdir(parents=True, exist_ok=True)
    if source:
        site, truth = own_site(out, source), None
    else:
        site, truth = _simulated_site(out, scenario, seed)
    if built_in:
        site = with_built_in(site)
        print(f"models: {site.detector}, {site.encoder} (built in)", file=sys.stderr)
    settings = AnnotateSettings(out / "annotated", blur=truth is None, mosaic=len(site.cameras) > 1)
    pipeline = Pipeline(site, RunSettings(models_dir=models_dir, annotate=settings))
    summary = run_to_end(pipeline)
    status = status_of(summary, pipeline)
    if (took := pipeline.took()) is not None:
        print(f"run: {took.run_s:.0f} s; annotated video: {took.annotate_s:.0f} s", file=sys.stderr)
    files, score = _report(site, out, pipeline, truth) if status == 0 else ([out / site.path.name], None)
    for path in files:
        if path.suffix != ".html":  # the report has said so itself
            print(f"wrote {path}", file=sys.stderr)
    if as_json:
        record = None if score is None else site_record(score, str(out / "truth"))
        print(demo_record(summary, files, record).model_dump_json())
    raise typer.Exit(status)


def _report(site: Site, out: Path, pipeline: Pipeline, truth: Truth | None) -> tuple[list[Path], SiteScore | None]:
    """Print what was found, beside the truth where it is known, and write the page."""
    page = out / "report.html"
    score = None
    if truth is None:
        report(site.path)
    else:
        score = evaluate_site(site, truth)
        print(site_text(score))
    report(site.path, html=str(page))
    return [out / site.path.name, page, *(clip.path for clip in pipeline.clips())], score


def _simulated_site(out: Path, scenario: str, seed: int | None) -> tuple[Site, Truth]:
    """Simulate the shop; what an earlier demo found out about another one is let go, but not about a user's clips."""
    if (out / SITE_FILE).exists():
        raise SourceError("The folder is that of a demo of clips", where=str(out), hint="give another --out")
    began = time.monotonic()
    columns = (TextColumn("simulating {task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(scenario, total=None)
        written = write_simulation(
            load_scenario(scenario),
            out,
            seed=seed,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    site = Site.load(written.site)
    if site.data.is_dir():
        shutil.rmtree(site.data)
    people = len(written.truth.people or ())
    print(
        f"simulated {scenario}: {len(site.cameras)} cameras, {people} people; {time.monotonic() - began:.0f} s",
        file=sys.stderr,
    )
    return site, written.truth
