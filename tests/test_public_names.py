"""The public API is ten names and no more."""

import subprocess
import sys
import types

import pytest

import retrail

PUBLIC = ["Count", "Journey", "Match", "Matcher", "Pipeline", "RetrailError", "Site", "Visit", "__version__"]


def test_the_public_names_are_those_of_the_design() -> None:
    assert sorted(retrail.__all__) == sorted(PUBLIC)
    assert all(hasattr(retrail, name) for name in PUBLIC)


def test_nothing_else_leaks() -> None:
    found = {name for name in PUBLIC if getattr(retrail, name) is not None}  # brought when first asked for
    shown = {name for name, value in vars(retrail).items() if not isinstance(value, types.ModuleType)}
    assert {name for name in shown if not name.startswith("_")} == found - {"__version__"}


def test_a_name_that_is_not_there_is_an_error_of_python() -> None:
    with pytest.raises(AttributeError, match="Sight"):
        retrail.Sight  # type: ignore[attr-defined]  # noqa: B018


def test_a_command_that_reads_no_video_does_not_wait_for_networks_and_solvers() -> None:
    code = (
        "import sys, retrail.cli.report; print(*(name for name in ('openvino', 'scipy', 'av') if name in sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == []
