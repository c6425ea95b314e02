"""From a file to a `Site`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from retrail.core.errors import SiteError
from retrail.core.geometry import Direction
from retrail.core.secrets import Secret
from retrail.core.time import parse_time
from retrail.site.definitions import Definitions
from retrail.site.document import Document, read_document
from retrail.site.environment import resolve
from retrail.site.explain import explain
from retrail.site.mistakes import SiteFileError
from retrail.site.near import near_hint
from retrail.site.parts import WHOLE_FRAME, Camera, Licences, Line, Link, Mode, Retention, Zone
from retrail.site.plain import mapping
from retrail.site.spec import CameraSpec, SiteSpec


@dataclass(frozen=True, slots=True)
class Site:
    """A site file, checked and resolved.

    Attributes:
        name: the shop's.
        path: the file it came from, absolute.
        data: folder for all that is kept, absolute; need not exist yet.
        timezone, day_starts: the shop's day.
        start_s: event time at which recordings start, seconds UTC, unless a camera has its own.
        detector, encoder: names of model cards, or ``auto``: the strongest on the machine.
        mode: which cut of the encoder's card decides, or the cut itself.
        cameras, zones, lines: by name, in the order of the file.
        links: ways between cameras.
        entrances: the lines over which everybody comes in; empty where people may come in elsewhere.
        retention, definitions: how long things are kept, and what words mean.
        database: the address of a PostgreSQL server, or None for one of its own in ``data``.
        licences: which models may be used.
    """

    name: str
    path: Path
    data: Path
    timezone: ZoneInfo
    day_starts: time
    start_s: float | None
    detector: str
    encoder: str
    mode: Mode
    cameras: Mapping[str, Camera]
    zones: Mapping[str, Zone] = field(default_factory=dict[str, Zone])
    lines: Mapping[str, Line] = field(default_factory=dict[str, Line])
    links: tuple[Link, ...] = ()
    entrances: tuple[Line, ...] = ()
    retention: Retention = field(default_factory=Retention)
    definitions: Definitions = field(default_factory=Definitions)
    database: Secret | None = None
    licences: Licences = "any"

    @classmethod
    def load(
        cls, path: str | Path, *, environ: Mapping[str, str] | None = None, data: str | Path | None = None
    ) -> Site:
        """Read and check a site file.

        Args:
            path: the YAML file.
            environ: where ``${NAME}`` comes from; None: the process's environment.
            data: a folder that goes before the file's ``data``, relative to the working folder.

        Raises:
            SiteError: what is wrong, all of it in one error, each mistake with file, line and key.
        """
        document = read_document(path)
        spec = _checked(document, os.environ if environ is None else environ, Path(path))
        return _site(spec, Path(os.path.abspath(path)), data)

    def zones_of(self, camera: str) -> tuple[Zone, ...]:
        """The zones of a camera; one that is the whole frame, named like the camera, where the file has none.

        Raises:
            SiteError: no such camera.
        """
        self._known(camera)
        zones = tuple(zone for zone in self.zones.values() if zone.camera == camera)
        return zones or (Zone(camera, camera, WHOLE_FRAME, whole=True),)

    def lines_of(self, camera: str) -> tuple[Line, ...]:
        """The lines of a camera.

        Raises:
            SiteError: no such camera.
        """
        self._known(camera)
        return tuple(line for line in self.lines.values() if line.camera == camera)

    def fingerprint(self) -> str:
        """64 hex digits that change with what association depends on.

        That is mode, encoder, links, entrances, cameras and the day.
        """
        parts: dict[str, object] = {
            "mode": self.mode,
            "encoder": self.encoder,
            "links": sorted([link.from_camera, link.to_camera, link.shortest_s, link.longest_s] for link in self.links),
            "cameras": sorted(self.cameras),
            "timezone": self.timezone.key,
            "day_starts": self.day_starts.isoformat(),
        }
        if self.entrances:  # without any, ledgers made before there were entrances still hold
            parts["entrances"] = sorted([line.camera, line.start, line.end, line.inward] for line in self.entrances)
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def clean(self, text: str) -> str:
        """``text`` with every secret of the file masked: for messages of FFmpeg and of the database."""
        for secret in self._secrets():
            text = secret.clean(text)
        return text

    def _secrets(self) -> list[Secret]:
        sources = [camera.source for camera in self.cameras.values()]
        return sources if self.database is None else [*sources, self.database]

    def _known(self, camera: str) -> None:
        if camera not in self.cameras:
            raise SiteError(
                "There is no such camera",
                where=str(self.path),
                found=repr(camera),
                allowed=", ".join(self.cameras),
                hint=near_hint(camera, self.cameras),
            )


def _checked(document: Document, environ: Mapping[str, str], path: Path) -> SiteSpec:
    folder = Path(os.path.abspath(path)).parent
    data, missing = resolve(document.data, environ, folder, document.lines)
    names = {key: tuple(mapping((mapping(data) or {}).get(key)) or {}) for key in ("cameras", "lines")}
    mistakes = [*document.mistakes, *missing]
    spec = None
    try:
        spec = SiteSpec.model_validate(data, context=names)
    except ValidationError as error:
        said = {mistake.key for mistake in mistakes}
        mistakes += [mistake for mistake in explain(error, document) if mistake.key not in said]
    if spec is None or mistakes:
        raise SiteFileError(document.path, mistakes)
    return spec


def _site(spec: SiteSpec, path: Path, data: str | Path | None) -> Site:
    kept = Path(data) if data is not None else path.parent / Path(spec.data).expanduser()
    hours, minutes = spec.day_starts.split(":")
    lines = {
        name: Line(name, line.camera, line.start, line.end, cast(Direction, line.inward))
        for name, line in spec.lines.items()
    }
    return Site(
        name=spec.site,
        path=path,
        data=Path(os.path.abspath(kept)),
        timezone=spec.timezone,
        day_starts=time(int(hours), int(minutes)),
        start_s=parse_time(spec.start, spec.timezone) if spec.start else None,
        detector=spec.models.detector,
        encoder=spec.models.encoder,
        mode=cast(Mode, spec.mode),
        cameras={name: _camera(name, camera, spec) for name, camera in spec.cameras.items()},
        zones={name: Zone(name, zone.camera, tuple(zone.polygon)) for name, zone in spec.zones.items()},
        lines=lines,
        links=tuple(Link(link.from_camera, link.to_camera, link.shortest_s, link.longest_s) for link in spec.links),
        entrances=tuple(lines[name] for name in dict.fromkeys(spec.entrances)),
        retention=Retention(spec.retention.embeddings, spec.retention.journeys),
        definitions=spec.definitions,
        database=spec.database,
        licences=cast(Licences, spec.licences),
    )


def _camera(name: str, spec: CameraSpec, site: SiteSpec) -> Camera:
    return Camera(
        name=name,
        source=spec.source,
        fps=spec.fps,
        start_s=parse_time(spec.start, site.timezone) if spec.start else None,
        detect_hz=spec.detect_hz,
        offset_s=spec.offset_s,
        name_time=spec.name_time,
    )
