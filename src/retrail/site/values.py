"""The kinds of value a site file holds, each with its check, its error and its JSON Schema.

A check never puts the value itself into its message: what was found is looked up in the file as it was written, so
that what came from the environment is not shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from retrail.core.errors import DataError
from retrail.core.time import parse_span, parse_time
from retrail.site.environment import FromEnvironment
from retrail.site.near import near_hint
from retrail.site.plain import listing

_VARIABLE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
A_NAME = "1 to 64 letters, digits, spaces and . - _, the first a letter or digit"
"""What `is_name` allows."""

_NAME = r"^[^\s._/\\-][^/\\]{0,63}$"
"""For editors; looser than the check, as JSON Schema's letters are ASCII only."""


def mistake(
    what: str, *, allowed: str | None = None, hint: str | None = None, key: Sequence[str | int] = ()
) -> PydanticCustomError:
    """The error a check raises; ``key`` names the part of the value that is wrong, from the value inwards."""
    return PydanticCustomError("mistake", "{what}", {"what": what, "allowed": allowed, "hint": hint, "key": tuple(key)})


def number(value: object, low: float, high: float, unit: str, *, above: bool = False) -> float:
    """A finite number in ``low``..``high`` (``above``: and not ``low`` itself)."""
    span = f"a number{' above' if above else ' from'} {low:g}{'' if math.isinf(high) else f' to {high:g}'}{unit}"
    if isinstance(value, FromEnvironment):
        try:
            value = float(value)
        except ValueError:
            raise mistake("Not a number", allowed=span) from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise mistake("Not a number", allowed=span)
    if not math.isfinite(value) or not low <= value <= high or (above and value == low):
        raise mistake("Out of range", allowed=span)
    return float(value)


def _number_kind(low: float, high: float, unit: str = "", *, above: bool = False) -> Any:
    bounds: dict[str, Any] = {"exclusiveMinimum" if above else "minimum": low}
    if not math.isinf(high):
        bounds["maximum"] = high
    schema = {"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": _VARIABLE}]}
    return PlainValidator(lambda value: number(value, low, high, unit, above=above)), WithJsonSchema(schema)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise mistake("Not a text", allowed="a text, in quotes where it looks like a number")
    if not value.strip():
        raise mistake("An empty text", allowed="a text")
    return str(value)


def is_name(text: str) -> bool:
    """Whether a camera, zone or line can be called so; names are names of files too.

    >>> is_name("till 1"), is_name("../till"), is_name("")
    (True, False, False)
    """
    plain = all(character.isalnum() or character in " .-_" for character in text)
    return plain and text[:1].isalnum() and text == text.rstrip() and len(text) <= 64


def _name(value: object) -> str:
    name = _text(value)
    if not is_name(name):
        raise mistake("Not a name", allowed=A_NAME)
    return name


def choice(value: object, options: Sequence[str]) -> str:
    """One of the options."""
    if not isinstance(value, str) or value not in options:
        raise mistake("Not one of the choices", allowed=", ".join(options), hint=near_hint(value, options))
    return str(value)


def _mode(value: object) -> str | float:
    cuts = ("count", "journey", "vip")
    if isinstance(value, str) and value in cuts:
        return str(value)
    hint = near_hint(value, cuts)
    try:
        return number(value, -1, 1, "")
    except PydanticCustomError:
        raise mistake("Not a mode", allowed="count, journey, vip, or a cosine from -1 to 1", hint=hint) from None


def _timezone(value: object) -> ZoneInfo:
    name = _text(value)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise mistake(
            "No such timezone",
            allowed="a name of the IANA database, such as Europe/Lisbon or UTC",
            hint=near_hint(name, sorted(available_timezones())),
        ) from None


def _day_time(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value.strip()):
        raise mistake("Not a time of day", allowed='hours and minutes in quotes, "00:00" to "23:59"')
    return value.strip()


def _moment(value: object) -> str:
    """Checked here, turned into seconds when the site's timezone is known."""
    text = _text(value)
    try:
        parse_time(text, ZoneInfo("UTC"))
    except DataError:
        raise mistake("Not a time", allowed="ISO 8601, such as 2026-11-20T09:00:00Z") from None
    return text


def _span(value: object) -> float:
    allowed = "a number and s, m, h, d or w, such as 24h or 90d"
    if not isinstance(value, str):
        raise mistake("Not a span of time", allowed=allowed)
    try:
        seconds = parse_span(value)
    except DataError:
        raise mistake("Not a span of time", allowed=allowed) from None
    if seconds <= 0:
        raise mistake("A span of no length", allowed=allowed)
    return seconds


def point(value: object) -> tuple[float, float]:
    """A point in fractions of the frame."""
    allowed = "[x, y] in fractions of the frame, 0 to 1"
    parts = [part for part in listing(value) or [] if isinstance(part, int | float) and not isinstance(part, bool)]
    if len(parts) != 2 or parts != value:
        raise mistake("Not a point", allowed=allowed)
    if not all(0 <= part <= 1 for part in parts):
        hint = "pixels? divide x by the frame's width and y by its height" if max(parts) > 1 else None
        raise mistake("A point outside the frame", allowed=allowed, hint=hint)
    return float(parts[0]), float(parts[1])


def _kind(check: Callable[[Any], Any], **schema: Any) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(check), WithJsonSchema(schema)


_point_schema = {
    "type": "array",
    "items": {"type": "number", "minimum": 0, "maximum": 1},
    "minItems": 2,
    "maxItems": 2,
}

Text = Annotated[str, *_kind(_text, type="string", minLength=1)]
Name = Annotated[str, *_kind(_name, type="string", pattern=_NAME)]
Seconds = Annotated[float, *_number_kind(0, math.inf, " (seconds)")]
Offset = Annotated[float, *_number_kind(-1e6, 1e6, " (seconds)")]
Share = Annotated[float, *_number_kind(0, 1)]
Rate = Annotated[float, *_number_kind(0, 1000, " (a second)", above=True)]
Mode = Annotated[
    str | float,
    *_kind(
        _mode,
        anyOf=[
            {"enum": ["count", "journey", "vip"]},
            {"type": "number", "minimum": -1, "maximum": 1},
            {"type": "string", "pattern": _VARIABLE},
        ],
    ),
]
Licences = Annotated[str, *_kind(lambda value: choice(value, ("any", "commercial")), enum=["any", "commercial"])]
Direction = Annotated[
    str,
    *_kind(lambda value: choice(value, ("up", "down", "left", "right")), enum=["up", "down", "left", "right"]),
]
Timezone = Annotated[ZoneInfo, *_kind(_timezone, type="string", examples=["Europe/Lisbon", "UTC"])]
DayTime = Annotated[str, *_kind(_day_time, type="string", examples=["04:00"])]
Moment = Annotated[str, *_kind(_moment, type="string", examples=["2026-11-20T09:00:00Z"])]
Span = Annotated[float, *_kind(_span, type="string", examples=["24h", "90d"])]
Point = Annotated[tuple[float, float], *_kind(point, **_point_schema)]
