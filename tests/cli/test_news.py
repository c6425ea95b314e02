"""What happens to cameras is told as it happens, and an absence once."""

from __future__ import annotations

import io

from rich.console import Console

from retrail.cli.news import News, told
from retrail.core.types import CameraEvent


def event(kind: str, detail: str = "", camera: str = "till") -> CameraEvent:
    return CameraEvent(camera, 0.0, kind, detail)


def test_a_failure_is_told_with_its_reason() -> None:
    said = News().line(event("failed", "The file does not exist\n  where:   camera till: gone.mp4"))
    assert said == "till failed: The file does not exist\n  where:   camera till: gone.mp4"


def test_a_camera_that_cannot_be_reached_is_told_of_once_and_again_when_it_is_back() -> None:
    news = News()
    refused = event("unreachable", "The camera cannot be reached: Connection refused")
    silent = event("unreachable", "The camera cannot be reached: no answer within 10 s")
    back = event("connect", "back after 61.0 s")
    assert [news.line(each) for each in (refused, refused, silent, back, refused)] == [
        "till: The camera cannot be reached: Connection refused; trying again",
        None,
        None,
        "till: back after 61.0 s",
        "till: The camera cannot be reached: Connection refused; trying again",
    ]


def test_a_camera_that_is_lost_and_then_cannot_be_reached_is_away_once() -> None:
    news = News()
    kinds = ("lost", "unreachable", "stall", "reconnect", "stall")
    assert [news.line(event(kind)) is not None for kind in kinds] == [True, False, False, True, True]


def test_each_camera_is_away_for_itself() -> None:
    news = News()
    assert news.line(event("lost", "The connection was lost")) is not None
    assert news.line(event("lost", "The connection was lost", camera="door")) is not None


def test_what_a_camera_survives_is_no_news() -> None:
    assert [News().line(event(kind)) for kind in ("corrupt", "clock_jump", "resolution", "overlap")] == [None] * 4


def test_all_of_it_is_printed_in_order_on_leaving_and_no_line_is_broken() -> None:
    written = io.StringIO()
    path = "/clips/" + "a" * 100 + ".mp4"
    with told(Console(file=written, width=40)) as on_event:
        on_event(event("failed", f"The file does not exist: {path}", camera="door"))
        on_event(event("lost", "The connection was lost"))
    assert written.getvalue().splitlines() == [
        f"door failed: The file does not exist: {path}",
        "till: The connection was lost; trying again",
    ]
