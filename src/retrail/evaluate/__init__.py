"""How good is it? Metrics of models and of sites, and their pictures.

Retrieval (`retrieval_score`) and detection (`detection_score`) judge encoders and detectors on labelled pictures;
`judge_encoder` and `judge_detector` of ``retrail.evaluate.judge`` run a network on them first. `evaluate_site` judges
what a run said of a shop by a folder of truth.
"""

from retrail.evaluate.detection import DetectionScore, Pictured, detection_score
from retrail.evaluate.retrieval import Looks, RetrievalScore, retrieval_score
from retrail.evaluate.site import SiteScore, evaluate_site, judge_site
from retrail.evaluate.site_documents import site_record
from retrail.evaluate.site_records import SiteRecord

__all__ = [
    "DetectionScore",
    "Looks",
    "Pictured",
    "RetrievalScore",
    "SiteRecord",
    "SiteScore",
    "detection_score",
    "evaluate_site",
    "judge_site",
    "retrieval_score",
    "site_record",
]
