"""The site file's schema: what may stand where. Its descriptions are what an editor shows."""

from __future__ import annotations

from typing import Annotated, Any, Self, cast
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from retrail.site.address import scheme
from retrail.site.definitions import Definitions
from retrail.site.near import near_hint
from retrail.site.plain import mapping
from retrail.site.shapes import line_problem, polygon_problem
from retrail.site.sources import Database, NameTime, Source
from retrail.site.values import (
    DayTime,
    Direction,
    Licences,
    Mode,
    Moment,
    Name,
    Offset,
    Point,
    Rate,
    Seconds,
    Span,
    Text,
    Timezone,
    mistake,
)


def _without_blanks(value: object) -> object:
    """A key with nothing after it is as if it were not there."""
    keys = mapping(value)
    return value if keys is None else {name: item for name, item in keys.items() if item is not None}


def _known(what: str) -> PlainValidator:
    """Of a camera's or a line's name: that this file has it; ``info.context`` holds those it has."""

    def name_of(value: object, info: ValidationInfo) -> str:
        known = cast("tuple[str, ...]", cast("dict[str, object]", info.context or {}).get(f"{what}s", ()))
        allowed = ", ".join(known) or f"the name of a {what}; this site has none"
        if not isinstance(value, str):
            raise mistake(f"Not the name of a {what}", allowed=allowed)
        if value not in known:
            raise mistake(f"There is no such {what}", allowed=allowed, hint=near_hint(value, known))
        return str(value)

    return PlainValidator(name_of)


_CameraName = Annotated[str, _known("camera"), WithJsonSchema({"type": "string", "description": "Name of a camera."})]
_LineName = Annotated[str, _known("line"), WithJsonSchema({"type": "string", "description": "Name of a line."})]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _blanks(cls, value: object) -> object:
        return _without_blanks(value)


class ModelsSpec(_Spec):
    """The models by the names of their cards (`retrail models list`)."""

    detector: Text = Field(
        "auto", description="What finds people. auto: the strongest on this machine, else the built-in one."
    )
    encoder: Text = Field("auto", description="What tells people apart. auto: as for the detector.")


class CameraSpec(_Spec):
    """One camera."""

    source: Source = Field(
        description="An address (rtsp, rtsps, http, …), a device such as /dev/video0, a file, or a pattern of files"
        " (clips/*.mp4); paths are relative to this file. ${NAME} comes from the environment and is never shown."
    )
    fps: Rate | None = Field(None, description="Pictures a second, for a set of images.")
    start: Moment | None = Field(None, description="Time of the first frame of a recording; goes before the site's.")
    detect_hz: Rate | None = Field(
        None, description="How often people are looked for, a second. Default: 5 live, up to 10 in recordings."
    )
    offset_s: Offset = Field(0.0, description="True time = stream time + this, in seconds.")
    name_time: NameTime | None = Field(
        None, description="How a file's name tells its start, by strptime: till_%Y%m%d_%H%M%S.mp4."
    )

    @model_validator(mode="after")
    def _recorded(self) -> Self:
        live = scheme(self.source.reveal()) in ("rtsp", "rtsps") or self.source.reveal().startswith("/dev/video")
        for key in ("start", "name_time"):
            if live and getattr(self, key) is not None:
                raise mistake("A live camera has the wall clock's time", hint="leave this key out", key=[key])
        return self


class ZoneSpec(_Spec):
    """A part of what a camera sees, in which visits are counted."""

    camera: _CameraName
    polygon: list[Point] = Field(
        description="Three or more corners [x, y] in fractions of the frame, x to the right, y down; closed by itself.",
        json_schema_extra={"minItems": 3},
    )

    @field_validator("polygon", mode="after")
    @classmethod
    def _shape(cls, polygon: list[tuple[float, float]]) -> list[tuple[float, float]]:
        if len(polygon) < 3:
            raise mistake(f"A polygon of {len(polygon)} corners", allowed="three corners [x, y] or more")
        problem = polygon_problem(polygon)
        if problem:
            raise mistake(f"Not a polygon. {problem}", allowed="corners in order around it; it closes itself")
        return polygon


class LineSpec(_Spec):
    """A counter: who crosses it, inwards or outwards."""

    camera: _CameraName
    start: Point = Field(alias="from", description="One end [x, y], in fractions of the frame.")
    end: Point = Field(alias="to", description="The other end [x, y].")
    inward: Direction = Field(description="The way in, as seen in the picture.")

    @model_validator(mode="after")
    def _counts(self) -> Self:
        problem = line_problem(self.start, self.end, cast(Any, self.inward))
        if problem:
            allowed = "left or right" if "vertical" in problem else "up or down" if "horizontal" in problem else None
            raise mistake(problem, allowed=allowed, key=["inward"] if allowed else ["to"])
        return self


class LinkSpec(_Spec):
    """A way from one camera to another, and how long people take from leaving the one to appearing on the other."""

    from_camera: _CameraName = Field(alias="from")
    to_camera: _CameraName = Field(alias="to")
    shortest_s: Seconds = Field(0.0, description="Nobody is faster, in seconds.")
    longest_s: Seconds = Field(description="Nobody takes longer, in seconds.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.from_camera == self.to_camera:
            raise mistake("A link from a camera to itself", allowed="two cameras", key=["to"])
        if self.shortest_s > self.longest_s:
            raise mistake(
                "The shortest time is more than the longest",
                allowed="at most longest_s",
                key=["shortest_s"],
            )
        return self


class RetentionSpec(_Spec):
    """How long what is kept."""

    embeddings: Span = Field(
        24 * 3600.0, description="What people look like, as numbers.", json_schema_extra={"default": "24h"}
    )
    journeys: Span = Field(
        90 * 86400.0, description="Sightings and all that follows from them.", json_schema_extra={"default": "90d"}
    )

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.embeddings > self.journeys:
            raise mistake(
                "Embeddings are kept longer than the journeys they belong to",
                allowed="at most the span of journeys",
                key=["embeddings"],
            )
        return self


class SiteSpec(_Spec):
    """A shop: its cameras, zones, lines and links, and how they are counted."""

    site: Name = Field(description="The site's name.")
    data: Text = Field(
        "./retrail-data", description="Folder for the database and all that is kept; relative to this file."
    )
    timezone: Timezone = Field(
        ZoneInfo("UTC"),
        description="The shop's timezone, a name of the IANA database.",
        json_schema_extra={"default": "UTC"},
    )
    day_starts: DayTime = Field("04:00", description="When a new day begins: identities do not outlive it.")
    start: Moment | None = Field(
        None, description="Time of the first frame of recordings. Without a zone, the site's is meant."
    )
    models: ModelsSpec = Field(default_factory=lambda: ModelsSpec.model_validate({}))
    mode: Mode = Field(
        "journey", description="Which cut of the encoder decides that two sightings are one person, or the cut itself."
    )
    licences: Licences = Field(
        "any", description="commercial: refuse models whose weights were not released for commercial use."
    )
    cameras: dict[Name, CameraSpec] = Field(description="The cameras by name.", json_schema_extra={"minProperties": 1})
    zones: dict[Name, ZoneSpec] = Field(
        default_factory=dict[str, ZoneSpec], description="Zones by name. A camera without zones is one zone."
    )
    lines: dict[Name, LineSpec] = Field(default_factory=dict[str, LineSpec], description="Counting lines by name.")
    entrances: list[_LineName] = Field(
        default_factory=list[str],
        description="Names of lines, where nobody comes in but over them: who did not is hardly anybody new.",
    )
    links: list[LinkSpec] = Field(default_factory=list[LinkSpec], description="Ways between cameras.")
    definitions: Annotated[Definitions, BeforeValidator(_without_blanks)] = Field(default_factory=Definitions)
    retention: RetentionSpec = Field(default_factory=lambda: RetentionSpec.model_validate({}))
    database: Database | None = Field(
        None, description="A PostgreSQL server with pgvector; without it, one of its own in the data folder."
    )

    @field_validator("cameras", mode="after")
    @classmethod
    def _any_camera(cls, cameras: dict[str, CameraSpec]) -> dict[str, CameraSpec]:
        if not cameras:
            raise mistake("A site without a camera", allowed="at least one, as name: {source: …}")
        return cameras

    @field_validator("links", mode="after")
    @classmethod
    def _links_once(cls, links: list[LinkSpec]) -> list[LinkSpec]:
        ways = [(link.from_camera, link.to_camera) for link in links]
        for index, way in enumerate(ways):
            if way in ways[:index]:
                raise mistake(
                    f"A second link from {way[0]} to {way[1]}",
                    allowed="one for each way between two cameras",
                    key=[index],
                )
        return links

    @model_validator(mode="after")
    def _zone_names(self) -> Self:
        zoned = {zone.camera for zone in self.zones.values()}
        for name, zone in self.zones.items():
            if name in self.cameras and name not in zoned and zone.camera != name:
                raise mistake(
                    f"The camera {name} has no zone, so it is itself the zone {name}",
                    allowed="another name",
                    key=["zones", name],
                )
        return self
