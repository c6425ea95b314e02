"""Simulated sightings into a site's log, as a run would have put them there."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from retrail.core.errors import DataError
from retrail.pipeline import window_of
from retrail.simulate.traffic.table import origin_of, read_sightings
from retrail.site import Site
from retrail.store import Store
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


def log_sightings(store: Store, path: Path) -> None:
    """Log a file of sightings window by window. What is logged already is left out.

    Raises:
        DataError: no such file, or another one.
    """
    in_order = (sighting for sighting, _ in read_sightings(path, by_end=True))
    for _, group in groupby(in_order, key=lambda sighting: window_of(sighting.end_s)):
        store.append(list(group))
    store.end_of_input()
