"""A secret is masked wherever a message shows it, in whatever form, and nothing else is."""

from __future__ import annotations

import copy
import html
import pickle
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.secrets import Secret

ODD = "p@:/% &é'\"\\<+"


@pytest.mark.parametrize(
    "form",
    [
        ODD,
        quote(ODD, safe=""),
        quote(ODD),
        quote_plus(ODD),
        quote(ODD, safe="").lower(),
        quote(quote(ODD, safe=""), safe=""),
        html.escape(ODD),
        html.escape(ODD, quote=False),
        repr(ODD)[1:-1],
        ascii(ODD)[1:-1],
        ODD.replace("@", "%40"),
        "".join(f"%{octet:02X}" for octet in ODD.encode()),
    ],
)
def test_every_form_of_a_secret_is_masked(form: str) -> None:
    secret = Secret("x", (ODD,))
    assert secret.clean(f"cannot open rtsp://eva:{form}@till/1: 401") == "cannot open rtsp://eva:***@till/1: 401"


def test_a_part_that_was_written_percent_encoded_is_masked_decoded_too() -> None:
    assert Secret("x", ("p%40ss",)).clean("p@ss and p%40ss") == "*** and ***"


@pytest.mark.parametrize("short", ["a", "7", "ab", "a1b", "e", "***"[:1] + "x"])
def test_a_short_secret_is_masked_where_it_stands_by_itself_and_leaves_words_alone(short: str) -> None:
    secret = Secret(f"rtsp://{short}:{short}@camera/b7ae", (short,))
    assert str(secret) == "rtsp://***:***@camera/b7ae"
    said = f"camera entrance1: user '{short}', password={short}; {short}"
    assert secret.clean(said) == "camera entrance1: user '***', password=***; ***"
    assert secret.clean(quote(f"eva:{short}@till", safe="")) == "eva%3A***%40till"


def test_a_secret_of_one_sign_leaves_the_layout_of_a_message_alone() -> None:
    secret = Secret("rtsp://eva:%3A@till/1", (":",))
    assert str(secret) == "rtsp://eva:***@till/1"
    assert secret.clean("No answer\n  where: till") == "No answer\n  where: till"


def test_an_empty_part_hides_nothing() -> None:
    assert Secret("rtsp://eva:@till/1", ("",)).clean("all of it") == "all of it"


def test_neither_text_nor_repr_nor_format_gives_it_away_and_it_travels() -> None:
    secret = Secret("rtsp://eva:otter@till/1", ("otter",))
    for said in (str(secret), repr(secret), f"{secret}", f"{[secret]}", f"{secret!s:>40}"):
        assert "otter" not in said
    again = pickle.loads(pickle.dumps(copy.deepcopy(secret)))
    assert again == secret
    assert hash(again) == hash(secret)
    assert "otter" not in str(again)
    assert str(secret.with_text("/srv/otter.mp4")) == "/srv/***.mp4"


@given(st.text(min_size=4, max_size=20).filter(lambda text: "*" not in text), st.text(max_size=20))
def test_no_long_secret_is_left_in_any_message(part: str, around: str) -> None:
    cleaned = Secret("x", (part,)).clean(f"{around}{part}{around} {quote(part, safe='', errors='replace')}")
    assert part not in cleaned
