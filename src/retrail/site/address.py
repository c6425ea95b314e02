"""Addresses (``scheme://user:password@host:port/path?query``): where their secrets are, and what is wrong with them.

The user and password end at the last ``@`` before the first ``/``, ``?`` or ``#``, as FFmpeg and libpq read them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from urllib.parse import unquote

Span = tuple[int, int]

_SCHEME = re.compile(r"([^/?#@\s]*)://")
_LOGIN = re.compile(r"[^/?#@\s]*://([^/?#]*)@")
_QUERY_VALUE = re.compile(r"[?&]([^=&#]*)=([^&#]*)")
_SENSITIVE = re.compile(r"pass\w*|pwd|secret|token|auth\w*|sig\w*|\w*key", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%\w]*\]|[^:\[\]\s]*)(:\d*)?")
_NOWHERE: Span = (-1, -1)

SOURCE_SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "tcp", "rtp", "file")


def is_address(text: str) -> bool:
    """Whether a source is a URL rather than a path."""
    return _SCHEME.match(text) is not None


def scheme(text: str) -> str:
    """``rtsp`` of ``rtsp://…``; empty for a path."""
    found = _SCHEME.match(text)
    return found[1].lower() if found else ""


def login_span(text: str) -> Span:
    """Where ``user:password`` stands; (-1, -1) without one."""
    found = _LOGIN.match(text)
    return found.span(1) if found else _NOWHERE


def query_spans(text: str) -> tuple[Span, ...]:
    """Where the values of the query stand."""
    return tuple(found.span(2) for found in _QUERY_VALUE.finditer(text)) if is_address(text) else ()


def hidden_parts(text: str, from_environment: Sequence[Span]) -> list[str]:
    """What may not be shown of a resolved address, beside the environment's values themselves.

    The password, the user where any of it came from the environment, both as HTTP sends them, what the query calls a
    password or key; and of an address that came from the environment as a whole all that follows the host.

    >>> hidden_parts("rtsp://eva:pw1@till/1", [])
    ['pw1', 'ZXZhOnB3MQ==']
    """
    if not is_address(text):
        return []
    parts: list[str] = []
    start, end = login_span(text)
    if start >= 0:
        user, colon, password = text[start:end].partition(":")
        if any(first < start + len(user) and last > start for first, last in from_environment):
            parts.append(user)
        if colon:
            parts += [password, base64.b64encode(unquote(f"{user}:{password}").encode()).decode()]
    parts += [found[2] for found in _QUERY_VALUE.finditer(text) if _SENSITIVE.fullmatch(found[1])]
    if any(first < text.index("://") < last for first, last in from_environment):
        parts += re.findall(r"(?<!/)/(?!/).{3,}$", text[max(end, text.index("://") + 3) :])
    return parts


def address_problem(text: str, *, host_needed: bool) -> str | None:
    """Why no host can be told from an address, or None. What it says holds nothing of the address.

    >>> address_problem("rtsp://eva:p/w@till/1", host_needed=True)
    'An @ after the host: in a user, password or path @ : / ? # % must be percent-encoded (@ as %40)'
    """
    start, end = login_span(text)
    rest = text[end + 1 :] if start >= 0 else text[text.index("://") + 3 :]
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    encode = "in a user, password or path @ : / ? # % must be percent-encoded (@ as %40)"
    if "@" in rest:
        return f"An @ after the host: {encode}"
    if not all(_HOST.fullmatch(part) for part in host.split(",")):
        return f"The host or its port cannot be told: {encode}"
    if host_needed and not re.split(r":\d*$", host)[0]:
        return "An address without a host"
    return None
