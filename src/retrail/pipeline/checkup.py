"""Before a site runs: are its models right, do its cameras show enough, are its links possible, does its store open?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from retrail.core.errors import ModelError, RetrailError, StoreError
from retrail.core.time import format_time
from retrail.perceive.detect import Detector
from retrail.perceive.faces import FaceDetector
from retrail.perceive.view import Level, judge
from retrail.pipeline.glimpse import Glimpse, glimpse, write_picture
from retrail.pipeline.models import FACE_DETECTOR, card_of, cut_of, open_faces
from retrail.runtime import open_network
from retrail.runtime.verify import Verification, verify
from retrail.site import Link, Site
from retrail.store import Store, open_store
from retrail.zoo import AUTO, RECOMMENDED, Card, Task, is_built_in, locate

PATIENCE_S = 20.0
_AT_ONCE = 4
_SURE = 0.5

Part = Literal["model", "camera", "link", "store"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        part, name: what it is about, such as ``camera`` ``entrance``.
        level: ``good``; ``poor``: it runs, but not as well as it could; ``bad``: it does not run, or is wrong.
        what: what was found.
        hint: what to do where it is not good.
    """

    part: Part
    name: str
    level: Level
    what: str
    hint: str = ""


def check_site(
    site: Site, folder: Path, *, models_dir: Path | None = None, patience_s: float = PATIENCE_S
) -> Iterator[Finding]:
    """Look at everything that a run of the site needs; each finding as soon as it is known.

    Args:
        folder: a picture of each camera goes there, with zones and lines drawn and heads blurred.
        models_dir: where model files are looked for first.
        patience_s: how long one camera may take.
    """
    detector_findings = check_model(site, "person-detection", models_dir)
    yield from detector_findings
    yield from check_model(site, "person-reidentification", models_dir)
    usable = all(finding.level != "bad" for finding in detector_findings)
    with ExitStack() as opened:
        detector = _open_detector(site, models_dir, opened) if usable else None
        faces = opened.enter_context(open_faces(models_dir))
        yield from _about_faces(faces)
        spans: dict[str, tuple[float, float] | None] = {}
        pictures: list[tuple[Path, Glimpse]] = []
        for seen in _glimpses(site, detector, patience_s):
            spans[seen.camera] = seen.span_s
            yield from _about_camera(seen, site)
            if seen.best is not None and detector is not None:
                path = folder / f"{seen.camera}.png"
                folder.mkdir(parents=True, exist_ok=True)
                write_picture(site, seen, faces, path)
                pictures.append((path, seen))
                yield Finding("camera", seen.camera, "good", f"picture: {path}")
    yield from check_links(site, spans)
    yield check_store(site, pictures)


def check_model(site: Site, task: Task, models_dir: Path | None) -> list[Finding]:
    """The detector or the encoder: of the right kind, allowed, here, and what its card says it is."""
    name = site.detector if task == "person-detection" else site.encoder
    try:
        card = card_of(name, task, site, models_dir)
        if task == "person-reidentification":
            cut_of(card, site.mode)
        result = verify(locate(card, models_dir))
    except ModelError as error:
        return [_failed("model", name, error, site)]
    chosen = [_chosen(card, task)] if name == AUTO else []
    return [*chosen, _verdict(result)]


def check_links(site: Site, spans: Mapping[str, tuple[float, float] | None]) -> Iterator[Finding]:
    """Whether somebody could have walked each link, given when the cameras were on.

    Args:
        spans: event time at which each camera begins and ends (inf: live), seconds UTC; None: not known.
    """
    for link in site.links:
        name = f"{link.from_camera} to {link.to_camera}"
        here, there = spans.get(link.from_camera), spans.get(link.to_camera)
        if here is None or there is None:
            yield Finding("link", name, "poor", "cannot be judged: it is not known when its cameras were on")
        elif there[1] - here[0] < link.shortest_s or there[0] - here[1] > link.longest_s:
            hint = "check `start`, `offset_s`, `name_time` and the link's seconds"
            yield Finding("link", name, "bad", f"nobody can have walked it: {_apart(site, link, here, there)}", hint)
        else:
            yield Finding("link", name, "good", f"{link.shortest_s:g} to {link.longest_s:g} s, possible")


def check_store(site: Site, pictures: Sequence[tuple[Path, Glimpse]]) -> Finding:
    """Whether the database opens; it is told of the pictures, so that forgetting somebody finds them."""
    place = str(site.database) if site.database is not None else f"its own PostgreSQL in {site.data}"
    try:
        store, busy = _open_store(site)
    except StoreError as error:
        return _failed("store", "database", error, site)
    try:
        with store:
            for path, seen in pictures:
                store.note_file(path, "picture", spans=[(seen.camera, seen.best_s, seen.best_s)])
    except StoreError as error:
        return _failed("store", "database", error, site)
    return Finding("store", "database", "good", f"{place} opens" + (" (a run is using it)" if busy else ""))


def _chosen(card: Card, task: Task) -> Finding:
    """Which model `auto` means here."""
    if not is_built_in(card.name):
        return Finding("model", card.name, "good", "the strongest on this machine (the site names none)")
    return Finding(
        "model",
        card.name,
        "good",
        "built in; nothing stronger is on this machine (the site names none)",
        f"retrail models pull --recommended fetches {RECOMMENDED[task]}",
    )


def _open_store(site: Site) -> tuple[Store, bool]:
    """The store, for writing where no run has it; and whether one has."""

    def opened(read_only: bool) -> Store:
        return open_store(
            site.data, site_name=site.name, database=site.database, holder="retrail check", read_only=read_only
        )

    try:
        return opened(False), False
    except StoreError as error:
        try:
            return opened(True), True
        except StoreError:
            raise error from None


def _open_detector(site: Site, models_dir: Path | None, opened: ExitStack) -> Detector:
    network = open_network(locate(card_of(site.detector, "person-detection", site, models_dir), models_dir))
    opened.callback(network.close)
    return Detector(network)


def _glimpses(site: Site, detector: Detector | None, patience_s: float) -> Iterator[Glimpse]:
    """A look at each camera, a few at once, in the order of the file."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="check") as pool:
        yield from pool.map(
            partial(glimpse, site, detector=detector, sure=_SURE, patience_s=patience_s), site.cameras.values()
        )


def _about_camera(seen: Glimpse, site: Site) -> Iterator[Finding]:
    if seen.error is not None:
        yield _failed("camera", seen.camera, seen.error, site)
        return
    first = seen.views[0]
    yield Finding(
        "camera", seen.camera, "good", f"opened: {first.width_px}x{first.height_px}, {len(seen.views)} frames looked at"
    )
    for kind, detail in dict.fromkeys((event.kind, event.detail) for event in seen.events):
        yield Finding("camera", seen.camera, "poor", site.clean(f"{kind}: {detail}"))
    for remark in judge(seen.views):
        yield Finding("camera", seen.camera, remark.level, remark.what, remark.hint)


def _about_faces(faces: FaceDetector | None) -> Iterator[Finding]:
    if faces is None:
        what = "not here: heads are blurred where people are found, but not faces that stand alone"
        yield Finding("model", FACE_DETECTOR, "poor", what, f"retrail models pull {FACE_DETECTOR}")


def _verdict(result: Verification) -> Finding:
    golden = result.golden
    if result.verdict == "good":
        said = ""
        if golden is not None and golden.state == "same":
            said = f", and it says about a fixed picture what its card records ({golden.precision})"
        return Finding("model", result.name, "good", f"the files are those of its card{said}")
    if result.verdict == "unknown":
        what = "nobody published checksums of these files, and its card records nothing to compare with"
        return Finding("model", result.name, "poor", what)
    differs = next((f"{check.path}: {check.found}, not {check.wanted}" for check in result.files if check.found), None)
    what = result.problem or differs or "it does not say what its card records about a fixed picture"
    return Finding("model", result.name, "bad", what, f"bring it again: retrail models pull {result.name}")


def _apart(site: Site, link: Link, here: tuple[float, float], there: tuple[float, float]) -> str:
    spans = [
        f"{camera} was on from {_clock(start_s, site)} to {_clock(end_s, site)}"
        if math.isfinite(end_s)
        else f"{camera} is live"
        for camera, (start_s, end_s) in ((link.from_camera, here), (link.to_camera, there))
    ]
    return f"{spans[0]}, {spans[1]}, and the link takes {link.shortest_s:g} to {link.longest_s:g} s"


def _clock(time_s: float, site: Site) -> str:
    return format_time(time_s, site.timezone)[:19].replace("T", " ")


def _failed(part: Part, name: str, error: RetrailError, site: Site) -> Finding:
    what = error.what + (f" (found: {error.found})" if error.found else "")
    allowed = f"allowed: {error.allowed}" if error.allowed else ""
    return Finding(part, name, "bad", site.clean(what), site.clean(error.hint or allowed))
