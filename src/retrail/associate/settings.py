"""What association can be tuned by, beside the encoder's cut."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatcherSettings:
    """Defaults hold for every site; a benchmark (`benchmarks/association.py`) says what they give.

    Attributes:
        shrink: k of n / (n + k), by which a camera's mean is shrunk before it is taken off.
        alike: cosine as it came from the encoder, above which two chains of one camera count as one person in that
            camera's mean, so that a cashier who is cut into a hundred chains does not become the mean.
        slope: log-odds by unit of cosine on either side of the cut.
        gallery_size: at most so many identities are compared with online, the most recently seen ones.
        gallery_age_s: and only those seen within this time.
        consolidate_every_s: event time between two consolidations.
        closed_after_s: a chain that has not been carried on for so long is over, and consolidation makes it final.
        candidates: how many candidates a match lists.
        mean_of: online, a camera's mean is taken over so many of its latest chains.
        background: cosine of strangers on one camera, as it came from the encoder. What shrinkage leaves of it in
            the cosines of one camera is taken out of them.
        rarity, soon_s, rarest: the log-odds of a time between two sightings are -rarity * ln(1 + time / soon_s), at
            least -rarest.
        same_camera: log-odds against somebody coming back to a camera rather than to another one.
        continuity: most log-odds for somebody who is lost from view within the picture and seen again near by.
        least_seen: seconds times quality of shots. Who was seen for less is nobody new: half a person beside another, a
            passing reflection. He stays unresolved unless he is alike enough to somebody.
        entered: log-odds against somebody new who was not seen to come in, where the site names its entrances: about
            one in fifty is missed there.
        settling_s: whoever is seen within this time of the day's first sighting of a person may have been there before;
        quiet_s: so may he after nobody was seen for so long, for the cameras may have been off.
        largest_day: chains that consolidation compares each with each (4 n^2 bytes); on a day with more, identities
            seen before the latest so many stay as they are.
    """

    shrink: float = 3.0
    alike: float = 0.75
    slope: float = 20.0
    gallery_size: int = 2000
    gallery_age_s: float = 6 * 3600.0
    consolidate_every_s: float = 600.0
    closed_after_s: float = 30.0
    candidates: int = 5
    mean_of: int = 64
    background: float = 0.4
    rarity: float = 0.8
    soon_s: float = 60.0
    rarest: float = 4.0
    same_camera: float = 1.0
    continuity: float = 4.0
    least_seen: float = 0.75
    entered: float = 4.0
    settling_s: float = 60.0
    quiet_s: float = 600.0
    largest_day: int = 5000
