"""``retrail models`` as a user meets it: output, error stream, exit status."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.zoo import server

from retrail.cli import main
from retrail.cli import models as models_command
from retrail.cli.documents import json_schemas
from retrail.zoo import BUILT_IN, Card, CardFile, find_card

NAME = "person-reidentification-retail-0288"
WITHDRAWN = "person-reidentification-retail-0200"
BODY = b"weights" * 1000
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RETRAIL_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main(["models", *(str(argument) for argument in arguments)])
    return int(left.value.code or 0)


def schema(name: str) -> dict[str, object]:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_published_schemas_are_current(name: str) -> None:
    assert json.loads((SCHEMAS / name).read_text("utf-8")) == json_schemas()[name], "run tools/write-schemas"


def test_list_names_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    shown = capsys.readouterr().out
    assert NAME in shown
    assert WITHDRAWN in shown
    assert "osnet_x1_0_msmt17" in shown


def test_list_by_task_for_commercial_sites_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--task", "person-reidentification", "--commercial", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.validate(printed, schema("models-list"))
    rows = printed["models"]
    assert {row["task"] for row in rows} == {"person-reidentification"}
    assert all(row["commercial"] for row in rows)
    assert all(row["path"] is None for row in rows)
    assert run("list", "--here", "--json") == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["models"]] == sorted(BUILT_IN.values())


def test_unknown_task_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--task", "cats") == 2
    assert "person-detection" in capsys.readouterr().err


def test_show_says_what_goes_in_and_who_may_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", WITHDRAWN) == 0
    shown = capsys.readouterr().out
    assert "128 x 256 BGR" in shown
    assert "embedding of 512, `descriptor`" in shown
    assert "Apache-2.0" in shown
    assert "unverified" in shown


def test_show_as_json_is_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", NAME, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.validate(printed, schema("models-show"))
    card = printed["card"]
    assert card["name"] == NAME
    assert card["output"]["dimension"] == 256


def test_unknown_model_goes_to_the_error_stream_with_near_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "person-reidentification-retail-288") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert NAME in said.err
    assert "Traceback" not in said.err


def test_pull_fetches_into_the_cache_and_says_the_licence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with server.bad_server(BODY, server.truncated, server.whole) as served:
        monkeypatch.setattr(models_command, "find_card", lambda name, **where: at(served.url))
        monkeypatch.setattr("retrail.zoo.fetch.time.sleep", lambda seconds: None)
        assert run("pull", NAME) == 0
        first = capsys.readouterr().out
        assert run("pull", NAME) == 0
    path = tmp_path / "cache" / "retrail" / "models" / NAME / "FP16" / f"{NAME}.xml"
    assert path.read_bytes() == BODY
    assert f"fetched and checked: {path}" in first
    assert "Apache-2.0" in first
    assert "already there" in capsys.readouterr().out


def test_pull_that_fails_is_status_1_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.bad_server(BODY, server.status(404)) as served:
        monkeypatch.setattr(models_command, "find_card", lambda name, **where: at(served.url))
        assert run("pull", NAME) == 1
    said = capsys.readouterr().err
    assert "404" in said
    assert "another machine" in said


def at(url: str) -> Card:
    known = {"size_bytes": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest(), "url": url}
    return replace(
        find_card(NAME),
        files=tuple(CardFile(path=f"{NAME}/FP16/{NAME}{suffix}", **known) for suffix in (".xml", ".bin")),
    )


def test_verify_without_names_checks_the_built_in_models_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify") == 0
    out = capsys.readouterr().out
    assert all(f"{name}: " in out for name in BUILT_IN.values())


def test_pull_of_nothing_says_what_may_be_pulled(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pull") == 1
    assert "--recommended" in capsys.readouterr().err


@pytest.mark.shared
def test_add_then_verify_then_damage_then_verify(
    models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for suffix in (".xml", ".bin"):
        shutil.copy(models_dir / NAME / "FP16" / f"{NAME}{suffix}", tmp_path / f"download{suffix}")
    assert run("add", tmp_path / "download.xml", "--card", NAME) == 0
    assert "note" not in capsys.readouterr().out
    assert run("verify", NAME, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.validate(printed, schema("models-verify"))
    (row,) = printed["models"]
    assert (row["verdict"], row["golden"]["state"]) == ("good", "same")
    weights = tmp_path / "cache" / "retrail" / "models" / NAME / "FP16" / f"{NAME}.bin"
    weights.write_bytes(weights.read_bytes()[:-10])
    assert run("verify", NAME) == 1
    assert "differs" in capsys.readouterr().out


@pytest.mark.shared
def test_add_of_a_model_of_another_task_is_refused_and_nothing_is_copied(
    models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    detector = models_dir / "person-detection-retail-0013" / "FP16" / "person-detection-retail-0013.xml"
    assert run("add", detector, "--card", WITHDRAWN) == 1
    said = capsys.readouterr().err
    assert "a detector (SSD)" in said
    assert "person-reidentification" in said
    assert not (tmp_path / "cache").exists()


@pytest.mark.shared
def test_add_of_other_weights_that_fit_says_so(models_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = models_dir / "person-reidentification-retail-0287" / "FP16" / "person-reidentification-retail-0287.xml"
    assert run("add", other, "--card", NAME) == 0
    said = capsys.readouterr().out
    assert "not a file that its owner published" in said
    assert "other weights" in said


def test_interrupt_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(models_command, "model_list", interrupted)
    assert run("list") == 130
