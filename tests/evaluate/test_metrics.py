"""IDF1, HOTA and CLEAR on real tracker output, against motmetrics and TrackEval."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrail.core.geometry import box_iou
from retrail.evaluate.clear import clear_score
from retrail.evaluate.hota import hota_score
from retrail.evaluate.idf1 import identity_score
from retrail.evaluate.steps import Step

# trackeval 1.3.0: MotChallenge2DBox without preprocessing; HOTA, DetA, AssA are means over its 19 overlaps
TRACKEVAL = {
    "TUD-Campus": (0.3913974378451139, 0.418047030142763, 0.36912068120832836, 0.5576592082616179, 7),
    "TUD-Stadtmitte": (0.3978490169927877, 0.3922675723693166, 0.4088407518112996, 0.6446194225721785, 7),
    "both": (0.3999570912884786, 0.3976832912424188, 0.4124495298453543, 0.6242960579243765, 14),
}


def rows_of(path: Path) -> np.ndarray:
    rows = np.loadtxt(path, delimiter=",")
    return np.column_stack([rows[:, :2], rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]])


def steps_of(folder: Path, shift: int = 0) -> list[Step]:
    truth, found = rows_of(folder / "gt.txt"), rows_of(folder / "test.txt")
    steps = []
    for frame in range(1, int(max(truth[:, 0].max(), found[:, 0].max())) + 1):
        a, b = truth[truth[:, 0] == frame], found[found[:, 0] == frame]
        likeness = box_iou(a[:, 2:].astype(np.float32), b[:, 2:].astype(np.float32))
        steps.append(Step(a[:, 1].astype(np.int64) + shift, b[:, 1].astype(np.int64) + shift, likeness))
    return steps


@pytest.mark.shared
@pytest.mark.parametrize("name", list(TRACKEVAL))
def test_as_trackeval_says(shared: Path, name: str) -> None:
    names = ("TUD-Campus", "TUD-Stadtmitte") if name == "both" else (name,)
    parts = [steps_of(shared / "data/metrics" / one, 1000 * place) for place, one in enumerate(names)]
    together = [step for part in parts for step in part]
    hota, detection, association, idf1, switches = TRACKEVAL[name]
    score = hota_score(together)
    assert (score.hota, score.detection, score.association) == pytest.approx((hota, detection, association), abs=1e-9)
    assert identity_score(together).idf1 == pytest.approx(idf1, abs=1e-12)
    assert sum(len(clear_score(part).switches) for part in parts) == switches


def motmetrics_of(steps: list[Step], names: list[str]) -> list[float]:
    """What motmetrics makes of these frames, one after the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import motmetrics

        accumulator = motmetrics.MOTAccumulator(auto_id=True)
        for step in steps:
            distance = np.where(step.likeness >= 0.5, 1.0 - step.likeness, np.nan)
            accumulator.update(step.truth.tolist(), step.found.tolist(), distance)
        return motmetrics.metrics.create().compute(accumulator, metrics=names).iloc[0].tolist()


@pytest.mark.shared
def test_as_motmetrics_says_of_people_who_are_on_several_cameras(shared: Path) -> None:
    # two cameras, the same people and identities on both: what is published of a shop
    parts = [steps_of(shared / "data/metrics" / one) for one in ("TUD-Campus", "TUD-Stadtmitte")]
    people, identities = ([{int(one) for step in part for one in getattr(step, side)} for part in parts]
                          for side in ("truth", "found"))  # fmt: skip
    assert len(people[0] & people[1]) >= 5
    assert len(identities[0] & identities[1]) >= 5
    together = identity_score([step for part in parts for step in part])
    ours = [together.idf1, together.precision, together.recall]
    assert ours == pytest.approx(motmetrics_of(parts[0] + parts[1], ["idf1", "idp", "idr"]), abs=1e-6)
    alone = [identity_score(part) for part in parts]
    assert together.right < sum(one.right for one in alone)  # names agree on one camera and not on both


@pytest.mark.shared
def test_as_motmetrics_says(shared: Path) -> None:
    names = ["idf1", "idp", "idr", "recall", "precision", "num_switches", "num_misses", "num_false_positives", "motp"]
    steps = steps_of(shared / "data/metrics/TUD-Campus")
    theirs = motmetrics_of(steps, names)
    identity, clear = identity_score(steps), clear_score(steps)
    ours = [identity.idf1, identity.precision, identity.recall, clear.recall, clear.precision]
    ours += [len(clear.switches), clear.misses, clear.false, 1.0 - clear.overlap]
    assert ours == pytest.approx(theirs, abs=1e-6)


def frame(truth: list[int], found: list[int], alike: list[list[float]]) -> Step:
    likeness = np.array(alike, float).reshape(len(truth), len(found))
    return Step(np.array(truth, np.int64), np.array(found, np.int64), likeness)


def test_an_identity_that_is_twice_in_a_frame_is_right_once() -> None:
    steps = [frame([1], [5, 5], [[0.9, 0.8]])] * 4
    score = identity_score(steps)
    assert (score.right, score.there, score.found, score.idf1) == (4, 4, 8, 2 / 3)


def test_who_was_followed_stays_followed_while_he_overlaps() -> None:
    steps = [frame([1], [5], [[0.9]]), frame([1], [5, 6], [[0.55, 0.95]]), frame([1], [6], [[0.9]])]
    assert [(one.step, one.before, one.after) for one in clear_score(steps).switches] == [(2, 5, 6)]


def test_a_switch_counts_also_after_a_gap() -> None:
    steps = [frame([1], [5], [[0.9]]), frame([1], [], []), frame([1], [6], [[0.9]]), frame([1], [5], [[0.9]])]
    score = clear_score(steps)
    assert [(one.before, one.after) for one in score.switches] == [(5, 6), (6, 5)]
    assert (score.misses, score.false) == (1, 0)


def test_nothing_there_and_nothing_found() -> None:
    assert identity_score([]).idf1 is None
    assert hota_score([]).hota is None
    assert clear_score([]).recall is None
    assert hota_score([frame([1], [], [])]).hota == 0.0


STEPS = st.lists(
    st.tuples(
        st.lists(st.integers(1, 4), unique=True, max_size=3),
        st.lists(st.integers(1, 4), unique=True, max_size=3),
        st.integers(0, 2**32 - 1),
    ).map(lambda made: Step(
        np.array(made[0], np.int64), np.array(made[1], np.int64),
        np.random.default_rng(made[2]).random((len(made[0]), len(made[1]))),
    )),
    max_size=6,
)  # fmt: skip


@given(STEPS)
def test_scores_lie_between_0_and_1_and_names_do_not_matter(steps: list[Step]) -> None:
    renamed = [Step(step.truth + 7, 100 - step.found, step.likeness) for step in steps]
    identity, hota, clear = identity_score(steps), hota_score(steps), clear_score(steps)
    for value in (identity.idf1, hota.hota, hota.detection, hota.association, clear.recall, clear.precision):
        assert value is None or 0.0 <= value <= 1.0 + 1e-12
    assert identity_score(renamed).idf1 == identity.idf1
    assert hota_score(renamed).detection == pytest.approx(hota.detection)
    assert identity.right <= min(identity.there, identity.found)
    overlapping = [(step.likeness >= 0.5).any(axis=1).sum() for step in steps]  # people whom some box shows
    assert identity.right <= sum(overlapping)
    assert clear.hits <= sum(overlapping)


@given(STEPS)
def test_who_is_found_where_he_is_under_his_own_name_is_perfect(steps: list[Step]) -> None:
    perfect = [Step(step.truth, step.truth, np.eye(len(step.truth))) for step in steps]
    if any(len(step.truth) for step in steps):
        assert identity_score(perfect).idf1 == 1.0
        assert hota_score(perfect).hota == pytest.approx(1.0)
        assert not clear_score(perfect).switches
