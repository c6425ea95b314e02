"""Model cards, where their files are, how they get there, and who may use them. Runs no model."""

from retrail.zoo.bring import add, is_published, pull
from retrail.zoo.card import Card, CardFile, CardInput, CardOutput, Figure, Golden, Task, Tolerance
from retrail.zoo.catalogue import all_cards, card_names, find_card, is_packaged, require_licence
from retrail.zoo.checksum import FileCheck, check_files, model_name, release
from retrail.zoo.places import BUILT_IN, ModelFiles, cache_dir, how_to_get, locate, model_dirs
from retrail.zoo.strongest import AUTO, RECOMMENDED, is_built_in, strongest

__all__ = [
    "AUTO",
    "BUILT_IN",
    "RECOMMENDED",
    "Card",
    "CardFile",
    "CardInput",
    "CardOutput",
    "Figure",
    "FileCheck",
    "Golden",
    "ModelFiles",
    "Task",
    "Tolerance",
    "add",
    "all_cards",
    "cache_dir",
    "card_names",
    "check_files",
    "find_card",
    "how_to_get",
    "is_built_in",
    "is_packaged",
    "is_published",
    "locate",
    "model_dirs",
    "model_name",
    "pull",
    "release",
    "require_licence",
    "strongest",
]
