from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from retrail.video.backlog import Backlog, NumberedPacket
from retrail.video.connection import LivePacket
from retrail.video.stream import StreamHeader

HEADER = StreamHeader("h264", b"", 0, 0, None)


def packet(number: int, arrival_s: float, is_key: bool) -> NumberedPacket:
    return NumberedPacket(number, arrival_s, arrival_s, LivePacket(b"x", None, is_key))


def taken(backlog: Backlog) -> list[object]:
    items = iter(lambda: backlog.take(0.0), None)
    return [item.number if isinstance(item, NumberedPacket) else "header" for item in items]


def test_packets_come_out_in_order_while_decoding_keeps_up():
    backlog = Backlog()
    assert backlog.put(HEADER) == 0
    for number in range(10):
        assert backlog.put(packet(number, number / 10, number % 5 == 0)) == 0
    assert taken(backlog) == ["header", *range(10)]
    assert backlog.take(0.0) is None


def test_two_seconds_behind_it_goes_on_at_the_next_key_frame():
    backlog = Backlog()
    backlog.put(HEADER)
    dropped = [backlog.put(packet(number, number / 10, number % 15 == 0)) for number in range(32)]
    assert sum(dropped) == dropped[30] == 30
    assert taken(backlog) == ["header", 30, 31]


def test_without_key_frames_memory_stays_bounded():
    backlog = Backlog()
    dropped = sum(backlog.put(packet(number, number / 10, is_key=False)) for number in range(5000))
    assert dropped == 5000
    assert backlog.put(packet(5000, 500.0, is_key=True)) == 0
    assert taken(backlog) == [5000]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=200))
def test_nothing_is_lost_uncounted(steps):
    backlog = Backlog()
    arrivals = itertools.accumulate(step for step, *_ in steps)
    dropped, came = 0, []
    for number, (arrival_s, (_, is_key, is_taken)) in enumerate(zip(arrivals, steps, strict=True)):
        dropped += backlog.put(packet(number, arrival_s, is_key))
        item = backlog.take(0.0) if is_taken else None
        came += [item.number] if isinstance(item, NumberedPacket) else []
    came += taken(backlog)
    assert came == sorted(came)
    assert dropped + len(came) == len(steps)
