"""A site's score as one page that opens without a network, with pictures of the worst mistakes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib import metadata
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from retrail.evaluate.site import SiteScore
from retrail.evaluate.words import beside, journeys, losses, not_judged, percent, seconds
from retrail.evaluate.worst import Mistake, Still


def score_html(
    score: SiteScore, truth: str, mistakes: tuple[Mistake, ...], pictures: Mapping[Still, bytes], *, blurred: bool
) -> str:
    """The page.

    Args:
        score: what it is about.
        truth: where the truth lies, as it was given.
        mistakes: of ``worst_mistakes``.
        pictures: JPEG by moment, of ``pictures_of``; a moment without is told in words alone.
        blurred: whether heads are blurred in them.
    """
    environment = Environment(
        loader=PackageLoader("retrail.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (files("retrail.insight") / "templates" / "report.css").read_text("utf-8")
    return environment.get_template("evaluation.html").render(
        score=score,
        truth=truth,
        tiles=_tiles(score),
        beside=list(beside(score)),
        not_judged=list(not_judged(score)),
        losses=losses(score),
        mistakes=mistakes,
        lacking=sum(still not in pictures for mistake in mistakes for still in mistake.stills),
        pictures={still: base64.b64encode(data).decode() for still, data in pictures.items()},
        percent=percent,
        blurred=blurred,
        style=Markup(style),
        version=metadata.version("retrail"),
    )


def _tiles(score: SiteScore) -> list[tuple[str, str, str]]:
    lines = score.lines or ()
    ways = "entries and exits"
    said = f"{sum(line.entries for line in lines)} and {sum(line.exits for line in lines)}"
    true = f"true: {sum(line.entries_truth for line in lines)} and {sum(line.exits_truth for line in lines)}"
    dwell, true_visitors = score.dwell, score.visitors_truth
    return [
        ("visitors", str(round(score.visitors.estimate)), "" if true_visitors is None else f"true: {true_visitors}"),
        *([(ways, said, true)] if score.lines else []),
        *([("dwell is off by", seconds(dwell.mean_error_s), f"of {seconds(dwell.mean_truth_s)}")] if dwell else []),
        ("journeys", *journeys(score)),
        *([("one name on all cameras", percent(score.identities.idf1), "of the time (IDF1)")] if score.cameras else []),
    ]
