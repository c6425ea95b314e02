"""Simulated sightings into a site's log, as a run would have put them there."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from retrail.core.errors import DataError
from retrail.pipeline import window_of
from retrail.simulate.earlier import SIGHTINGS, is_own_table
from retrail.simulate.traffic.table import ids_of, origin_of, read_sightings
from retrail.site import Site
from retrail.store import Store, open_store
from retrail.zoo import AUTO, model_name


def check_sightings(site: Site, path: Path) -> None:
    """See that a file of sightings is of this site, before anything is logged.

    Raises:
        DataError: no such file, of a camera that the site lacks, or of another encoder than the site's.
    """
    model, cameras = origin_of(path)
    strange = sorted(cameras - site.cameras.keys())
    what, found, allowed = "", "", ""
    if strange:
        what = "A sighting is of a camera that the site does not have"
        found, allowed = ", ".join(strange), ", ".join(site.cameras)
    elif site.encoder not in (AUTO, model_name(model)):
        what, found, allowed = "The sightings are of another encoder than the site's", model, site.encoder
    if what:
        hint = "use the site.yaml that was written with the sightings"
        raise DataError(what, where=str(path), found=found, allowed=allowed, hint=hint)


def check_log(store: Store, path: Path, site: Site) -> None:
    """See that a site's log holds nothing but sightings of one file: the people of two simulations are not to be told
    apart, and the truth is that of one.

    Raises:
        DataError: it holds others, or the file is none of sightings.
    """
    logged = store.sighting_ids()
    strange = logged - ids_of(path)
    if strange:
        raise DataError(
            "The log holds sightings that are not of this simulation",
            where=f"log of {site.path}",
            found=f"{len(strange)} of {len(logged)} are not in {path}",
            allowed="those of one simulation",
            hint=f"keep the log apart with --data FOLDER, or delete {site.data} and `retrail replay` again"
            if site.database is None
            else "keep the log apart: give the site another `database`",
        )


def check_judged(site: Site, truth: Path) -> None:
    """See that the log is of the simulation that a folder of truth is of, where its sightings lie beside it.

    Raises:
        DataError: the log holds others. StoreError: it cannot be read.
    """
    path = truth.parent / SIGHTINGS
    if path.is_file() and is_own_table(path):
        with open_store(
            site.data, site_name=site.name, database=site.database, holder="retrail evaluate", read_only=True
        ) as store:
            check_log(store, path, site)


def log_sightings(store: Store, path: Path) -> None:
    """Log a file of sightings window by window. What is logged already is left out.

    Raises:
        DataError: no such file, or another one.
    """
    in_order = (sighting for sighting, _ in read_sightings(path, by_end=True))
    for _, group in groupby(in_order, key=lambda sighting: window_of(sighting.end_s)):
        store.append(list(group))
    store.end_of_input()
