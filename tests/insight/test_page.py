"""The page: whole, harmless, without a network, and drawn by a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from retrail.insight import find, look
from retrail.insight.page import report_html
from retrail.insight.ways import ROWS, selection
from retrail.site import Line

EVIL = "<script>alert(1)</script><b>&"
MADE_S = 1_795_000_000.0


@pytest.fixture(scope="module")
def day(toys):
    """A day in a shop with two cameras, 60 visitors, an evil zone, somebody unresolved and somebody undecided."""
    half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    other = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    site = toys.site(
        cameras=("hall", "till"),
        zones={EVIL: ("hall", half), "bread": ("hall", other)},
        lines=[Line("door", "hall", (0.0, 0.9), (1.0, 0.9), "up")],
        timezone="Europe/Lisbon",
    )
    chance = np.random.default_rng(0)
    seen, identity_of = [], {}
    for who in range(62):
        start_s = 1_795_168_800 + float(chance.uniform(0, 8 * 3600))
        stay_s = float(chance.exponential(60)) + 6
        way = [(0, 0.3, 0.97), (5, 0.3, 0.5), (stay_s, 0.3, 0.5), (stay_s + 9, 0.8, 0.5)]
        way = [(start_s + at_s, x, y) for at_s, x, y in way]
        seen.append(toys.walk(way, f"a{who}", hz=2, presence="undecided" if who == 61 else "person"))
        later_s = start_s + stay_s + 30
        seen.append(toys.walk([(later_s, 0.5, 0.5), (later_s + 60, 0.5, 0.5)], f"b{who}", "till", hz=1))
        identity_of |= {} if who >= 60 else {f"a{who}": who + 1, f"b{who}": who + 1}
    return look(find(seen, identity_of, site))


@pytest.fixture(scope="module")
def page(day):
    return report_html(day, MADE_S, note="A note & more.")


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def figures(page):
    return json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])


def test_every_figure_is_one_that_plotly_knows(page):
    drawn = figures(page)
    assert set(drawn) == {"visitors", "occupancy", "dwell", "spread", "flows", "journeys"}
    for figure in drawn.values():
        go.Figure(figure)


def test_it_says_what_when_where_and_with_which_models(page):
    text = unescape(page)
    for said in (
        *("toy-shop", "Europe/Lisbon", "Made 2026-11-18 11:06", "a-detector, an-encoder, mode journey"),
        *("A note & more.", "3 sightings are of people seen too badly", "What the words mean"),
        "shop's day begins at 04:00",
    ):
        assert said in text


def test_it_asks_nothing_of_a_network(page):
    elements = Elements(page).elements
    assert not [attrs for _, attrs in elements if {"src", "srcset", "action", "data"} & set(attrs)]
    assert [attrs["href"] for _, attrs in elements if "href" in attrs] == ["data:,"]
    policy = next(attrs["content"] for _, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.split("script-src")[1]
    assert "@import" not in page[: page.index("</style>")]


def test_an_evil_name_is_only_text(page):
    assert EVIL not in page.replace("\\u003c", "")
    assert [tag for tag, _ in Elements(page).elements].count("script") == 3
    assert "<script>alert" not in json.dumps(figures(page)["dwell"])


def test_the_page_stays_small_enough_to_send(page):
    assert len(page.encode()) < 6_000_000


def test_journeys_are_bounded_and_the_page_says_so(page, day):
    assert f"{ROWS} of 61 journeys" in page or f"{ROWS} of 60 journeys" in page
    rows = figures(page)["journeys"]["layout"]["yaxis"]["ticktext"]
    assert len(rows) == ROWS
    assert selection([]) == []


def test_who_goes_through_the_stops_is_conserved(page):
    flow = figures(page)["flows"]["data"][0]
    link = flow["link"]
    into, out = np.zeros(len(flow["node"]["label"])), np.zeros(len(flow["node"]["label"]))
    np.add.at(into, link["target"], link["value"])
    np.add.at(out, link["source"], link["value"])
    inner = (into > 0) & (out > 0)
    assert inner.any()
    assert (into[inner] >= out[inner]).all()
    through = [f"{most:.0f}" for most in np.maximum(into, out)]
    assert [label.rsplit(" ", 1)[1] for label in flow["node"]["label"]] == through


def test_of_nobody_there_is_no_chart_but_a_sentence(toys):
    page = report_html(look(find([], {}, toys.square())), MADE_S)
    assert "Nobody was seen in this period." in page
    assert figures(page) == {}
    assert len(page) < 20_000


def test_people_who_only_pass_make_no_empty_charts(toys):
    page = report_html(look(find([toys.walk([(0, 0.1, 0.1), (4, 0.2, 0.1)])], {"a": 1}, toys.square())), MADE_S)
    assert "Nobody stayed in a zone long enough for a visit." in page
    assert set(figures(page)) == {"occupancy"}


def test_the_same_log_gives_the_same_page(day):
    assert report_html(day, MADE_S) == report_html(day, MADE_S)


@pytest.mark.browser
@pytest.mark.parametrize("width_px", [1280, 390])
def test_a_browser_draws_every_chart_and_complains_of_nothing(page, tmp_path: Path, width_px: int):
    file, netlog = tmp_path / "page.html", tmp_path / "net.json"
    file.write_text(page, encoding="utf-8")
    options = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path / 'user'}"),
        *(f"--window-size={width_px},900", f"--log-net-log={netlog}", "--enable-logging=stderr"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=30000", "--dump-dom"),
    ]
    command = [shutil.which("chromium") or "chromium", *options, file.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    dom = ran.stdout
    assert 'data-charts="6"' in dom, ran.stderr[-2000:]
    assert len(re.findall('class="chart[^"]* drawn', dom)) == 6
    assert dom.count('<svg class="main-svg"') >= 6
    assert "alert(1)" in dom
    assert "CONSOLE" not in ran.stderr, ran.stderr
    assert asked_for(netlog) == []


def asked_for(netlog: Path) -> list[str]:
    """What a page asked of the network; what the browser asks for itself has no origin."""
    events = json.loads(netlog.read_text(encoding="utf-8"))["events"]
    requests = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return [
        request["url"]
        for request in requests
        if request["initiator"] != "not an origin" and not request["url"].startswith(("file:", "data:", "blob:"))
    ]


def test_where_nobody_is_resolved_it_says_so_instead_of_nobody(toys):
    page = report_html(look(find([toys.walk([(0, 0.5, 0.6), (9, 0.5, 0.6)])], {}, toys.square())), MADE_S)
    assert "Nobody counted as a visitor." in page
    assert "1 sighting is of somebody seen too badly" in page
    assert "Nobody was seen" not in page
