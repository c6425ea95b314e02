"""What the encoder's loop learns from: a teacher's vectors, and whose picture it is."""

from __future__ import annotations

from pytorch_metric_learning import distances, losses, miners  # pyright: ignore[reportMissingTypeStubs]
from torch import Tensor, nn
from torch.nn import functional

from retrail.train.recipe import IdentitySpec


def direction_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - cosine to the teacher's vectors, mean over the pictures. Both (b, d)."""
    return (1 - functional.cosine_similarity(found, wanted)).mean()


def relation_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """How far the cosines among the pictures are from the teacher's: mean of squares over all pairs.

    Relational knowledge distillation (Park et al., CVPR 2019, arXiv 1904.05068), with cosines. Both (b, d).
    """
    ours, theirs = functional.normalize(found), functional.normalize(wanted)
    count = len(ours)
    off = (ours @ ours.T - theirs @ theirs.T).fill_diagonal_(0)
    return off.square().sum() / max(count * (count - 1), 1)


class IdentityLoss(nn.Module):
    """Triplets, ArcFace and cross entropy over people, each with its weight (0: left out).

    The losses are pytorch-metric-learning's; triplets are the hardest of the batch (Hermans et al. 2017), ArcFace is
    Deng et al. (CVPR 2019, arXiv 1801.07698).
    """

    def __init__(self, people: int, dimension: int, spec: IdentitySpec) -> None:
        super().__init__()
        self._weights = (spec.triplet, spec.arcface, spec.cross_entropy)
        self._miner = miners.BatchHardMiner(distance=distances.CosineSimilarity())
        self._triplet = losses.TripletMarginLoss(margin=0.2, distance=distances.CosineSimilarity())
        self.arcface = losses.ArcFaceLoss(people, dimension) if spec.arcface else None
        self.classifier = nn.Linear(dimension, people, bias=False) if spec.cross_entropy else None

    def forward(self, vectors: Tensor, people: Tensor) -> dict[str, Tensor]:
        """Each loss by name, weighed, of embeddings (b, d) of people (b,), numbers from 0."""
        triplet, arcface, cross_entropy = self._weights
        found: dict[str, Tensor] = {}
        if triplet:
            found["triplet"] = triplet * self._triplet(vectors, people, self._miner(vectors, people))
        if self.arcface is not None:
            found["arcface"] = arcface * self.arcface(vectors, people)
        if self.classifier is not None:
            logits = self.classifier(vectors)
            found["cross entropy"] = cross_entropy * functional.cross_entropy(logits, people, label_smoothing=0.1)
        return found
