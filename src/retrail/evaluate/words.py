"""A site's score in words, for whoever runs the shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from retrail.evaluate.identities import Confusion, Decision
from retrail.evaluate.site import SiteScore

_SHOWN = 20


def site_text(score: SiteScore) -> str:
    """Numbers beside the truth, then the mistakes with their evidence."""
    return "\n".join([*_numbers(score), "", *_cameras(score), "", *_mistakes(score)])


def percent(value: float | None) -> str:
    """A share as text; a dash for None."""
    return "-" if value is None else f"{value * 100:.1f} %"


def seconds(value: float | None) -> str:
    """Seconds as text; a dash for None."""
    return "-" if value is None else f"{value:.1f} s"


def clock(time_s: float, score: SiteScore) -> str:
    """Time of day in the shop."""
    return datetime.fromtimestamp(time_s, score.site.timezone).strftime("%H:%M:%S.%f")[:-5]


def how_wrong(one: Confusion) -> str:
    """A false merge or split as a sentence."""
    if one.kind == "merge":
        return f"Identity {one.identity} is person {one.person}, and person {one.other} too"
    return f"Person {one.person} is identity {one.identity}, and identity {one.other} too"


def evidence(decision: Decision, score: SiteScore) -> str:
    """What the ledger says about a sighting, on one line."""
    when = f"{decision.camera} {clock(decision.start_s, score)} to {clock(decision.end_s, score)}"
    parts = [f"{when}, sighting {decision.sighting[:8]}"]
    if decision.mixed:
        parts.append("the tracker mixed two people in it")
    if decision.candidate is not None:
        kinds = ", ".join(f"{kind} {value:+.1f}" for kind, value in decision.candidate.log_odds.items())
        parts.append(f"log-odds {decision.candidate.total_log_odds:+.1f} ({kinds})")
    else:
        parts.append("the identity was not considered")
    if decision.reasons:
        parts.append(f"ledger {', '.join(map(str, decision.entries))}: {decision.reasons[-1]}")
    return "; ".join(parts)


def beside(score: SiteScore) -> Iterator[tuple[str, str, str, str]]:
    """What was said beside what is true, with a remark."""
    visitors = round(score.visitors.estimate)
    unresolved = score.visitors.unresolved
    remark = f"{unresolved} more could be anybody" if unresolved else ""
    yield "visitors", str(visitors), _whole(score.visitors_truth), remark
    for line in score.lines or ():
        yield f"entries over {line.line}", str(line.entries), str(line.entries_truth), ""
        yield f"exits over {line.line}", str(line.exits), str(line.exits_truth), ""
    if score.dwell is not None:
        dwell = score.dwell
        yield "visits to zones", str(dwell.visits), str(dwell.visits_truth), f"{dwell.paired} of them happened so"
        errors = f"mean error {seconds(dwell.mean_error_s)}, nine in ten under {seconds(dwell.p90_error_s)}"
        yield "mean dwell", seconds(dwell.mean_s), seconds(dwell.mean_truth_s), errors
        apart = f"the distributions are {percent(dwell.distance)} apart (Kolmogorov-Smirnov)"
        yield "median dwell", seconds(dwell.median_s), seconds(dwell.median_truth_s), apart
        yield "nine in ten stay under", seconds(dwell.p90_s), seconds(dwell.p90_truth_s), ""
    for one in score.occupancy or ():
        off = "" if one.mean_error is None else f"on average {one.mean_error:.2f} people off"
        yield f"most at once{' at ' + one.zone if one.zone else ''}", str(one.peak), str(one.peak_truth), off


def not_judged(score: SiteScore) -> Iterator[str]:
    """What the truth leaves out, as sentences."""
    if score.left_out:
        yield f"Left out, for the truth does not label them: {', '.join(score.left_out)}."
    if score.not_drawn:
        yield f"Without boxes in the truth, judged by visits and crossings alone: {', '.join(score.not_drawn)}."


def _whole(number: int | None) -> str:
    return "-" if number is None else str(number)


def _numbers(score: SiteScore) -> Iterator[str]:
    yield f"{score.site.name}: what Retrail says, and what is true"
    yield from not_judged(score)
    rows = list(beside(score))
    wide = max(len(label) for label, *_ in rows)
    yield f"  {'':<{wide}}  {'said':>8}  {'true':>8}"
    for label, said, true, remark in rows:
        yield f"  {label:<{wide}}  {said:>8}  {true:>8}  {remark}".rstrip()
    yield ""
    right, remark = journeys(score)
    yield f"  {right:>8}  {remark}"
    if not score.cameras:
        return
    yield f"  {percent(score.transitions_right):>8}  of {len(score.transitions)} changes of camera are right"
    yield f"  {percent(score.identities.idf1):>8}  of the time everybody has one name on all cameras (IDF1)"
    for why, lost in losses(score):
        yield f"    {percent(lost):>8} are lost: {why}"
    yield f"  {percent(score.idf1_single):>8}  on each camera for itself"
    yield f"  {percent(score.idf1_tracks):>8}  by tracking alone, each time somebody is in view for itself"
    yield f"  {percent(score.hota.hota):>8}  HOTA over all cameras"
    yield f"  {percent(score.recall):>8}  of people's boxes are found"
    yield f"  {percent(score.precision):>8}  of the boxes found are people"


def journeys(score: SiteScore) -> tuple[str, str]:
    """Which part of the journeys is exactly right, and what of: the truth may not have all that makes one."""
    if score.journeys_lack:
        return "not judged", f"journeys: {score.journeys_lack}"
    alone = ", by visits alone: the truth has no crossings.csv" if score.lines is None and score.site.lines else ""
    return percent(score.journeys_right), f"of {len(score.journeys)} journeys are exactly right{alone}"


def losses(score: SiteScore) -> tuple[tuple[str, float | None], ...]:
    """Where IDF1 is lost, in words."""
    lost = score.losses
    return (
        ("found, but not called people for they hardly moved", lost.held_back),
        ("not found, or boxes of nobody", lost.detection),
        ("mixed up by the tracker", lost.tracking),
        ("taken for somebody else", lost.association),
    )


def _cameras(score: SiteScore) -> Iterator[str]:
    if not score.cameras:
        return
    wide = max([6, *(len(camera.name) for camera in score.cameras)])
    yield f"  {'camera':<{wide}}  {'found':>8}  {'right':>8}  {'IDF1':>8}  {'tracker':>8}  {'HOTA':>8}  {'switches':>8}"
    for camera in score.cameras:
        clear = camera.frames.clear
        shares = (clear.recall, clear.precision, camera.identities.idf1, camera.tracks.idf1, camera.hota.hota)
        cells = "  ".join(f"{percent(value):>8}" for value in shares)
        yield f"  {camera.name:<{wide}}  {cells}  {len(clear.switches):>8}"


def _mistakes(score: SiteScore) -> Iterator[str]:
    if score.cameras and not (score.confusions or score.never_found or score.nobody):
        yield "Nobody is confused with anybody."
    for kind, title in (("merge", "Two people under one number"), ("split", "One person under two numbers")):
        found = [one for one in score.confusions if one.kind == kind]
        if found:
            yield f"{title}: {len(found)}"
        for one in found[:_SHOWN]:
            yield f"  {how_wrong(one)} ({one.frames} frames)"
            yield from (f"    {evidence(decision, score)}" for decision in one.decisions[:_SHOWN])
        if len(found) > _SHOWN:
            yield f"  and {len(found) - _SHOWN} more: --json lists them all"
    if score.never_found:
        yield f"Never found: person {', '.join(map(str, score.never_found))}"
    if score.nobody:
        yield f"Identities that show nobody: {', '.join(map(str, score.nobody))}"
