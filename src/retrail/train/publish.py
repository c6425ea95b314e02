"""A run's folder in, a model with a checked card out."""

from __future__ import annotations

from pathlib import Path

from retrail.train.card_words import FIGURES_AT, all_steps, kept_out, read_words, trained
from retrail.train.export import Exported, Format, export
from retrail.train.history import steps_of
from retrail.train.run import trained_net
from retrail.train.seen import Seen, of_place, of_recipe


def publish(
    run: Path,
    name: str,
    folder: Path,
    kind: Format,
    *,
    pictures: Path | None = None,
    data: Path | None = None,
    words: Path | None = None,
) -> Exported:
    """Export what a run has reached so far.

    The card says, after the words, what the run knows by itself: how many steps are behind the weights, what was kept
    out, and on what parity was checked.

    Args:
        run: the run's folder.
        name: of the model.
        folder: a models folder.
        kind: of file.
        pictures: folder or zip of real pictures for the parity check.
        data: folder of data sets; without ``pictures`` the check is made on some of what the recipe names.
        words: YAML: what the card says besides. Figures that it says were measured on other weights are left out.

    Raises:
        DataError: the run, a picture or the words cannot be read.
        ModelError: what was written does not say what the net says.
    """
    recipe, net, _ = trained_net(run)
    said = dict(read_words(words, recipe.task)) if words is not None else {}
    steps = all_steps(steps_of(run), said)
    left_out = ""
    if said.get("figures") and said.get(FIGURES_AT, steps.known) != steps.known:
        left_out = f"figures, which were measured at {said[FIGURES_AT]:,} steps of {steps.known:,}"
        del said["figures"]
    facts = (said.get("note", ""), trained(steps), kept_out(recipe))
    said["note"] = " ".join(fact for fact in facts if fact)
    said.setdefault("mparams", round(sum(part.numel() for part in net.parameters()) / 1e6, 3))
    if pictures is not None:
        seen = of_place(pictures, recipe)
    else:
        seen = of_recipe(recipe, data) if data is not None else Seen()
    return export(recipe, net, name, folder, kind, seen, said, left_out=left_out)
