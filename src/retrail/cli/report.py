"""``retrail report``: visitors, dwell, journeys, flows and occupancy, as a table, a file or a page."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand

from retrail.associate.ledger import fold
from retrail.cli.options import AsJson, DataFolder, SiteFile
from retrail.core.errors import DataError
from retrail.core.whole import whole_file
from retrail.insight import COMPOSERS, REPORTS, Findings, ReportName, View, comings, find, look
from retrail.insight.console import on_terminal
from retrail.insight.periods import Bucket, days_around, moment
from retrail.site import Site
from retrail.store import Store, open_store

app = typer.Typer(add_completion=False)

_WIDTH = 160
_STDOUT = "-"
_FILES = ("--csv", "--parquet", "--html")


class ReportCommand(TyperCommand):
    """Lets ``--csv``, ``--parquet`` and ``--html`` stand without a file: then they go to standard output."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts in the ``-`` that a user may leave out."""
        given: list[str] = []
        for arg, after in zip(args, [*args[1:], "--"], strict=True):
            given.append(arg)
            if arg in _FILES and (after in REPORTS or (after.startswith("-") and after != _STDOUT)):
                given.append(_STDOUT)
        return super().parse_args(ctx, given)


@app.command(cls=ReportCommand)
def report(
    site_file: SiteFile,
    name: Annotated[
        ReportName, typer.Argument(help="What to report; without it an overview.", show_default=False)
    ] = "overview",
    from_time: Annotated[
        str | None,
        typer.Option("--from", help="Beginning: ISO 8601 in the shop's time; a date: its day.", show_default=False),
    ] = None,
    to_time: Annotated[
        str | None, typer.Option("--to", help="End, not included: ISO 8601 as for --from.", show_default=False)
    ] = None,
    bucket: Annotated[
        Bucket | None, typer.Option(help="Length of a row in time; without it one that fits.", show_default=False)
    ] = None,
    identity: Annotated[
        int | None,
        typer.Option(help="Only this identity's journey; the search is kept in the log.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    csv: Annotated[str | None, typer.Option(metavar="[FILE]", help="Write a CSV table.", show_default=False)] = None,
    parquet: Annotated[
        str | None, typer.Option(metavar="[FILE]", help="Write a Parquet table.", show_default=False)
    ] = None,
    html: Annotated[
        str | None,
        typer.Option(metavar="[FILE]", help="Write a page with all of it, for a browser.", show_default=False),
    ] = None,
    data: DataFolder = None,
) -> None:
    """Report who came, where they went and how long they stayed."""
    if identity is not None and name != "journeys":
        raise typer.BadParameter("goes with the report `journeys` alone", param_hint="--identity")
    if (as_json, csv == _STDOUT, parquet == _STDOUT, html == _STDOUT).count(True) > 1:
        raise typer.BadParameter("only one of them can go to standard output; name a file", param_hint="--csv")
    if parquet == _STDOUT and sys.stdout.isatty():
        raise typer.BadParameter(
            "a Parquet table is nothing to read on a terminal; name a file", param_hint="--parquet"
        )
    site = Site.load(site_file, data=data)
    from_s = moment(from_time, site) if from_time else None
    to_s = moment(to_time, site) if to_time else None
    with open_store(
        site.data, site_name=site.name, database=site.database, holder="retrail report", read_only=True
    ) as store:
        outdated = _outdated(store, site)
        if outdated:
            print(f"note: {outdated}", file=sys.stderr)
        if identity is not None:
            store.log_search(f"report journeys --identity {identity}", identity)
        view = look(_found(store, site, days_around(from_s, to_s, site), identity), from_s, to_s, bucket)
        if as_json:
            print(COMPOSERS[name](view).model_dump_json())
        named = name == "journeys"
        if csv or parquet:
            from retrail.insight.tables import csv_text, parquet_bytes, table  # polars is slow to import

            frame = table(view, name)
            if csv:
                _put(csv, csv_text(frame).encode(), store, view if named else None)
            if parquet:
                _put(parquet, parquet_bytes(frame), store, view if named else None)
        if html:
            from retrail.insight.page import report_html

            _put(html, report_html(view, time.time(), outdated).encode(), store, view)
        if not (as_json or csv or parquet or html):
            _console().print(on_terminal(view, name))


def _found(store: Store, site: Site, days: tuple[float | None, float | None], identity: int | None) -> Findings:
    """What the log and the ledger say; with ``identity`` of that person alone."""
    sightings = store.sightings(*days)
    resolution = fold(store.ledger())
    if identity is not None:
        now = resolution.current(identity)
        sightings = [sighting for sighting in sightings if resolution.identity_of.get(sighting.id) == now]
        if not sightings:
            hint = "`retrail report SITE journeys` lists them; a period that is asked for leaves out other days"
            raise DataError("Nobody has this number", found=str(identity), hint=hint)
    return find(sightings, resolution.identity_of, site)


def _outdated(store: Store, site: Site) -> str:
    """Why the decisions are not those of this site file, as a sentence; empty where they are."""
    decided = store.fingerprint()
    if decided is not None and decided.startswith(site.fingerprint()):
        return ""
    why = "It has not been decided yet who is who" if decided is None else "The site file has changed since"
    return f"{why}: `retrail replay` decides anew; this report shows what there is."


def _put(target: str, content: bytes, store: Store, names: View | None) -> None:
    """Write to a file or to standard output; where it ``names`` identities, so that `retrail forget` knows of it."""
    if target == _STDOUT:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    path = Path(target)
    _write(path, content)
    if names is not None and path.is_file():
        identities = [one.identity for one in comings(names)]
        store.note_file(path, "export", spans=_spans(names), identities=identities)
    print(f"wrote {target}", file=sys.stderr)


def _spans(view: View) -> list[tuple[str, float, float]]:
    """Camera, first and last moment that a report speaks of."""
    seen = [(place.camera, view.stays(place)) for place in view.places("camera")]
    return [
        (camera, min(stay.enter_s for stay in stays), max(stay.leave_s for stay in stays))
        for camera, stays in seen
        if stays
    ]


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, unless it is a pipe or a device."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        with whole_file(path) as stream:
            stream.write(content)
    except OSError as error:
        raise DataError("The file cannot be written", where=str(path), found=error.strerror) from None


def _console() -> Console:
    """As wide as the terminal; wide enough for a row a line where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)
