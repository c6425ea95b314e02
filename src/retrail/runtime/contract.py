"""Does a network that was read fit its card? Says which task it seems to be for where it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from retrail.core.errors import ModelError
from retrail.zoo import Card, CardInput, CardOutput, how_to_get

DYNAMIC = -1
YUNET_OUTPUTS = frozenset(f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32))
YOLOX_COLUMNS = 85
LANDMARK_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output: its names, and its shape with -1 where it is not fixed."""

    names: frozenset[str]
    shape: tuple[int, ...]

    def __str__(self) -> str:
        name = min(self.names, default="(no name)")
        return f"{name} [{', '.join('?' if size == DYNAMIC else str(size) for size in self.shape)}]"


@dataclass(frozen=True, slots=True)
class Wiring:
    """Places of the card's ports: the image input, and the output that matters (None: the head has several)."""

    image: int
    output: int | None


def wiring(card: Card, inputs: list[Port], outputs: list[Port], where: str) -> Wiring:
    """The ports that the card speaks of.

    Raises:
        ModelError: the network is another one than the card describes.
    """
    if card.input is None or card.output is None:
        raise ModelError(
            f"The card of {card.name} does not say what goes in and what comes out: nobody published it",
            where=where,
            hint=f"choose another: retrail models list --task {card.task}",
        )
    image = _image_input(card.input, inputs)
    output = _output(card.output, outputs)
    if image is None or output is False:
        raise ModelError(
            f"This is not the network that the card of {card.name} describes",
            where=where,
            found=f"{_kind(inputs, outputs)}: {_listed(inputs)} in, {_listed(outputs)} out",
            allowed=f"{card.task}: {_wanted(card.input, card.output)}",
            hint=f"see which model it is: retrail models list; to get {card.name}: {how_to_get(card)}",
        )
    return Wiring(image, output)


def _image_input(wanted: CardInput, inputs: list[Port]) -> int | None:
    fitting = [
        place
        for place, port in enumerate(inputs)
        if len(port.shape) == 4 and _fits(port.shape[1:], (3, wanted.height_px, wanted.width_px))
    ]
    further = set(wanted.constants or {})
    others = _names(port for place, port in enumerate(inputs) if place not in fitting)
    if len(fitting) != 1 or len(inputs) - 1 != len(further) or not others >= further:
        return None
    return fitting[0]


def _output(wanted: CardOutput, outputs: list[Port]) -> int | bool | None:
    """Place of the output, None where the head has several, False where nothing fits."""
    if wanted.head == "yunet":
        return None if _names(outputs) >= YUNET_OUTPUTS else False
    fitting = [place for place, port in enumerate(outputs) if _fits_head(wanted, port)]
    named = [place for place in fitting if wanted.name in outputs[place].names]
    # Converters lose names: one that fits, alone, will do.
    chosen = named or (fitting if len(fitting) == 1 else [])
    return chosen[0] if chosen else False


def _fits_head(wanted: CardOutput, port: Port) -> bool:
    shape = port.shape
    match wanted.head:
        case "ssd":
            return len(shape) == 4 and _fits(shape[3:], (7,)) and shape[:2] == (1, 1)
        case "boxes":
            return len(shape) == 2 and _fits(shape[1:], (5,))
        case "yolox":
            return len(shape) == 3 and _fits(shape[2:], (wanted.dimension or YOLOX_COLUMNS,))
        case "yunet":
            return bool(port.names & YUNET_OUTPUTS)
        case "embedding" | "landmarks":
            return len(shape) >= 2 and shape[1] == wanted.dimension and all(size == 1 for size in shape[2:])


def _fits(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(found) == len(wanted) and all(a in (b, DYNAMIC) for a, b in zip(found, wanted, strict=True))


def _kind(inputs: list[Port], outputs: list[Port]) -> str:
    """What a network seems to be for, in words."""
    shapes = [port.shape for port in outputs]
    names = _names(outputs)
    if names >= YUNET_OUTPUTS:
        return "face-detection"
    if any(len(shape) == 4 and shape[3] == 7 for shape in shapes):
        return "a detector (SSD)"
    if any(len(shape) == 3 and shape[2] == YOLOX_COLUMNS for shape in shapes):
        return "a detector (YOLOX)"
    if "boxes" in names:
        return "a detector (boxes)"
    flat = [shape for shape in shapes if len(shape) >= 2 and all(size == 1 for size in shape[2:])]
    if len(shapes) == 1 and flat and flat[0][1] == LANDMARK_NUMBERS:
        return "face-landmarks"
    if len(shapes) == 1 and flat:
        upright = any(len(port.shape) == 4 and port.shape[2] > port.shape[3] for port in inputs)
        return "person-reidentification" if upright else "an embedding of a square picture (face-reidentification?)"
    return "an unknown kind of network"


def _names(ports: Iterable[Port]) -> set[str]:
    return {name for port in ports for name in port.names}


def _listed(ports: list[Port]) -> str:
    shown = ", ".join(str(port) for port in ports[:3])
    return shown if len(ports) <= 3 else f"{shown} and {len(ports) - 3} more"


def _wanted(wanted: CardInput, output: CardOutput) -> str:
    image = f"{wanted.name or 'image'} [?, 3, {wanted.height_px}, {wanted.width_px}] in"
    size = f" of {output.dimension}" if output.dimension else ""
    return f"{image}, {output.name or 'one output'} ({output.head}{size}) out"
