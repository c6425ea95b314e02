"""``retrail simulate``: a scripted shop with exact truth."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from retrail.cli.options import ModelsDir
from retrail.simulate.values import LARGEST_SEED

if TYPE_CHECKING:
    from retrail.simulate.scenario import Scenario

app = typer.Typer(add_completion=False)

_ENCODER = "person-reidentification-retail-0287"


@app.command()
def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            help="corner-shop, supermarket, rush, twins, outage or mall; or a scenario file (YAML).", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for site.yaml, truth/ and what follows.", show_default=False)],
    sightings: Annotated[
        bool,
        typer.Option(
            "--sightings/--video", help="sightings.parquet, without pixels, instead of video/; for days of traffic."
        ),
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, max=LARGEST_SEED, help="Other people at other times.", show_default=False)
    ] = None,
    crops: Annotated[
        Path | None,
        typer.Option(
            help="With --sightings: looks of real people, a CSV of file, person_id, camera_id; with start_s and end_s"
            " their real timing too.",
            show_default=False,
        ),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help=f"With --crops: what embeds them, instead of {_ENCODER}.", show_default=False)
    ] = None,
    models_dir: ModelsDir = None,
) -> None:
    """Play a scripted shop: a site file, video of each camera, and the truth about who was where."""
    from retrail.simulate.scenario import load_scenario  # numba is slow to import

    if crops is not None and not sightings:
        raise typer.BadParameter("--crops needs --sightings", param_hint="--crops")
    if encoder is not None and crops is None:
        raise typer.BadParameter("nothing is embedded without --crops", param_hint="--encoder")
    chosen = load_scenario(scenario)
    if sightings:
        _sightings(chosen, out, seed, crops, encoder or _ENCODER, models_dir)
    else:
        _video(chosen, out, seed)


def _video(scenario: Scenario, out: Path, seed: int | None) -> None:
    from retrail.simulate.writing import write_simulation

    with _progress() as told:
        written = write_simulation(scenario, out, seed=seed, progress=told)
    people, crossings = len(written.truth.people or ()), len(written.truth.crossings or ())
    print(f"{len(written.videos)} cameras, {people} people, {crossings} crossings")
    print(f"wrote {written.site}, {written.truth_folder} and {len(written.videos)} videos")
    print(f"next: retrail run {written.site}")


def _sightings(
    scenario: Scenario, out: Path, seed: int | None, crops: Path | None, encoder: str, models_dir: Path | None
) -> None:
    from retrail.simulate.traffic.crops import has_times
    from retrail.simulate.traffic.real import real_looks, write_real_timing
    from retrail.simulate.traffic.writing import write_sightings

    timed = crops is not None and has_times(crops)
    if timed and seed is not None:
        raise typer.BadParameter(
            f"{crops} says who was where when: nothing is left to chance. Leave out --seed, or start_s and end_s.",
            param_hint="--seed",
        )
    if crops is None:
        written = write_sightings(scenario, out, seed=seed)
    else:
        looks = real_looks(crops, encoder, models_dir)
        if timed:
            written = write_real_timing(scenario, out, looks)
        else:
            chosen = scenario.spec.seed if seed is None else seed
            written = write_sightings(scenario, out, seed=seed, looks=looks.appearance(chosen))
    print(f"{written.count} sightings of {len(written.truth.people or ())} people")
    if timed:
        date = scenario.spec.start.partition("T")[0]
        print(f"people, cameras and times are those of {crops}")
        print(f"of {scenario.name} nothing is taken but its day, {date}")
    print(f"wrote {written.site}, {written.sightings} and {written.truth_folder}")


@contextmanager
def _progress() -> Generator[Callable[[int, int], None], None, None]:
    """Told the frames done and how many there are; shown on a terminal alone."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("frames", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
