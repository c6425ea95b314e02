"""``retrail run``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from retrail.cli.options import AsJson, DataFolder, ModelsDir, SiteFile
from retrail.cli.run_records import run_record
from retrail.cli.running import run_to_end, status_of
from retrail.page import LivePage
from retrail.pipeline import AnnotateSettings, Pipeline, RunSettings
from retrail.site import Site

app = typer.Typer(add_completion=False)


@app.command()
def run(
    site_file: SiteFile,
    data: DataFolder = None,
    models_dir: ModelsDir = None,
    realtime: Annotated[bool, typer.Option("--realtime", help="Recorded files at the pace of their clock.")] = False,
    gate: Annotated[bool, typer.Option("--gate/--no-gate", help="Skip frames in which nothing moved.")] = True,
    precision: Annotated[
        Literal["auto", "f32", "bf16"], typer.Option(help="What the networks compute in; auto: bf16 where it is fast.")
    ] = "auto",
    annotate: Annotated[
        Path | None,
        typer.Option(
            help="Write video here in which frame, boxes and identities belong to the same instant.",
            show_default=False,
        ),
    ] = None,
    blur: Annotated[bool, typer.Option("--blur/--no-blur", help="Blur heads in annotated video.")] = True,
    mosaic: Annotated[
        bool, typer.Option("--mosaic", help="With --annotate: one video with all cameras in step, beside each other.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Show it live on a page of this machine, in a browser.")] = False,
    port: Annotated[int, typer.Option(help="Port of that page; 0: a free one.", min=0, max=65535)] = 0,
    as_json: AsJson = False,
) -> None:
    """Read the site's cameras, log who was seen, decide who is who.

    Recorded files run to their end; live cameras run until Ctrl-C, which closes what is open and says what was kept.

    With --json, a run that an error ends (no camera could be opened, a model is missing) prints no object; the error
    stream says why. A run that lost some of its cameras prints one. The exit status of both is 1.
    """
    if mosaic and annotate is None:
        raise typer.BadParameter("--mosaic goes with --annotate DIR, which says where the video is written")
    site = Site.load(site_file, data=data)
    annotated = None if annotate is None else AnnotateSettings(annotate, blur, mosaic)
    settings = RunSettings(
        models_dir=models_dir, precision=precision, realtime=realtime, gated=gate, annotate=annotated
    )
    page = LivePage(site, blur=blur) if show else None
    pipeline = Pipeline(site, settings, watch=None if page is None else page.watch)
    summary = run_to_end(pipeline, page, port)
    if as_json:
        print(run_record(summary).model_dump_json())
    raise typer.Exit(status_of(summary, pipeline))
