"""What docs/site-file.md shows is what happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from retrail.site import Site, SiteFileError

PAGE = (Path(__file__).resolve().parents[2] / "docs/site-file.md").read_text(encoding="utf-8")
ENVIRONMENT = {"CAM_USER": "eva", "CAM_PASSWORD": "otter", "DB_PASSWORD": "heron"}


def test_every_file_on_the_page_loads_and_the_wrong_one_fails_as_shown(load: Callable[..., Site]) -> None:
    smallest, wrong, secrets, entrances = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert load(smallest, ENVIRONMENT).name == "kiosk"
    assert load(secrets, ENVIRONMENT).database is not None
    assert [line.name for line in load(entrances).entrances] == ["step"]
    with pytest.raises(SiteFileError) as caught:
        load(wrong, ENVIRONMENT)
    assert re.sub(r"\S*/shop.yaml", "shop.yaml", str(caught.value)) == shown.strip()
