"""The page docs/definitions.md says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from retrail.insight.words import definitions
from retrail.site import Definitions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "definitions.md"


def test_the_page_gives_every_definition_with_its_default() -> None:
    written = dict(re.findall(r"^  (\w+): ([\d.]+) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    defaults = Definitions()
    assert {name: float(value) for name, value in written.items()} == {
        field.name: getattr(defaults, field.name) for field in fields(Definitions)
    }


def test_a_report_says_the_numbers_of_its_own_site() -> None:
    said = dict(definitions(Definitions(visit_after_s=8, entry_after_s=4, return_after_s=3600, seen_after_s=2)))
    assert "at least 8 s" in said["Visit"]
    assert "being seen there for 2 s is a visit" in said["Visit"]
    assert "turning back within 4 s" in said["Entry, exit"]
    assert "by no camera for 1 h" in said["Return"]
