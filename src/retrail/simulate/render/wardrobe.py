"""What somebody wears and is: drawn from a number, the same for ever."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrail.simulate.crowd import Guest

Colour = tuple[float, float, float]
"""Blue, green, red, 0..255, in full light."""

_CLOTH: tuple[tuple[float, Colour], ...] = (
    (0.20, (34, 32, 32)), (0.08, (70, 68, 66)), (0.07, (125, 124, 122)), (0.11, (222, 222, 222)),
    (0.12, (84, 52, 36)),
    (0.07, (150, 98, 52)), (0.05, (205, 170, 130)), (0.07, (48, 44, 168)), (0.03, (50, 40, 96)),
    (0.05, (120, 172, 206)),
    (0.04, (66, 92, 128)), (0.04, (62, 88, 86)), (0.04, (72, 120, 52)), (0.03, (170, 140, 214)),
    (0.03, (70, 170, 222)),
    (0.02, (130, 70, 110)), (0.02, (60, 120, 226)), (0.02, (176, 160, 70)), (0.02, (190, 200, 160)),
)  # fmt: skip
_LEGS: tuple[tuple[float, Colour], ...] = (
    (0.30, (36, 34, 34)), (0.24, (98, 64, 44)), (0.14, (130, 96, 72)), (0.08, (84, 82, 80)), (0.06, (168, 140, 116)),
    (0.07, (126, 162, 186)), (0.04, (66, 90, 100)), (0.03, (215, 215, 215)), (0.04, (60, 76, 104)),
)  # fmt: skip
_SKIN: tuple[Colour, ...] = (
    (172, 196, 232), (156, 184, 224), (140, 170, 214), (118, 150, 198), (92, 124, 176), (66, 92, 142), (48, 66, 104),
)  # fmt: skip
_HAIR: tuple[tuple[float, Colour], ...] = (
    (0.36, (26, 24, 26)), (0.28, (36, 48, 66)), (0.14, (58, 86, 118)), (0.08, (110, 158, 196)),
    (0.08, (140, 142, 146)),
    (0.03, (215, 215, 215)), (0.03, (40, 66, 140)),
)  # fmt: skip
_SHOES: tuple[tuple[float, Colour], ...] = (
    (0.5, (32, 32, 34)), (0.25, (215, 215, 215)), (0.15, (52, 74, 110)), (0.1, (60, 60, 170)),
)  # fmt: skip
_BAGS = ("none", "backpack", "shoulder", "tote", "handbag", "basket")
_HATS = ("none", "cap", "beanie", "hood")
_PATTERNS = ("plain", "bands", "stripes", "check", "print", "blocks", "dots", "mottled", "letters")


@dataclass(frozen=True, slots=True)
class Cloth:
    """A fabric: a first and second colour, a pattern, its scale and which of its kind."""

    colour: Colour
    second: Colour
    pattern: str
    scale: float
    kind: int


@dataclass(frozen=True, slots=True)
class Outfit:
    """Everything about how somebody looks.

    Attributes:
        girth, shoulder, hip: widths, 1 or in body heights.
        top: the innermost upper garment; ``sleeve``: 0 none, 0.45 short, 1 long; ``tuck``: length below the hips.
        outer: an outer garment or None; ``opening``: share of the front it leaves open; ``outer_length``: below the
            hips.
        legs: trousers or tights; ``leg_length``: 1 to the ankle, 0.5 shorts; ``leg_width``: 1 narrow.
        skirt: None or its cloth, ``skirt_length`` in body heights.
        hair_length: 0 short … 1 over the shoulders; bald has no hair at all.
        bag: none, backpack, shoulder, tote, handbag or basket.
        hat: none, cap, beanie or hood.
    """

    girth: float
    shoulder: float
    hip: float
    skin: Colour
    hair: Colour
    hair_length: float
    bald: bool
    beard: bool
    glasses: bool
    top: Cloth
    sleeve: float
    tuck: float
    outer: Cloth | None
    opening: float
    outer_length: float
    legs: Cloth
    leg_length: float
    leg_width: float
    skirt: Cloth | None
    skirt_length: float
    shoes: Colour
    soles: Colour
    bag: str
    bag_cloth: Cloth
    bag_side: float
    hat: str
    hat_colour: Colour
    scarf: Colour | None
    seed: int


def outfit_of(guest: Guest, shop_look: int) -> Outfit:
    """What a guest looks like.

    Args:
        shop_look: from which the staff's clothes follow.
    """
    own = draw_outfit(guest.look)
    if guest.dressed:
        own = _in_uniform(own, shop_look)
    return _a_little_different(own, guest) if guest.alike else own


def draw_outfit(look: int) -> Outfit:
    """An outfit drawn from a number."""
    rng = np.random.Generator(np.random.PCG64([look, 0x1007]))
    woman = rng.random() < 0.5
    winter = rng.random() < 0.55
    skirted = woman and rng.random() < 0.28
    top = _cloth(rng, _CLOTH, 0.45)
    outer = _cloth(rng, _CLOTH, 0.82) if winter and rng.random() < 0.8 else None
    shorts = not winter and not skirted and rng.random() < 0.3
    return Outfit(
        girth=float(np.clip(rng.normal(1.0 if woman else 1.05, 0.11), 0.82, 1.4)),
        shoulder=float(rng.normal(0.098 if woman else 0.109, 0.004)),
        hip=float(rng.normal(0.05, 0.003)),
        skin=_SKIN[int(rng.integers(len(_SKIN)))],
        hair=_near(_pick(rng, _HAIR), rng, 10),
        hair_length=float(rng.choice([0.15, 0.45, 0.75, 1.0] if woman else [0.0, 0.0, 0.05, 0.2, 0.5])),
        bald=not woman and rng.random() < 0.1,
        beard=not woman and rng.random() < 0.3,
        glasses=rng.random() < 0.25,
        top=top,
        sleeve=1.0 if winter else float(rng.choice([0.0 if woman else 0.4, 0.42, 0.45, 0.6, 1.0])),
        tuck=float(rng.uniform(0.0, 0.06)),
        outer=outer,
        opening=float(rng.choice([0.0, 0.0, 0.14, 0.22, 0.32])),
        outer_length=float(rng.choice([0.0, 0.04, 0.08, 0.16, 0.24], p=[0.2, 0.3, 0.2, 0.2, 0.1])),
        legs=_legs(rng, woman, skirted),
        leg_length=float(rng.uniform(0.38, 0.55)) if shorts else 0.0 if skirted and not winter else 1.0,
        leg_width=float(rng.uniform(0.92, 1.08) if woman and not shorts else rng.uniform(1.02, 1.4)),
        skirt=(_cloth(rng, _CLOTH, 0.4) if rng.random() < 0.6 else top) if skirted else None,
        skirt_length=float(rng.uniform(0.14, 0.34)),
        shoes=_near(_pick(rng, _SHOES), rng, 12),
        soles=(210, 210, 210) if rng.random() < 0.5 else (30, 30, 30),
        bag=str(rng.choice(_BAGS, p=[0.34, 0.2, 0.16, 0.13, 0.11, 0.06])),
        bag_cloth=_cloth(rng, _CLOTH, 0.75),
        bag_side=float(rng.choice([-1.0, 1.0])),
        hat=str(rng.choice(_HATS, p=[0.84, 0.07, 0.06, 0.03] if winter else [0.9, 0.1, 0.0, 0.0])),
        hat_colour=_near(_pick(rng, _CLOTH), rng, 15),
        scarf=_near(_pick(rng, _CLOTH), rng, 15) if winter and rng.random() < 0.22 else None,
        seed=int(rng.integers(2**31)),
    )  # fmt: skip


def _legs(rng: np.random.Generator, woman: bool, skirted: bool) -> Cloth:
    if skirted:
        tights = (40.0, 36.0, 36.0) if rng.random() < 0.6 else (130.0, 150.0, 190.0)
        return Cloth(tights, tights, "plain", 1.0, 0)
    cloth = _cloth(rng, _LEGS, 0.9)
    return Cloth(cloth.colour, cloth.second, "denim" if rng.random() < 0.4 else cloth.pattern, cloth.scale, cloth.kind)


def _cloth(rng: np.random.Generator, palette: tuple[tuple[float, Colour], ...], plain_share: float) -> Cloth:
    plain = rng.random() < plain_share
    pattern = "plain" if plain else str(rng.choice(_PATTERNS[1:]))
    return Cloth(
        _near(_pick(rng, palette), rng, 16),
        _near(_pick(rng, _CLOTH), rng, 16),
        pattern,
        float(rng.uniform(0.7, 1.6)),
        int(rng.integers(2**31)),
    )


def _pick(rng: np.random.Generator, palette: tuple[tuple[float, Colour], ...]) -> Colour:
    weights = np.array([weight for weight, _ in palette])
    return palette[int(rng.choice(len(palette), p=weights / weights.sum()))][1]


def _near(colour: Colour, rng: np.random.Generator, spread: float) -> Colour:
    bright = float(rng.normal(1.0, 0.1))
    blue, green, red = (float(np.clip(part * bright + rng.normal(0, spread), 14, 238)) for part in colour)
    return blue, green, red


def _in_uniform(own: Outfit, shop_look: int) -> Outfit:
    shop = draw_outfit(shop_look)
    values = {name: getattr(own, name) for name in Outfit.__dataclass_fields__}
    apron = Cloth((52.0, 92.0, 40.0), (230.0, 230.0, 230.0), "letters", 0.8, 7)
    dark = Cloth((44.0, 40.0, 40.0), (44.0, 40.0, 40.0), "plain", 1.0, 1)
    values |= {
        "top": apron, "outer": None, "sleeve": 0.45, "legs": dark, "leg_length": 1.0, "skirt": None, "bag": "none",
        "hat": "none", "scarf": None, "shoes": shop.shoes,
    }  # fmt: skip
    return Outfit(**values)


def _a_little_different(own: Outfit, guest: Guest) -> Outfit:
    """A lookalike: the same clothes in nearly the same colours, with another body, bag or hair here and there."""
    rng = np.random.Generator(np.random.PCG64([guest.look, guest.number, 0xA11C]))
    other = draw_outfit(int(rng.integers(2**40)))
    values = {name: getattr(own, name) for name in Outfit.__dataclass_fields__}
    for names in (
        ("bag", "bag_cloth", "bag_side"),
        ("hair_length",),
        ("hair",),
        ("shoes", "soles"),
        ("hat",),
        ("scarf",),
    ):
        if rng.random() < 0.5 * guest.alike:
            values |= {name: getattr(other, name) for name in names}
    values["girth"] = own.girth + 0.08 * guest.alike * float(rng.normal())
    return Outfit(**values)
