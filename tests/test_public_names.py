"""The public API is ten names and no more."""

import types

import retrail

PUBLIC = ["Count", "Journey", "Match", "Matcher", "Pipeline", "RetrailError", "Site", "Visit", "__version__"]


def test_the_public_names_are_those_of_the_design() -> None:
    assert sorted(retrail.__all__) == sorted(PUBLIC)
    assert all(hasattr(retrail, name) for name in PUBLIC)


def test_nothing_else_leaks() -> None:
    shown = {name for name, value in vars(retrail).items() if not isinstance(value, types.ModuleType)}
    assert {name for name in shown if not name.startswith("_")} == set(PUBLIC) - {"__version__"}
