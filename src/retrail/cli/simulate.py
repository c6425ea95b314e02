"""``retrail simulate``: a scripted shop with exact truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from retrail.simulate.scenario import load_scenario
from retrail.simulate.writing import write_simulation

app = typer.Typer(add_completion=False)


@app.command()
def simulate(
    scenario: Annotated[str, typer.Argument(help="A preset's name, or a scenario file (YAML).", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for site.yaml, video/ and truth/.", show_default=False)],
    seed: Annotated[int | None, typer.Option(min=0, help="Other people at other times.", show_default=False)] = None,
) -> None:
    """Play a scripted shop: a site file, a video of each camera, and the truth about who was where."""
    written = write_simulation(load_scenario(scenario), out, seed=seed)
    frames = sum(1 for _ in written.videos)
    people = written.truth.people or ()
    print(f"{frames} cameras, {len(people)} people, {len(written.truth.crossings or ())} crossings")
    print(f"wrote {written.site}, {written.truth_folder} and {len(written.videos)} videos")
    print(f"next: retrail run {written.site}")
