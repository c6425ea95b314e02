"""Flows: who went from where to where, and how long the way took."""

from __future__ import annotations

from retrail.insight import find, flows, look


def story(toys, stays, **definitions):
    """Flows of identities that stood (camera, start, end) on cameras without zones."""
    site = toys.site(cameras=("door", "aisle", "till"), **definitions)
    seen, identity_of = [], {}
    for who, own in stays.items():
        for at, (camera, start_s, end_s) in enumerate(own):
            name = f"{who}-{at}"
            seen.append(toys.walk([(start_s, 0.5, 0.5), (end_s, 0.5, 0.5)], name, camera, hz=1))
            identity_of[name] = who
    return look(find(seen, identity_of, site))


def told(found):
    return {
        (flow.origin.name if flow.origin else None, flow.target.name if flow.target else None): flow for flow in found
    }


def test_two_people_who_go_the_same_way_are_one_flow_with_their_times(toys):
    first = [("door", 0, 10), ("aisle", 30, 60), ("till", 70, 90)]
    second = [("door", 100, 110), ("aisle", 150, 160)]
    found = told(flows(story(toys, {1: first, 2: second}), "camera"))
    assert set(found) == {(None, "door"), ("door", "aisle"), ("aisle", "till"), ("till", None), ("aisle", None)}
    ways = found["door", "aisle"]
    assert (ways.moves, ways.visitors, ways.transit.mean_s, ways.transit.shortest_s) == (2, 2, 30, 20)
    assert found[None, "door"].transit is None


def test_zones_and_cameras_without_zones_are_the_same_places(toys):
    view = story(toys, {1: [("door", 0, 10), ("till", 30, 60)]})
    assert [flow.moves for flow in flows(view, "zone")] == [flow.moves for flow in flows(view, "camera")]


def test_coming_back_into_view_of_the_same_camera_is_no_flow(toys):
    found = told(flows(story(toys, {1: [("door", 0, 10), ("door", 30, 40), ("till", 60, 70)]}), "camera"))
    assert ("door", "door") not in found
    assert found["door", "till"].transit.mean_s == 20


def test_who_leaves_and_returns_goes_through_the_outside(toys):
    found = told(flows(story(toys, {1: [("door", 0, 10), ("till", 5000, 5010)]}), "camera"))
    assert ("door", "till") not in found
    assert found[None, "till"].moves == found["door", None].moves == 1


def test_seen_by_two_cameras_at_once_takes_no_time(toys):
    found = told(flows(story(toys, {1: [("door", 0, 50), ("till", 40, 90)]}), "camera"))
    assert found["door", "till"].transit.mean_s == 0


def test_a_move_is_in_the_period_in_which_it_ends(toys):
    findings = story(toys, {1: [("door", 0, 10), ("till", 30, 60)]}).findings
    assert told(flows(look(findings, 0.0, 20.0), "camera")).keys() == {(None, "door")}
    assert told(flows(look(findings, 20.0, 99.0), "camera")).keys() == {("door", "till"), ("till", None)}
