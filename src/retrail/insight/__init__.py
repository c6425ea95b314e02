"""Visits, dwell, crossings, occupancy, journeys, flows, counts; tables and the report."""

from retrail.insight.comings import Coming, comings
from retrail.insight.compose import COMPOSERS
from retrail.insight.counts import Footfall, footfall, footfall_in_all
from retrail.insight.documents import REPORTS, ReportName, json_schemas
from retrail.insight.dwell import Dwell, Spread, dwell
from retrail.insight.findings import Findings, Place, find
from retrail.insight.flows import Flow, flows
from retrail.insight.journeys import crossings, crossings_of, journeys, journeys_of, visits, visits_of
from retrail.insight.occupancy import Occupancy, occupancy
from retrail.insight.view import View, look

__all__ = [
    "COMPOSERS",
    "REPORTS",
    "Coming",
    "Dwell",
    "Findings",
    "Flow",
    "Footfall",
    "Occupancy",
    "Place",
    "ReportName",
    "Spread",
    "View",
    "comings",
    "crossings",
    "crossings_of",
    "dwell",
    "find",
    "flows",
    "footfall",
    "footfall_in_all",
    "journeys",
    "journeys_of",
    "json_schemas",
    "look",
    "occupancy",
    "visits",
    "visits_of",
]
