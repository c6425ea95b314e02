"""How good is it? Metrics of models and of sites, and their pictures.

Retrieval (`retrieval_score`) and detection (`detection_score`) judge encoders and detectors on labelled pictures;
`judge_encoder` and `judge_detector` run a network on them first.
"""

from retrail.evaluate.detection import DetectionScore, Pictured, detection_score
from retrail.evaluate.retrieval import Looks, RetrievalScore, retrieval_score

__all__ = ["DetectionScore", "Looks", "Pictured", "RetrievalScore", "detection_score", "retrieval_score"]
