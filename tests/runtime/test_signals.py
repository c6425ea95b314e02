"""A process that opened and closed networks still takes signals: Ctrl-C ends a run in order, not the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """\
import faulthandler, gc, os, signal
from retrail.runtime import open_network
from retrail.zoo import find_card, locate

faulthandler.enable()
networks = [open_network(locate(find_card(name))) for name in ("retrail-person-s", "retrail-encoder-s")]
networks.{order}()
while networks:
    networks.pop().close()
    gc.collect()
signal.signal(signal.SIGUSR1, lambda kind, frame: print("taken", flush=True))
os.kill(os.getpid(), signal.SIGUSR1)
"""


@pytest.mark.parametrize("order", ["copy", "reverse"], ids=["last opened first", "first opened first"])
def test_signals_are_taken_after_networks_are_closed_in_any_order(order: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(order=order)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "taken\n"), done.stderr
