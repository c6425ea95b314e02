"""``retrail export``: a trained run as a model that a site can name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from retrail.cli.train import DATA, require_training
from retrail.zoo import find_card, is_packaged

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

app = typer.Typer(add_completion=False)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a training run.", show_default=False)],
    to: Annotated[Literal["openvino", "onnx"], typer.Option("--to", help="What kind of file.")] = "openvino",
    out: Annotated[
        Path, typer.Option("--out", help="Models folder; the model gets a folder of its name there.")
    ] = Path("models"),
    name: Annotated[str | None, typer.Option(help="Of the model; default: the run's.", show_default=False)] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Folder or zip of real pictures to check the export on.", show_default=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            envvar=DATA,
            help="Folder of data sets: without --pictures, those of the recipe are taken.",
            show_default=False,
        ),
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(help="YAML with words for the card: summary, licence, cuts, …", show_default=False),
    ] = None,
) -> None:
    """Write a run's averaged weights as OpenVINO (16 bit) or ONNX, with a card, and check it against the net."""
    chosen = run.resolve().name if name is None else name
    _check_name(chosen)
    require_training()
    from retrail.train.publish import publish  # torch is slow to import

    done = publish(run, chosen, out, to, pictures=pictures, data=data, words=card)
    print(f"written: {done.network}\ncard: {done.card}\nparity with the net: {done.parity.said}, on {done.checked}")
    if done.left_out:
        print(f"left out of the card: {done.left_out}")
    made = find_card(chosen, models_dir=out)
    encoder = made.task == "person-reidentification"
    print(f"judge it: retrail evaluate {'retrieval' if encoder else 'detection'} {chosen} --models-dir {out} …")
    where = f"with --models-dir {out}, or RETRAIL_MODELS={out.resolve()}"
    print(f"use it: models: {{{'encoder' if encoder else 'detector'}: {chosen}}} in a site, {where}")
    if encoder and not made.cuts:
        print("it has no cuts: a site that uses it needs mode: NUMBER, or give the cuts in --card (benchmarks/cuts.py)")


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        allowed = "letters, digits, . _ -, the first a letter or a digit"
        raise typer.BadParameter(f"{name!r} is no name for a model; allowed: {allowed}. Give --name NAME")
    if is_packaged(name):
        raise typer.BadParameter(f"Retrail has a card of the name {name} already. Give another --name")
