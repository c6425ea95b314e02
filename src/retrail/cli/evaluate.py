"""``retrail evaluate``: how good is a model, and is what a site says true?"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from retrail.cli.options import AsJson, DataFolder, ModelsDir, SiteFile
from retrail.zoo import find_card, locate

if TYPE_CHECKING:
    from retrail.simulate.labelled import Told

app = typer.Typer(help="How good is a model, and is what a site says true?", no_args_is_help=True)

_BATCH = 8

Model = Annotated[str, typer.Argument(help="Name of a model, as in `retrail models list`.", show_default=False)]


@app.command("site")
def judge_a_site(
    site_file: SiteFile,
    truth: Annotated[
        Path, typer.Option(help="Folder of truth (docs/truth.md), as `retrail simulate` writes it.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for evaluation.html, with pictures of the worst mistakes (heads blurred, but for simulations),"
            " and evaluation.json.",
            show_default=False,
        ),
    ] = None,
    data: DataFolder = None,
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """Judge what a run said of a shop: visitors, crossings, dwell, journeys and identities, against the truth."""
    from retrail.evaluate.site import evaluate_site  # the store's libraries are slow to import
    from retrail.evaluate.site_documents import site_record
    from retrail.evaluate.words import site_text
    from retrail.evaluate.writing import write_evaluation
    from retrail.simulate.traffic.logging import check_judged
    from retrail.simulate.truth import read_truth
    from retrail.site import Site

    site, happened = Site.load(site_file, data=data), read_truth(truth)
    check_judged(site, truth)
    score = evaluate_site(site, happened)
    if out is not None:
        for path in write_evaluation(score, happened, str(truth), out, models_dir=models_dir):
            print(f"wrote {path}", file=sys.stderr)
    print(site_record(score, str(truth)).model_dump_json() if as_json else site_text(score))


@app.command()
def retrieval(
    model: Model,
    data: Annotated[
        str,
        typer.Option(
            metavar="KIND:PATH",
            help="Labelled crops: market1501:FOLDER, or csv:FILE with file, person_id, camera_id and split (query or"
            " gallery); person 0 is a distractor; pictures beside it or in images.zip there.",
            show_default=False,
        ),
    ],
    normalise: Annotated[
        Literal["camera"] | None,
        typer.Option(help="camera: take off what all pictures of a camera have in common.", show_default=False),
    ] = None,
    shots: Annotated[
        Literal["single", "multi"],
        typer.Option(help="A query is one picture, or all of a person on a camera."),
    ] = "single",
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """Judge an encoder: are people found again by their looks? By the Market-1501 protocol."""
    from retrail.evaluate.documents import retrieval_record  # OpenVINO is slow to import
    from retrail.evaluate.judge import judge_encoder
    from retrail.evaluate.people import read_crops
    from retrail.runtime import open_network

    files = locate(find_card(model, "person-reidentification", models_dir), models_dir)
    crops = read_crops(data)
    network = open_network(files, batch=_BATCH)
    centre, pooled = normalise is not None, shots == "multi"
    try:
        with _progress("pictures") as told:
            score = judge_encoder(network, crops, centre=centre, pooled=pooled, told=told)
    finally:
        network.close()
    record = retrieval_record(score, model=model, data=data, centre=centre, pooled=pooled)
    if as_json:
        print(record.model_dump_json())
        return
    low, high = _percent(score.rank1_low), _percent(score.rank1_high)
    _table(
        f"{model} on {data}",
        (
            ("rank-1", _percent(score.rank1), f"95 % between {low} and {high}"),
            ("rank-5", _percent(score.rank5), ""),
            ("rank-10", _percent(score.rank10), ""),
            ("mAP", _percent(score.map), "mean average precision"),
            ("mINP", _percent(score.minp), "how far down the last match is"),
            ("queries", f"{score.queries}", f"{score.without_match} more have no match" if score.without_match else ""),
            ("gallery", f"{score.gallery}", ""),
        ),
    )


@app.command()
def detection(
    model: Model,
    images: Annotated[Path, typer.Option(help="Folder or zip file of pictures.", show_default=False)],
    boxes: Annotated[
        Path,
        typer.Option(
            help="CSV: file, x1_px, y1_px, x2_px, y2_px; is_crowd where there are crowds. A picture without a row shows"
            " nobody.",
            show_default=False,
        ),
    ],
    min_height: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Lower people are not judged; in shares of the picture's height.")
    ] = 0.2,
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """Judge a detector: are the people of a picture found, and nothing else?"""
    from retrail.evaluate.documents import detection_record  # OpenVINO is slow to import
    from retrail.evaluate.judge import judge_detector
    from retrail.runtime import open_network

    network = open_network(locate(find_card(model, "person-detection", models_dir), models_dir))
    try:
        with _progress("pictures") as told:
            score = judge_detector(network, images, boxes, min_height=min_height, told=told)
    finally:
        network.close()
    record = detection_record(score, model=model, images=str(images), boxes=str(boxes), min_height=min_height)
    if as_json:
        print(record.model_dump_json())
        return
    _table(
        f"{model} on {images}",
        (
            ("AP50", _percent(score.ap50), "average precision at an overlap of a half"),
            ("AP", _percent(score.ap), "at overlaps of 0.5 to 0.95"),
            ("recall at precision 90 %", _percent(score.recall_at_precision_90), ""),
            ("recall", _percent(score.recall), f"at the card's score, {score.score:g}"),
            ("precision", _percent(score.precision), f"at the card's score, {score.score:g}"),
            ("pictures of nobody that show a person", _percent(score.false_pictures), f"of {score.empty_pictures}"),
            ("people", f"{score.people}", f"in {score.pictures} pictures"),
        ),
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}".replace("%", " %")


def _table(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(title, style="bold", markup=False)
    listed = list(rows)
    wide = max(len(label) for label, _, _ in listed)
    for label, value, note in listed:
        console.print(f"  {label:<{wide}}  {value:>8}  {note}".rstrip(), markup=False)


@contextmanager
def _progress(what: str) -> Generator[Told]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
