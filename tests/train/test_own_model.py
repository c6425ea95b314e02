"""A model of one's own, from its recipe to where it is used: found by its card in a models folder."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from tests.train.conftest import RECIPE, write_data
from tests.train.test_command import same_process

from retrail.cli import main
from retrail.core.errors import ModelError
from retrail.pipeline import card_of, cut_of
from retrail.site import Site
from retrail.train.publish import publish
from retrail.train.run import train
from retrail.zoo import all_cards, find_card, locate

__all__ = ["same_process"]

SITE = "site: shop\nlicences: {licences}\nmodels: {{encoder: mine}}\ncameras: {{door: {{source: door.mp4}}}}\n"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with an exported encoder, `mine`."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "recipe.yaml").write_text(RECIPE)
    train(folder / "recipe.yaml", folder / "run", write_data(folder), lambda _: None, until=1)
    (folder / "card.yaml").write_text("cuts: {count: 0.2, journey: 0.3, vip: 0.4}\n")
    publish(folder / "run", "mine", folder / "models", "openvino", words=folder / "card.yaml")
    return folder / "models"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def test_it_is_judged_by_its_name(models: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader((data / "people/labels.csv").read_text().splitlines()))
    lines = [f"{row['file']},{row['person_id']},{row['camera_id']}," for row in rows if row["person_id"] != "0"]
    split = [line + ("query" if place % 2 else "gallery") for place, line in enumerate(lines)]
    (data / "people/split.csv").write_text("\n".join(["file,person_id,camera_id,split", *split]))
    judge = ("evaluate", "retrieval", "mine", "--data", f"csv:{data / 'people/split.csv'}", "--json")
    code, out, _ = printed(capsys, *judge, "--models-dir", models)
    assert code == 0
    assert json.loads(out.splitlines()[-1])["model"] == "mine"
    code, _, err = printed(capsys, *judge, "--models-dir", tmp_path)
    assert code == 1
    assert "There is no card for this model" in err
    assert "as `retrail export` writes it" in " ".join(err.split())


def test_it_is_listed_and_shown(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = printed(capsys, "models", "list", "--here", "--json", "--models-dir", models)
    listed = {row["name"]: row["path"] for row in json.loads(out)["models"]}
    assert (code, listed["mine"]) == (0, str(models / "mine/mine.xml"))
    code, out, _ = printed(capsys, "models", "verify", "mine", "--models-dir", models)
    assert (code, out.split(":")[0]) == (0, "mine")


def test_a_site_takes_it_with_its_cuts_and_under_its_licence(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.yaml").write_text(SITE.format(licences="any"))
    card = card_of("mine", "person-reidentification", Site.load(tmp_path / "shop.yaml"), models)
    assert cut_of(card, "journey") == 0.3
    assert locate(card, models).network == models / "mine/mine.xml"
    monkeypatch.setenv("RETRAIL_MODELS", str(models))
    assert find_card("mine") == card
    assert card in all_cards()
    (tmp_path / "shop.yaml").write_text(SITE.format(licences="commercial"))
    with pytest.raises(ModelError, match="may not be used"):
        card_of("mine", "person-reidentification", Site.load(tmp_path / "shop.yaml"), models)


def test_a_card_that_is_broken_or_of_another_name_is_one_clear_error(models: Path, tmp_path: Path) -> None:
    models = shutil.copytree(models, tmp_path / "models")
    path = models / "mine/mine.json"
    path.write_text(path.read_text("utf-8").replace('"name": "mine"', '"name": "yours"'), "utf-8")
    with pytest.raises(ModelError, match="another name") as caught:
        find_card("mine", models_dir=models)
    assert (caught.value.found, caught.value.allowed, caught.value.where) == ("yours", "mine", str(path))
    path.write_bytes(b"\xff{")
    with pytest.raises(ModelError, match="cannot be read") as caught:
        find_card("mine", models_dir=models)
    assert caught.value.where == str(path)


def test_an_export_says_how_it_is_used(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = ("export", models.parent / "run", "--name", "other", "--to", "onnx", "--out", tmp_path / "m")
    code, out, _ = printed(capsys, *export)
    assert code == 0
    assert f"retrail evaluate retrieval other --models-dir {tmp_path / 'm'}" in out
    assert f"models: {{encoder: other}} in a site, with --models-dir {tmp_path / 'm'}, or RETRAIL_MODELS=" in out
    assert "it has no cuts: a site that uses it needs mode: NUMBER" in out
    (tmp_path / "card.yaml").write_text("cuts: {count: 0.2, journey: 0.3, vip: 0.4}\n")
    code, out, _ = printed(capsys, *export, "--card", tmp_path / "card.yaml")
    assert code == 0
    assert "no cuts" not in out


def test_a_broken_card_hinders_no_other_model(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = shutil.copytree(models, tmp_path / "models")
    card = models / "yours/yours.json"
    card.parent.mkdir()
    card.write_text('{"name": "yours", "task": "person-finding"}')
    code, out, err = printed(capsys, "models", "list", "--here", "--models-dir", models)
    assert code == 0
    assert "mine" in out
    assert err.startswith(
        "yours is left out: The card of yours cannot be read: task: Input should be 'person-detection'"
    )
    assert err.endswith(f"({card})\n")
    code, out, _ = printed(capsys, "models", "list", "--json", "--models-dir", models)
    assert (code, json.loads(out)["broken"][0]["where"]) == (0, str(card))
    assert printed(capsys, "models", "show", "mine", "--models-dir", models)[0] == 0
    code, _, err = printed(capsys, "models", "show", "yours", "--models-dir", models)
    assert code == 1
    assert "found: task: Input should be" in " ".join(err.split())


@pytest.mark.parametrize("name", ["person-detection-retail-0013", "../up", "a/b", "mine@2", ""])
def test_an_export_under_a_name_that_is_taken_or_none_is_wrong_use(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = printed(capsys, "export", tmp_path, "--name", name, "--out", tmp_path / "models")
    assert code == 2
    assert "name" in err
    assert not (tmp_path / "models").exists()
