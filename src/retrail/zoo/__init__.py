"""Model cards, where their files are, how they get there, and who may use them. Runs no model."""

from retrail.zoo.card import Card, CardFile, CardInput, CardOutput, Figure, Golden, Task, Tolerance
from retrail.zoo.catalogue import all_cards, card_names, find_card, require_licence
from retrail.zoo.places import ModelFiles, cache_dir, locate, model_dirs

__all__ = [
    "Card",
    "CardFile",
    "CardInput",
    "CardOutput",
    "Figure",
    "Golden",
    "ModelFiles",
    "Task",
    "Tolerance",
    "all_cards",
    "cache_dir",
    "card_names",
    "find_card",
    "locate",
    "model_dirs",
    "require_licence",
]
