"""What comes from the environment works where it is used, and is shown nowhere."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from retrail.core.errors import SiteError
from retrail.site import Site, SiteFileError, json_schema

Load = Callable[..., Site]
NASTY = "p@:/% #?&'\"ü"
PLACED = 'site: kiosk\ncameras: {till: {source: "rtsp://${U}:${P}@till.example/stream1"}}\n'
DATABASE = 'database: "postgresql://${U}:${P}@db.example:5432/shop"\n'

passwords = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(passwords, passwords)
def test_any_user_and_password_make_an_address_that_works(load: Load, user: str, password: str) -> None:
    site = load(PLACED + DATABASE, {"U": user, "P": password})
    parts = urlsplit(site.cameras["till"].source.reveal())
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.path) == ("till.example", "/stream1")
    assert site.database is not None
    read = conninfo_to_dict(site.database.reveal())
    assert (read["user"], read["password"], read["host"], read["dbname"]) == (user, password, "db.example", "shop")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(passwords)
@example("/")  # a sign that the address is made of: masking it everywhere would show where it is not
@example(":")
def test_no_password_is_in_what_a_site_says_of_itself(load: Load, password: str) -> None:
    site = load(PLACED + DATABASE, {"U": "eva", "P": password})
    assert str(site.cameras["till"].source) == "rtsp://***:***@till.example/stream1"
    assert str(site.database) == "postgresql://***:***@db.example:5432/shop"
    other = load(PLACED + DATABASE, {"U": "eva", "P": "another one"})
    assert repr(site) == repr(other)


@pytest.mark.parametrize("password", ["a", "ab", NASTY, "otter", "p%40ss"])
def test_messages_of_the_database_and_of_ffmpeg_are_cleaned(load: Load, password: str) -> None:
    site = load(PLACED + DATABASE, {"U": "eva", "P": password})
    assert site.database is not None
    raw, source = site.database.reveal(), site.cameras["till"].source.reveal()
    for said in (
        f'connection failed: FATAL: password authentication failed ("{password}")',
        f"[rtsp @ 0x55d0] method DESCRIBE failed: 401: {source}",
        f"could not parse {raw!r}",
        f"Error opening input {unquote(source)}",
        f"{quote(source, safe='')}",
    ):
        cleaned = site.clean(said)
        assert "***" in cleaned
        for form in (
            f":{password}@",
            f":{quote(password, safe='')}@",
            f'"{password}"',
            f"%3A{quote(password, safe='')}%40",
        ):
            assert form not in cleaned


def test_a_real_error_of_the_database_is_cleaned(load: Load) -> None:
    site = load(
        PLACED + 'database: "postgresql://${U}:${P}@localhost:1/shop?options=${P}"\n', {"U": "eva", "P": "otter!9"}
    )
    assert site.database is not None
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(site.database.reveal() + "&sslmode=otter!9", connect_timeout=2)
    assert "otter" in str(caught.value)
    assert "otter" not in site.clean(str(caught.value))


@pytest.mark.parametrize(
    ("source", "environ", "shown"),
    [
        ("rtsp://eva:otter@till/1", {}, "rtsp://eva:***@till/1"),
        ("rtsp://eva:ot@ter@till/1", {}, "rtsp://eva:***@till/1"),
        ("http://till/cam?user=eva&password=otter&x=1", {}, "http://till/cam?user=eva&password=***&x=1"),
        ("rtsp://${A}@till/1", {"A": "eva:ot@/ter"}, "rtsp://***@till/1"),
        ("${A}", {"A": "rtsp://eva:otter@till/1"}, "***"),
        ("rtsp://cam${A}:x${A}y@till/cam${A}", {"A": "7"}, "rtsp://***:***@till/***"),
        ("http://till/${A}/live", {"A": "k1"}, "http://till/***/live"),
        ("http://till/live?token=${A}", {"A": "a&b=c"}, "http://till/live?token=***"),
        ("/srv/${A}/x.mp4", {"A": "otter"}, "/srv/***/x.mp4"),
    ],
)
def test_what_is_hidden_of_a_source(load: Load, source: str, environ: dict[str, str], shown: str) -> None:
    site = load(f'site: kiosk\ncameras: {{till: {{source: "{source}"}}}}\n', environ)
    assert str(site.cameras["till"].source) == shown


def test_a_whole_address_from_the_environment_hides_its_parts_too(load: Load) -> None:
    site = load('site: kiosk\ncameras: {till: {source: "${A}"}}\n', {"A": "rtsp://eva:otter@till/key/9a?x=1"})
    assert site.clean("401 for eva, otter at till") == "401 for ***, *** at till"
    assert "9a" not in site.clean("rtsp://till:554/key/9a?x=1 timed out")


def test_a_value_in_a_query_keeps_the_query_whole(load: Load) -> None:
    source = (
        load('site: k\ncameras: {a: {source: "http://till/live?token=${A}&x=1"}}\n', {"A": "a&b=c d"})
        .cameras["a"]
        .source
    )
    assert source.reveal() == "http://till/live?token=a%26b%3Dc%20d&x=1"


def test_what_the_basic_scheme_sends_is_masked(load: Load) -> None:
    site = load(PLACED, {"U": "eva", "P": "otter"})
    assert site.clean("Authorization: Basic ZXZhOm90dGVy") == "Authorization: Basic ***"


SECRET = "otter9" + NASTY


@pytest.mark.parametrize(
    "text",
    [
        PLACED.replace("rtsp:", "rstp:"),
        PLACED.replace("source", "sourc"),
        PLACED.replace("site: kiosk", 'site: "${P}/"'),
        PLACED.replace("till.example", "till.example:port"),
        PLACED.replace("cameras", "cameros"),
        PLACED.replace("{source: ", "[").replace('stream1"}', 'stream1"]'),
        PLACED + 'timezone: "${P}"\n',
        PLACED + 'mode: "${P}"\nday_starts: "${P}"\nstart: "${P}"\nlicences: "${P}"\n',
        PLACED + 'models: "${P}"\nretention: {embeddings: "${P}"}\n',
        PLACED + 'zones: {z: {camera: "${P}", polygon: ["${P}", 1, 2]}}\n',
        PLACED + 'lines: {z: {camera: till, from: "${P}", to: [0, 0], inward: "${P}"}}\n',
        PLACED + 'links: [{from: till, to: "${P}", shortest_s: "${P}", longest_s: "${P}"}]\n',
        PLACED + 'database: "mysql://${U}:${P}@db/shop"\n',
        PLACED + 'database: "host=db password=${P}"\n',
        PLACED + "database: 'host=db password=otter9'\n",
        PLACED + "database: postgresql://eva:otter9/x@db/shop\n",
        PLACED + "database: postgresql://eva:otter9#x@db/shop\n",
        PLACED + "definitions: {visit_gap_s: 'rtsp://eva:otter9@till'}\n",
        PLACED + "zones: rtsp://eva:otter9@till\n",
        PLACED + "other: rtsp://eva:otter9@till\n",
        PLACED + '"rtsp": "${NOT_SET}rtsp://eva:otter9@till"\n',
        PLACED + "site: otter9\n",
        PLACED + "database: !otter {a: b}\n",
        "cameras: {till: {source: 'rtsp://eva:otter9@till', }\n",
        "cameras:\n  till: {source: &x rtsp://eva:otter9@till}\n  till2: {source: &x rtsp://eva:otter9@till} }\n",
    ],
)
def test_no_error_shows_a_secret(load: Load, text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SiteError) as caught:
        load(text, {"U": "eva", "P": SECRET})
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    if isinstance(caught.value, SiteFileError):
        said += repr(caught.value.mistakes)
    assert "otter9" not in said


def test_a_variable_that_is_not_set_is_named_and_no_other_value_is(load: Load) -> None:
    with pytest.raises(SiteFileError, match="environment variable P is not set") as caught:
        load(PLACED, {"U": "otter9"})
    assert "otter9" not in str(caught.value)
    assert len(caught.value.mistakes) == 1


def test_a_variable_may_be_set_to_nothing(load: Load) -> None:
    assert load(PLACED, {"U": "eva", "P": ""}).cameras["till"].source.reveal() == "rtsp://eva:@till.example/stream1"


def test_the_schema_knows_nothing_of_the_environment(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P", SECRET)
    with contextlib.suppress(SiteFileError):
        load(PLACED)
    assert "otter9" not in str(json_schema())
