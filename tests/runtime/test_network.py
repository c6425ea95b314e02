"""What a network promises to whoever calls it, on toys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.runtime import networks

from retrail.core.errors import ModelError
from retrail.runtime import Network, Outputs, open_network

SIZE = (networks.SIZE * 2, networks.SIZE, 3)


def plain(*colours: tuple[int, int, int]) -> NDArray[np.uint8]:
    """One image a colour (B, G, R)."""
    return np.stack([np.full(SIZE, colour, np.uint8) for colour in colours])


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    opened = open_network(networks.channel_means(tmp_path), batch=4, requests=2)
    yield opened
    opened.close()


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Network]:
    opened = open_network(networks.breaks_when_dark(tmp_path), batch=1, requests=1)
    yield opened
    opened.close()


def test_fewer_images_than_the_batch_give_as_many_results(network: Network) -> None:
    out = network.infer(plain((1, 2, 3), (4, 5, 6)))
    assert out["descriptor"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert out["descriptor"].dtype == np.float32


def test_colour_order_mean_and_scale_are_in_the_graph(tmp_path: Path) -> None:
    files = networks.channel_means(tmp_path)
    seen = networks.card(colour="RGB", mean=(30.0, 20.0, 10.0), scale=(1.0, 2.0, 4.0))
    network = open_network(replace(files, card=seen))
    assert network.infer(plain((50, 40, 31)))["descriptor"].tolist() == [[1.0, 10.0, 10.0]]
    network.close()


def test_further_inputs_become_constants(tmp_path: Path) -> None:
    files = networks.with_constant(tmp_path)
    told = networks.card(constants={"im_info": (100.0, 200.0, 300.0)})
    network = open_network(replace(files, card=told))
    assert network.infer(plain((1, 2, 3)))["descriptor"].tolist() == [[101, 202, 303]]
    network.close()


def test_results_are_copies(network: Network) -> None:
    first = network.infer(plain((1, 2, 3)))["descriptor"]
    for shade in range(10, 20):
        network.infer(plain((shade,) * 3))
    assert first.tolist() == [[1, 2, 3]]
    assert first.flags.owndata
    assert first.flags.writeable


def test_images_may_be_reused_as_soon_as_submit_returns(network: Network) -> None:
    results: dict[int, float] = {}
    image = plain((0, 0, 0))
    for shade in range(50):
        image[:] = shade
        network.submit(image, lambda out, shade=shade: results.__setitem__(shade, float(out["descriptor"][0, 0])))
    network.drain()
    assert results == {shade: float(shade) for shade in range(50)}


def test_nothing_of_an_earlier_fuller_batch_is_left_in_the_padding(network: Network) -> None:
    network.infer(plain((9, 9, 9), (9, 9, 9), (9, 9, 9), (9, 9, 9)))
    assert network.infer(plain((1, 1, 1)))["descriptor"].shape == (1, 3)


def test_submit_blocks_while_all_requests_are_busy(tmp_path: Path) -> None:
    network = open_network(networks.channel_means(tmp_path), requests=1)
    held, gate, third = threading.Event(), threading.Event(), threading.Event()

    def slow(out: Outputs | Exception) -> None:
        held.set()
        gate.wait(10)

    def submit_more() -> None:
        network.submit(plain((1, 1, 1)), lambda out: None)  # taken while the first is in its `done`
        network.submit(plain((1, 1, 1)), lambda out: None)
        third.set()

    network.submit(plain((1, 1, 1)), slow)
    assert held.wait(10)
    thread = threading.Thread(target=submit_more)
    thread.start()
    assert not third.wait(0.2)
    gate.set()
    assert third.wait(10)
    thread.join()
    network.close()


def test_failure_while_running_reaches_done_and_the_network_goes_on(fragile: Network) -> None:
    outcomes: list[Outputs | Exception] = []
    fragile.submit(plain((0, 0, 0)), outcomes.append)
    fragile.submit(plain((1, 2, 3)), outcomes.append)
    fragile.drain()
    assert isinstance(outcomes[0], ModelError)
    assert "failed while running" in str(outcomes[0])
    assert isinstance(outcomes[1], dict)
    assert outcomes[1]["descriptor"].tolist() == [[1, 2, 3]]


def test_failure_while_running_is_raised_by_infer(fragile: Network) -> None:
    with pytest.raises(ModelError, match="failed while running"):
        fragile.infer(plain((0, 0, 0)))


def test_what_done_raises_is_raised_by_drain_once(network: Network) -> None:
    def careless(out: Outputs | Exception) -> None:
        raise ValueError("in done")

    network.submit(plain((1, 2, 3)), careless)
    with pytest.raises(ValueError, match="in done"):
        network.drain()
    network.drain()
    assert network.infer(plain((1, 2, 3)))["descriptor"].tolist() == [[1, 2, 3]]


def test_several_threads_may_call(network: Network) -> None:
    found: list[tuple[int, float]] = []

    def caller(shade: int) -> None:
        found.extend((shade, float(network.infer(plain((shade,) * 3))["descriptor"][0, 0])) for _ in range(20))

    threads = [threading.Thread(target=caller, args=(shade,)) for shade in (10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 60
    assert all(shade == value for shade, value in found)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((5, *SIZE), np.uint8),
        np.zeros((0, *SIZE), np.uint8),
        np.zeros((1, *SIZE), np.float32),
        np.zeros(SIZE, np.uint8),
    ],
    ids=["another size", "more than the batch", "none", "floats", "no batch axis"],
)
def test_images_of_another_shape_are_refused(network: Network, images: NDArray[np.uint8]) -> None:
    with pytest.raises(ModelError, match="another shape") as caught:
        network.infer(images)
    assert str(images.shape) in str(caught.value.found)


def test_interrupted_while_images_are_copied_nothing_waits_for_the_run_that_never_began(fragile: Network) -> None:
    class Interrupting:
        """Pictures during whose copying Ctrl-C is pressed."""

        dtype, shape = np.dtype(np.uint8), (1, *SIZE)

        def __len__(self) -> int:
            return 1

        def __array__(self, *_: object, **__: object) -> NDArray[np.uint8]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fragile.infer(cast(NDArray[np.uint8], Interrupting()))
    fragile.drain()
    assert len(fragile.infer(plain((200, 200, 200)))) == 1  # the one request is free again


def test_closed_network_refuses_and_may_be_closed_again(network: Network) -> None:
    seen: list[Outputs | Exception] = []
    network.submit(plain((1, 2, 3)), seen.append)
    network.close()
    network.close()
    assert len(seen) == 1
    with pytest.raises(ModelError, match="closed"):
        network.infer(plain((1, 2, 3)))
