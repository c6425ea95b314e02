"""The detector's net and its loss: which cells answer, and how a right answer is told from a wrong one."""

from __future__ import annotations

import pytest
import torch

from retrail.core.geometry import box_iou
from retrail.train.assign import Truth, assign, finder_loss, overlap
from retrail.train.nets.finder import Finder, boxes_of, cells

SIZE = (320, 544)
GRID = cells(*SIZE)


def perfect(boxes: torch.Tensor, sure: float = 6.0) -> torch.Tensor:
    """Rows (1, cells, 5) in which every cell points at the nearest of some boxes, and those inside it are sure."""
    middles = (GRID[:, :2] + 0.5) * GRID[:, 2:]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    nearest = boxes[(middles[:, None] - centres[None]).square().sum(-1).argmin(1)]
    centre, size = (nearest[:, :2] + nearest[:, 2:]) / 2, nearest[:, 2:] - nearest[:, :2]
    inside = ((middles > nearest[:, :2]) & (middles < nearest[:, 2:])).all(1)
    logit = torch.where(inside, sure, -sure)[:, None]
    return torch.cat([centre / GRID[:, 2:] - GRID[:, :2], (size / GRID[:, 2:]).log(), logit], 1)[None]


def test_it_costs_what_its_recipe_says() -> None:
    net, work = Finder(), 0

    def count(part: torch.nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal work
        work += output.shape[1:].numel() * next(part.parameters())[0].numel()

    for part in net.modules():
        if isinstance(part, torch.nn.Conv2d):
            part.register_forward_hook(count)
    with torch.inference_mode():
        rows = net.eval()(torch.zeros(1, 3, *SIZE))
    assert rows.shape == (1, len(GRID), 5)
    assert 2 * work / 1e9 == pytest.approx(1.24, abs=0.01)
    assert sum(part.numel() for part in net.parameters()) == 893_919


def test_boxes_come_out_of_the_rows_that_say_them() -> None:
    box = torch.tensor([[100.0, 50.0, 160.0, 230.0]])
    assert torch.allclose(boxes_of(perfect(box), GRID)[0], box.expand(len(GRID), 4), atol=1e-2)


def test_overlap_is_that_of_the_geometry() -> None:
    torch.manual_seed(0)
    corner = torch.rand(20, 2) * 50
    boxes = torch.cat([corner, corner + 1 + torch.rand(20, 2) * 40], 1)
    iou, spread = overlap(boxes[:, None], boxes[None])
    assert torch.allclose(iou, torch.from_numpy(box_iou(boxes.numpy(), boxes.numpy())), atol=1e-5)
    assert (spread <= iou + 1e-6).all()
    assert (spread >= -1).all()


def test_everybody_is_answered_for_and_no_cell_answers_twice() -> None:
    people = torch.tensor([[40.0, 40, 90, 200], [60.0, 50, 120, 210], [300.0, 100, 312, 130], [400.0, 10, 540, 318]])
    rows = perfect(people)
    answering, persons = assign(rows[0, :, 4], boxes_of(rows, GRID)[0], GRID, people)
    assert set(persons.tolist()) == {0, 1, 2, 3}
    assert len(set(answering.tolist())) == len(answering)


def test_nobody_is_nobody() -> None:
    rows = perfect(torch.tensor([[40.0, 40, 90, 200]]), sure=0.0)
    loss = finder_loss(rows, GRID, [Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.bool))])
    assert (loss.people, float(loss.box)) == (0, 0.0)
    assert float(loss.score) > 0


def test_a_right_answer_costs_less_than_a_wrong_one_and_what_is_unsure_costs_nothing() -> None:
    people = torch.tensor([[100.0, 60, 160, 240]])
    there, unsure = torch.tensor([True]), torch.tensor([False])
    right, elsewhere = perfect(people), perfect(torch.tensor([[300.0, 60, 360, 240]]))

    def cost(rows: torch.Tensor, counts: torch.Tensor) -> float:
        loss = finder_loss(rows, GRID, [Truth(people, counts)])
        return float(loss.score + loss.box)

    assert cost(right, there) < 0.5 * cost(elsewhere, there)
    assert cost(right, unsure) < 0.01 * cost(elsewhere, unsure)
