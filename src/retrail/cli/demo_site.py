"""The site of ``retrail demo --source``: a file as a user would write it, about the clips that were asked for."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from retrail.core.errors import SourceError
from retrail.site import Site
from retrail.zoo import AUTO, BUILT_IN

SITE_FILE = "shop.yaml"
CLIPS = Path("out/clip")
LONGEST_NAME = 80
"""Letters of a folder's name: a file system takes some more."""


def clip_folder(sources: Sequence[Path]) -> Path:
    """Where a demo of clips goes that was given no folder: one of their own, so that no clip meets what another left.

    >>> clip_folder([Path("films/till.mp4"), Path("films/front door.mp4")]).as_posix()
    'out/clip/till+front-door'
    """
    return CLIPS / "+".join(_plain(source) for source in sources)[:LONGEST_NAME]


def own_site(out: Path, sources: Sequence[Path]) -> Site:
    """The site of some clips: what an earlier demo of the same ones left, zones that were added included, or a new one.

    Raises:
        SourceError: there is no such clip, or what is in the folder is about others.
        SiteError: the site in the folder cannot be read.
    """
    for clip in sources:
        if not clip.is_file():
            raise SourceError("There is no such clip", where=str(clip), hint="give --source the path of a video file")
    path = out / SITE_FILE
    if not path.exists():
        return _new_site(path, sources)
    site = Site.load(path)
    shown = [str(camera.source) for camera in site.cameras.values()]
    kept = [os.path.realpath(camera.source.reveal()) for camera in site.cameras.values()]
    if set(kept) != {os.path.realpath(clip) for clip in sources}:
        said = ", ".join(os.path.normpath(name) if os.path.isabs(name) else name for name in shown)
        raise SourceError(
            "The site in the folder is about other clips",
            where=str(path),
            found=f"{said} (asked for: {', '.join(map(str, sources))})",
            hint="give another --out, or remove the folder if what was found there is no longer wanted",
        )
    print(f"using {path} as it is", file=sys.stderr)
    return site


def _new_site(path: Path, sources: Sequence[Path]) -> Site:
    names = [_plain(source) for source in sources]
    unique = [name if names.count(name) == 1 else f"{name}-{place + 1}" for place, name in enumerate(names)]
    lines = ["site: demo", "cameras:"]
    for name, source in zip(unique, sources, strict=True):
        lines.append(f"  {name}: {{source: {json.dumps(os.path.relpath(source, path.parent), ensure_ascii=False)}}}")
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    site = Site.load(path)
    if site.data.exists():
        # A simulated shop's, or that of a site file which was removed: its visitors would be counted.
        path.unlink()
        raise SourceError(
            "The folder holds what was found at another site", where=str(site.data), hint="give another --out"
        )
    return site


def _plain(source: Path) -> str:
    """A clip's name as a camera's."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", source.stem).strip("-") or "camera"


def with_built_in(site: Site) -> Site:
    """The site with Retrail's own models. Its file names them from then on, so that what comes later decides alike.

    Raises:
        SourceError: the file names others.
    """
    own = {"detector": BUILT_IN["person-detection"], "encoder": BUILT_IN["person-reidentification"]}
    if (site.detector, site.encoder) == (own["detector"], own["encoder"]):
        return site
    if (site.detector, site.encoder) != (AUTO, AUTO):
        raise SourceError(
            "The site file names other models",
            where=str(site.path),
            found=f"{site.detector}, {site.encoder}",
            hint="leave out --built-in, or take `models` out of the file",
        )
    with site.path.open("a", encoding="utf-8") as file:
        file.write(f"models: {{detector: {own['detector']}, encoder: {own['encoder']}}}\n")
    return Site.load(site.path)
