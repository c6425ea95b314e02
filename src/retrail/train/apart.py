"""What a recipe keeps out to judge by has to be apart from what it learns from, and has to be able to judge."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from retrail.core.errors import DataError
from retrail.train.crops import UNKNOWN, CropSet, crop_set
from retrail.train.recipe import EncoderRecipe, Recipe


def require_apart(recipe: Recipe, data: Path, where: Path) -> None:
    """See that no picture is kept out and learned from at once, whatever its sets are called, and that each set that is
    kept out says who is who. (Of frames a part is kept out by the reader itself.)

    Args:
        recipe: of the run that begins.
        data: folder of the data sets.
        where: the recipe's file.

    Raises:
        DataError: a picture is in both; a set that is kept out cannot judge; a set cannot be read.
    """
    if not isinstance(recipe, EncoderRecipe) or not recipe.kept_out:
        return
    learned = {file: name for name in learned_from(recipe) for file in _files(crop_set(name, data))}
    for name in recipe.kept_out:
        kept = crop_set(name, data)
        both = sorted(_files(kept) & learned.keys())
        if both:
            raise DataError(
                "A recipe keeps out what it learns from",
                where=f"{where}: kept_out",
                found=f"{name}: {len(both)} of {len(kept.crops)} pictures are in {learned[both[0]]} too",
                allowed="pictures that teacher.people and identities.sets do not have",
                hint="keep another set out, or learn from fewer",
            )
        _require_judges(kept, where)


def learned_from(recipe: EncoderRecipe) -> tuple[str, ...]:
    """Names of the sets of people that an encoder sees."""
    people = recipe.teacher.people if recipe.teacher else ()
    return (*people, *(recipe.identities.sets if recipe.identities else ()))


def _files(part: CropSet) -> set[tuple[Path, str]]:
    """Each picture's own place: sets may overlap under different names, and tables may list the same files."""
    return {(crop.place.path.resolve(), crop.place.member) for crop in part.crops}


def _require_judges(kept: CropSet, where: Path) -> None:
    """Somebody has to be there twice, on two cameras where cameras are known, beside somebody else."""
    unknown = sum(crop.person == UNKNOWN for crop in kept.crops)
    looks = {(crop.person, crop.camera or str(place)) for place, crop in enumerate(kept.crops)}
    cameras = Counter(person for person, _ in looks)
    if unknown:
        found = f"{unknown} of {len(kept.crops)} pictures without a person_id"
    elif len(cameras) < 2:
        found = f"pictures of {next(iter(cameras)).removeprefix(f'{kept.name}: ')} alone"
    elif max(cameras.values()) < 2:
        found = f"{len(kept.crops)} pictures of {len(cameras)} people, nobody twice (on one camera counts once)"
    else:
        return
    raise DataError(
        "A set that is kept out cannot judge",
        where=f"{where}: kept_out",
        found=f"{kept.name}: {found}",
        allowed="a person_id for each picture; two people, one of them twice, on two cameras if those are known",
        hint="keep another set out, or none",
    )
