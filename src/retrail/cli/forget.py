"""``retrail forget``: erase somebody, all before a moment, or what has expired."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, Field

from retrail.cli.options import AsJson, DataFolder, SiteFile
from retrail.core.time import format_time, parse_time
from retrail.site import Site
from retrail.store import Erased, Store, open_store

app = typer.Typer(add_completion=False)

_HOLDER = "retrail forget"
_Strict = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class ForgottenSpan(BaseModel):
    """What is kept: that this was forgotten."""

    model_config = _Strict
    camera: str
    from_: str = Field(serialization_alias="from", json_schema_extra={"format": "date-time"})
    to: str = Field(json_schema_extra={"format": "date-time"})


class Remnant(BaseModel):
    """What Retrail cannot erase, and why."""

    model_config = _Strict
    what: str
    why: str


class ForgetReport(BaseModel):
    """What ``retrail forget --json`` prints."""

    model_config = _Strict
    erased: bool = Field(description="False: this is what would be erased with --yes.")
    sightings: int = Field(ge=0)
    embeddings: int = Field(ge=0)
    ledger_entries: int = Field(ge=0, description="Decisions that were erased, or from which a part was.")
    camera_events: int = Field(ge=0)
    forgotten: tuple[ForgottenSpan, ...] = Field(description="Reading these spans again brings nobody back.")
    files: tuple[str, ...] = Field(description="Pictures and videos that were deleted.")
    beyond_reach: tuple[Remnant, ...]


@app.command()
def forget(
    site_file: SiteFile,
    identity: Annotated[int | None, typer.Option(help="The number of an identity.", show_default=False)] = None,
    before: Annotated[
        str | None, typer.Option(metavar="TIME", help="All that began before it (ISO 8601).", show_default=False)
    ] = None,
    expired: Annotated[bool, typer.Option("--expired", help="What the site's retention no longer allows.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Erase every trace: from log, ledger and searches, with the pictures and videos Retrail wrote.

    What would go is shown first; --yes, or a yes typed at a terminal, erases it. To look alone is no failure: the exit
    status is 0, and the object of --json has "erased": false.

    Kept is only that a camera and span were forgotten, so that reading the same clip again brings nobody back.
    """
    if (identity is not None) + (before is not None) + expired != 1:
        raise typer.BadParameter("name one of --identity ID, --before TIME, --expired")
    site = Site.load(site_file, data=data)
    before_s = None if before is None else parse_time(before, site.timezone)
    if expired:
        with _opened(site) as store:
            kept = site.retention
            found = store.retention(time.time(), kept.embeddings_s, kept.journeys_s, sweep=True)
        _show(found, site, as_json=as_json, erased=True)
        return
    if not yes:
        with _opened(site, read_only=True) as store:
            found = _forget(store, identity, before_s, dry_run=True)
        asked = sys.stdin.isatty() and not as_json
        _show(found, site, as_json=as_json, erased=False)
        if not (asked and typer.confirm("Erase this for good?")):
            print("Nothing was erased. With --yes it will be.", file=sys.stderr)
            return
    with _opened(site) as store:
        found = _forget(store, identity, before_s, dry_run=False)
    _show(found, site, as_json=as_json, erased=True)


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of ``retrail forget --json``."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return draft | ForgetReport.model_json_schema(mode="serialization")


def _opened(site: Site, *, read_only: bool = False) -> Store:
    return open_store(
        site.data, site_name=site.name, database=site.database, holder=_HOLDER, read_only=read_only, create=False
    )


def _forget(store: Store, identity: int | None, before_s: float | None, *, dry_run: bool) -> Erased:
    if identity is not None:
        return store.forget_identity(identity, dry_run=dry_run)
    return store.forget_before(before_s or 0.0, dry_run=dry_run)


def _report(found: Erased, site: Site, *, erased: bool) -> ForgetReport:
    spans = tuple(
        ForgottenSpan(camera=camera, from_=format_time(start_s, site.timezone), to=format_time(end_s, site.timezone))
        for camera, start_s, end_s in found.spans
    )
    return ForgetReport(
        erased=erased,
        sightings=found.sightings,
        embeddings=found.embeddings,
        ledger_entries=found.entries,
        camera_events=found.events,
        forgotten=spans,
        files=found.files,
        beyond_reach=tuple(Remnant(what=what, why=why) for what, why in found.beyond_reach),
    )


def _show(found: Erased, site: Site, *, as_json: bool, erased: bool) -> None:
    report = _report(found, site, erased=erased)
    if as_json:
        print(report.model_dump_json())
        return
    verb = "Erased" if erased else "Would erase"
    print(
        f"{verb}: {report.sightings} sightings, {report.embeddings} embeddings, "
        f"{report.ledger_entries} ledger entries, {report.camera_events} camera events"
    )
    for span in report.forgotten:
        print(f"  {span.camera}: {span.from_} to {span.to}")
    for path in report.files:
        print(f"  {'deleted' if erased else 'would delete'} {Path(path)}")
    for remnant in report.beyond_reach:
        print(f"  beyond reach: {remnant.what} ({remnant.why})")
