"""``retrail models``: what there is, where it is, bring it, check it."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from retrail.cli.documents import as_text
from retrail.cli.options import AsJson, ModelsDir
from retrail.core.errors import ModelError
from retrail.zoo import (
    RECOMMENDED,
    Card,
    CardFile,
    ModelFiles,
    Task,
    add,
    cache_dir,
    find_card,
    is_published,
    locate,
    pull,
)
from retrail.zoo.fetch import Progress as FetchProgress
from retrail.zoo.listing import BrokenCard, ModelRow, ModelShown, model_list, model_row

if TYPE_CHECKING:
    from retrail.runtime.verify import Verification

app = typer.Typer(help="Models: what there is, where it is, bring it, check it.", no_args_is_help=True)

WIDTH = 160

ModelName = Annotated[str, typer.Argument(help="Name of a model, as in `retrail models list`.", show_default=False)]


@app.command("list")
def list_models(
    task: Annotated[Task | None, typer.Option(help="Only models for this task.", show_default=False)] = None,
    commercial: Annotated[bool, typer.Option("--commercial", help="Only what a commercial site may use.")] = False,
    here: Annotated[bool, typer.Option("--here", help="Only models on this machine.")] = False,
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """List the models that Retrail knows."""
    listed = model_list(models_dir, task=task, commercial=commercial, here=here)
    if as_json:
        print(as_text(listed))
    else:
        _console().print(_table(listed.models))
    _tell_broken(listed.broken)


@app.command()
def show(name: ModelName, models_dir: ModelsDir = None, as_json: AsJson = False) -> None:
    """Show a model's card, and where its files are."""
    card = find_card(name, models_dir=models_dir)
    row = model_row(card, models_dir)
    if as_json:
        print(as_text(ModelShown(card, row.path)))
        return
    console = _console()
    for label, text in _facts(card, row):
        console.print(f"[bold]{label}[/bold]", end="  ")
        console.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command("pull")
def pull_models(
    names: Annotated[list[str] | None, typer.Argument(help="Names of models.", show_default=False)] = None,
    recommended: Annotated[
        bool,
        typer.Option("--recommended", help="Detector and encoder that are stronger than the built-in ones."),
    ] = False,
    models_dir: ModelsDir = None,
) -> None:
    """Fetch models from where their owners publish them, and check them.

    They go to --models-dir, else to the user's cache. A broken download is carried on by the next try.
    """
    folder = models_dir or cache_dir()
    wanted: list[str] = [*(names or []), *(RECOMMENDED.values() if recommended else ())]
    if not wanted:
        raise ModelError("Nothing was named to fetch", hint="retrail models pull --recommended, or NAME ...")
    cards = [find_card(name, models_dir=models_dir) for name in wanted]
    for card in cards:
        with _progress() as progress:
            files, fetched = pull(card, folder, lambda file: _bar(progress, file))
        print(f"{card.name}: {'fetched and checked' if fetched else 'already there'}: {files.network}")
        if card.commercial_note:
            print(f"  licence: {card.licence}. {card.commercial_note}")


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of models; without any: all on this machine.", show_default=False)
    ] = None,
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """Check models on this machine: by checksum, and by what they say about a fixed picture."""
    # OpenVINO is slow to import: not for `list`.
    from retrail.runtime.verify import ModelsVerified
    from retrail.runtime.verify import verify as verify_files

    listed = None if names else model_list(models_dir, here=True)
    chosen = names or ([row.name for row in listed.models] if listed else [])
    results = [verify_files(locate(find_card(name, models_dir=models_dir), models_dir)) for name in chosen]
    if as_json:
        print(as_text(ModelsVerified(tuple(results))))
    else:
        for result in results:
            print(f"{result.name}: {_verdict(result)}")
    broken = listed.broken if listed else ()
    _tell_broken(broken)
    if broken or any(result.verdict == "differs" for result in results):
        raise typer.Exit(1)


@app.command("add")
def add_model(
    file: Annotated[Path, typer.Argument(help="Network: .xml (its .bin beside it) or .onnx.", show_default=False)],
    card: Annotated[str, typer.Option("--card", help="Name of the model that it is.", show_default=False)],
    models_dir: ModelsDir = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite another file that is there.")] = False,
) -> None:
    """Take a model file of your own: checked against the card, then copied to --models-dir or the user's cache."""
    from retrail.runtime import open_network
    from retrail.runtime.golden import check_golden

    weights = file.with_suffix(".bin") if file.suffix == ".xml" else None
    files = ModelFiles(find_card(card, models_dir=models_dir), file, weights)
    network = open_network(files)
    try:
        golden = check_golden(network)
    finally:
        network.close()
    added = add(files, models_dir or cache_dir(), replace=replace)
    print(f"{card}: {added.network}")
    if not is_published(files):
        print("  note: its inputs and outputs fit, but it is not a file that its owner published")
    if golden.state == "differs":
        print("  note: these are other weights than those of the card: its cuts and figures do not hold for them")


def _tell_broken(broken: Iterable[BrokenCard]) -> None:
    for card in broken:
        print(f"{card.name} is left out: {card.problem} ({card.where})", file=sys.stderr)


def _console() -> Console:
    """As wide as the terminal; wide enough for a row a line where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _table(rows: tuple[ModelRow, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("model", "for", "status", "commercial", "checked", "MB", "here"):
        table.add_column(title, justify="right" if title == "MB" else "left", no_wrap=title == "model")
    for row in rows:
        size = "" if row.size_bytes is None else f"{row.size_bytes / 1e6:.1f}"
        flags = ["yes" if flag else "no" for flag in (row.commercial, row.verified, row.path is not None)]
        table.add_row(row.name, row.task, row.status, flags[0], flags[1], size, flags[2])
    return table


def _facts(card: Card, row: ModelRow) -> Iterator[tuple[str, str]]:
    yield card.name, card.summary
    yield "for", f"{card.task} ({card.status})"
    yield "licence", f"{card.licence}; data: {card.data_licence}"
    yield "commercial", f"{'yes' if card.commercial else 'no'}: {card.commercial_note}"
    if card.input is not None:
        wanted = card.input
        norm = "" if not any(wanted.mean) else f", minus {wanted.mean}, by {wanted.scale}"
        yield "in", f"{wanted.width_px} x {wanted.height_px} {wanted.colour}{norm}, {wanted.resize}"
    if card.output is not None:
        size = f" of {card.output.dimension}" if card.output.dimension else ""
        yield "out", f"{card.output.head}{size}{f', `{card.output.name}`' if card.output.name else ''}"
    if card.cuts:
        yield "cuts", ", ".join(f"{mode} {cut:g}" for mode, cut in card.cuts.items())
    for mode, note in (card.cut_notes or {}).items():
        yield f"  {mode}", note
    for figure in card.figures:
        yield "figure", f"{figure.name}: {figure.value} ({figure.source})"
    if card.paper:
        yield "paper", card.paper
    yield "golden check", card.golden.recorded if card.golden else "unverified"
    for file in card.files:
        checksum = file.sha256 or file.sha384 or "no checksum"
        yield "file", f"{file.path}  {file.size_bytes or '?'} bytes  {checksum[:16]}  {file.url or 'no address'}"
    yield "here", row.path or "no"
    if card.note:
        yield "note", card.note


def _verdict(result: Verification) -> str:
    parts: list[str] = []
    for check in result.files:
        how = f" ({check.found}; published: {check.wanted})" if check.state == "differs" else ""
        parts.append(f"{check.path.name} {check.state}{how}")
    golden = result.golden
    if result.problem:
        parts.append(f"it cannot be opened: {result.problem}")
    elif golden is None:
        parts.append("weights only, not a network that can be opened")
    elif golden.cosine is None:
        parts.append(f"golden check: {'unverified' if golden.state == 'unverified' else 'another length'}")
    else:
        parts.append(f"golden check: {golden.state} (cosine {golden.cosine:.6f} in {golden.precision})")
    return f"{result.verdict}: {'; '.join(parts)}"


@contextmanager
def _progress() -> Generator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        yield progress


def _bar(progress: Progress, file: CardFile) -> FetchProgress:
    bar = progress.add_task(Path(file.path).name, total=file.size_bytes)

    def told(have_bytes: int, total_bytes: int | None) -> None:
        progress.update(bar, completed=have_bytes, total=total_bytes)

    return told
