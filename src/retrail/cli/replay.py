"""``retrail replay``: decide the log again under the site file as it is now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, Field

from retrail.associate import Resolution, fold
from retrail.cli.options import AsJson, DataFolder, ModelsDir, SiteFile
from retrail.core.time import format_time
from retrail.pipeline import Decider, card_of
from retrail.site import Site
from retrail.store import Store, open_store
from retrail.zoo import AUTO, model_name

app = typer.Typer(add_completion=False)


class ReplayReport(BaseModel):
    """What ``retrail replay --json`` prints."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    entries: int = Field(ge=0, description="Decisions that were made anew.")
    identities_before: int = Field(ge=0)
    identities: int = Field(ge=0)
    unresolved: int = Field(ge=0, description="Tracklets of people who could be anybody.")
    moved: int = Field(ge=0, description="Tracklets that are in other company than before.")
    frozen_before: str | None = Field(
        description="Decisions about what began before it stay as they were: embeddings have expired.",
        json_schema_extra={"format": "date-time"},
    )


@app.command()
def replay(
    site_file: SiteFile,
    sightings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Log these first: what `retrail simulate --sightings` wrote.", show_default=False
        ),
    ] = None,
    data: DataFolder = None,
    models_dir: ModelsDir = None,
    as_json: AsJson = False,
) -> None:
    """Decide again who is who, from the log, under the site file as it is now. Reads no video."""
    from retrail.simulate.traffic.logging import check_log, check_sightings, log_sightings

    site = Site.load(site_file, data=data)
    if sightings is not None:
        check_sightings(site, sightings)
    with open_store(
        site.data,
        site_name=site.name,
        database=site.database,
        holder="retrail replay",
        create=sightings is not None,
    ) as store:
        if sightings is not None:
            check_log(store, sightings, site)
            log_sightings(store, sightings)
        encoder = _logged(store) if site.encoder == AUTO else None
        card = card_of(encoder or site.encoder, "person-reidentification", site, models_dir)
        before = fold(store.ledger())
        caught_up = Decider(store, site, card, models_dir).catch_up(anew=True)
        after = fold(store.ledger())
    frozen_s = caught_up.frozen_before_s
    report = ReplayReport(
        entries=caught_up.appended,
        identities_before=len(_company(before)),
        identities=len(_company(after)),
        unresolved=sum(who is None for who in after.identity_of.values()),
        moved=len(_moved(before, after)),
        frozen_before=None if frozen_s is None else format_time(frozen_s, site.timezone),
    )
    if as_json:
        print(report.model_dump_json())
        return
    _show(report, first=not before.identity_of)


def _show(report: ReplayReport, *, first: bool) -> None:
    """Print it as text; ``first``: nothing had been decided before."""
    if first:
        print(f"{report.identities} identities, {report.unresolved} unresolved")
        print(f"{report.entries} decisions made; decided for the first time")
    else:
        print(f"{report.identities} identities (before: {report.identities_before}), {report.unresolved} unresolved")
        print(f"{report.entries} decisions made anew; {report.moved} tracklets are in other company than before")
    if report.frozen_before:
        print(f"What began before {report.frozen_before} stays as it was decided: embeddings have expired")


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of ``retrail replay --json``."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return draft | ReplayReport.model_json_schema(mode="serialization")


def _logged(store: Store) -> str | None:
    """The encoder of the newest sighting, which is what there is to compare; None where nothing was logged."""
    newest = store.last_model()
    return None if newest is None else model_name(newest)


def _company(resolution: Resolution) -> dict[int, frozenset[str]]:
    members: dict[int, set[str]] = {}
    for sighting, who in resolution.identity_of.items():
        if who is not None:
            members.setdefault(who, set()).add(sighting)
    return {who: frozenset(sightings) for who, sightings in members.items()}


def _moved(before: Resolution, after: Resolution) -> set[str]:
    """Sightings whose company changed; other numbers alone are no change."""
    old, new = set(_company(before).values()), set(_company(after).values())
    return {sighting for group in old ^ new for sighting in group}
