"""What the words of a report mean: the one record that the site file and the other rooms share as it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from retrail.site.values import Seconds, Share


@dataclass(frozen=True, slots=True, config={"extra": "forbid", "hide_input_in_errors": True})
class Definitions:
    """What the words of a report mean: seconds of event time, and shares of a person's height."""

    entry_after_s: Annotated[
        Seconds, Field(description="An entry counts once somebody has been on the inner side for this long.")
    ] = 2.0
    visit_after_s: Annotated[
        Seconds, Field(description="A stay in a zone is a visit once it has lasted for this long.")
    ] = 5.0
    visit_gap_s: Annotated[
        Seconds, Field(description="Being out of a zone for less than this does not end a visit.")
    ] = 3.0
    seen_after_s: Annotated[
        Seconds, Field(description="In a camera without zones, being seen is a visit once it has lasted for this long.")
    ] = 0.0
    return_after_s: Annotated[
        Seconds, Field(description="Who is unseen by all cameras for this long has left, and returns when seen again.")
    ] = 900.0
    border_heights: Annotated[
        Share, Field(description="A line or border is passed by going this far beyond it, in heights of the person.")
    ] = 0.05
