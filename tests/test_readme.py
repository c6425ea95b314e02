"""What the README shows works, and what the command offers is in the README."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from retrail import Site
from retrail.cli import COMMANDS, command_of
from retrail.insight import REPORTS
from retrail.simulate.scenario import presets

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"no {language} block in the README"
    return found[1]


def test_the_site_file_of_the_readme_loads(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(block("yaml"))
    site = Site.load(tmp_path / "shop.yaml", environ={"CAM_USER": "eva", "CAM_PASSWORD": "p@ss"})
    assert list(site.cameras) == ["entrance", "till"]
    assert "p@ss" not in repr(site)


@pytest.mark.shared
@pytest.mark.timeout(300)
def test_the_ten_lines_of_python_run(
    tmp_path: Path,
    shared: Path,
    models_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clip = shared / "video/epfl_lab/Double1.mp4"
    (tmp_path / "shop.yaml").write_text(
        f"site: lab\nstart: 2026-11-20T09:00:00Z\ncameras:\n  lab: {{source: {clip}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RETRAIL_MODELS", str(models_dir))
    exec(compile(block("python"), "README.md", "exec"), {})
    assert "new" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(name: str) -> None:
    command = command_of(name)
    assert " ".join(command.help.split()).startswith(COMMANDS[name])
    assert f"retrail {name}" in README
    for each in getattr(command, "commands", {name: command}).values():
        assert all(getattr(option, "help", None) for option in each.params if option.name not in ("help",))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_table_of_commands(name: str) -> None:
    assert re.search(rf"^\| `retrail {name}\b", README, re.MULTILINE)


def test_every_preset_and_every_report_is_named() -> None:
    named = next(line for line in README.splitlines() if line.startswith("# presets:"))
    assert [preset for preset in presets() if preset not in named] == []
    reports = (ROOT / "docs/report.md").read_text("utf-8")
    assert [report for report in REPORTS if f"| `{report}`" not in reports] == []


@pytest.mark.parametrize(
    ("schema", "record", "said"),
    [
        ("report-visitors", "CountRecord", "Counts of a report are `{}`"),
        ("run", "VisitorsRecord", "`retrail run --json` and `retrail demo --json` are `{}`"),
        ("demo", "VisitorsRecord", "`retrail run --json` and `retrail demo --json` are `{}`"),
    ],
)
def test_the_definitions_give_counts_the_shape_of_the_schemas(schema: str, record: str, said: str) -> None:
    published = json.loads((ROOT / f"docs/schemas/{schema}.schema.json").read_text("utf-8"))
    fields = ", ".join(f'"{name}"' for name in published["$defs"][record]["required"])
    definitions = " ".join((ROOT / "docs/definitions.md").read_text("utf-8").split())
    assert said.format(f"{{{fields}}}") in definitions


@pytest.mark.parametrize("name", COMMANDS)
def test_variables_that_help_names_are_documented_and_no_default_lies_outside(name: str) -> None:
    documents = README + "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))
    command = command_of(name)
    for each in getattr(command, "commands", {name: command}).values():
        for option in each.params:
            assert (getattr(option, "envvar", None) or "") in documents
            assert not str(option.default).startswith("..")


def test_the_list_of_commands_names_each_and_imports_none() -> None:
    script = "import sys; from retrail.cli import main\ntry: main(['--help'])\nfinally: print('numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert [name for name in COMMANDS if not re.search(rf"^\W*{name} +[A-Z]", said, re.MULTILINE)] == []
    assert said.endswith("False\n")


def test_the_files_that_the_readme_points_to_are_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    missing = [link for link in links if not (ROOT / link).exists()]
    assert missing == []
