"""What a camera's source, a file name's time and the database's address may be: pydantic's checks of them.

The texts arrive as `Secret`; as everywhere, what a check says holds nothing of the value.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from retrail.core.secrets import Secret
from retrail.site.address import SOURCE_SCHEMES, address_problem, is_address, scheme
from retrail.site.near import near_hint
from retrail.site.values import mistake


def _source(value: object) -> Secret:
    if not isinstance(value, Secret) or not value.reveal().strip():
        raise mistake("Not a source", allowed="a URL, a device, a file or a pattern of files, as text")
    kind = scheme(value.reveal())
    if is_address(value.reveal()):
        if kind not in SOURCE_SCHEMES:
            raise mistake(
                "An address of a kind that is not known",
                allowed=", ".join(f"{name}://" for name in SOURCE_SCHEMES),
                hint=near_hint(kind, SOURCE_SCHEMES),
            )
        problem = address_problem(value.reveal(), host_needed=kind != "file")
        if problem:
            raise mistake(problem, allowed="scheme://user:password@host:port/path")
    return value


def _database(value: object) -> Secret:
    allowed = "postgresql://user:password@host:port/name"
    if not isinstance(value, Secret) or scheme(value.reveal()) != "postgresql":
        raise mistake("Not the address of a PostgreSQL server", allowed=allowed)
    problem = address_problem(value.reveal(), host_needed=False)
    if problem:
        raise mistake(problem, allowed=allowed)
    return value


def _name_time(value: object) -> str:
    allowed = "the file's name with the fields of strptime, at least year, month and day: till_%Y%m%d_%H%M%S.mp4"
    if not isinstance(value, str):
        raise mistake("Not a pattern of time", allowed=allowed)
    probe = datetime(2026, 11, 20, 13, 5, 9, tzinfo=UTC)
    # strptime fills a missing year with 1900 (and newer Pythons warn), so that is asked first.
    if not re.search(r"%(?:[Yycx]|G)", value):
        raise mistake("A pattern of time without a year", allowed=allowed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            read = datetime.strptime(probe.strftime(value), value)
    except (ValueError, re.error):
        raise mistake("A pattern that no time can be read by", allowed=allowed) from None
    if read.date() != probe.date():
        raise mistake("A pattern of time without month and day", allowed=allowed)
    return str(value)


Source = Annotated[Secret, PlainValidator(_source), WithJsonSchema({"type": "string", "minLength": 1})]
Database = Annotated[
    Secret, PlainValidator(_database), WithJsonSchema({"type": "string", "pattern": r"^(postgresql://|\$\{)"})
]
NameTime = Annotated[str, PlainValidator(_name_time), WithJsonSchema({"type": "string", "pattern": "%"})]
