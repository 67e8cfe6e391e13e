"""The architecture as tests: who may import whom, what may be called what, and what every table is for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from littlepull.problems import PROBLEMS
from privacy.data_map import DATA_MAP

ROOT = Path(__file__).resolve().parents[2]
STOREYS = ["accounts", "billing", "routing", "extraction", "privacy", "littlepull"]  # ground floor first
FEATURES = {*range(1, 55), 56, 57}  # of extraction and the gateway
DRAWERS = {"utils", "helpers", "common", "core", "services", "managers", "constants", "signals", "misc"}


def modules() -> Iterator[tuple[int, Path]]:
    for storey, app in enumerate(STOREYS):
        for path in (ROOT / app).rglob("*.py"):
            yield storey, path


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def front_doors(app: str) -> set[str]:
    """What an app's own docstring names as open to other apps, and what the design opens in each."""
    docstring = ast.get_docstring(ast.parse((ROOT / app / "__init__.py").read_text())) or ""
    doors = docstring.partition("Front doors:")[2]
    return set(re.findall(r"[a-z_]+", re.sub(r"\([^)]*\)", "", doors))) | {"models", "errors", "erasure"}


def test_nobody_imports_upstairs():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for storey, path in modules()
        for name in imported_names(path)
        if (top := name.split(".")[0]) in STOREYS and STOREYS.index(top) > storey
    ]
    assert not wrong


def test_others_enter_by_the_front_doors():
    roof = len(STOREYS) - 1
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for storey, path in modules()
        if storey != roof  # the roof mounts everything: routers, consumers, the worker
        for name in imported_names(path)
        if (parts := name.split("."))[0] in STOREYS
        and parts[0] != STOREYS[storey]
        and len(parts) > 1
        and parts[1] not in front_doors(parts[0])
    ]
    assert not wrong


def test_no_module_is_a_drawer():
    assert not [path for _, path in modules() if path.stem in DRAWERS]


def test_nobody_wires_signals():
    wired = re.compile(r"@receiver|(?<!sqlite3)\.connect\(|post_save|pre_save")
    assert not [path for _, path in modules() if wired.search(path.read_text())]


def test_no_float_touches_money():
    for path in (ROOT / "billing").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Attribute) and node.attr == "FloatField"), path
            assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"), path


@pytest.mark.parametrize("app", STOREYS[:-1])
def test_every_model_explains_itself(app):
    for model in apps.get_app_config(app).get_models():
        assert model.__doc__ and not model.__doc__.startswith(f"{model.__name__}("), model


def test_every_table_is_on_the_data_map():
    ours = {model._meta.label for app in STOREYS for model in apps.get_app_config(app).get_models()}
    assert ours == {row.table for row in DATA_MAP}


def test_every_admin_action_asks_for_a_permission():
    from django.contrib import admin

    for model_admin in admin.site._registry.values():
        for action in model_admin.actions or []:
            name = action if isinstance(action, str) else action.__name__
            assert getattr(getattr(model_admin, name, action), "allowed_permissions", None), f"{model_admin}: {name}"


def test_the_full_requirements_hold_the_lean_ones():
    """requirements.txt is requirements-lean.txt and the torch engines, nothing else."""
    full, lean = (set(pins(name)) for name in ("requirements.txt", "requirements-lean.txt"))
    assert lean < full
    assert {name for name, _ in full - lean} >= {"torch", "easyocr", "openai-whisper"}


def pins(name: str) -> Iterator[tuple[str, str]]:
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", " ")):
            package, _, version = line.partition(" ")[0].partition("==")
            yield re.sub(r"\[.*\]", "", package).lower(), version


def test_every_setting_read_from_the_environment_is_documented():
    settings = (ROOT / "littlepull" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|secret)\(\s*"([A-Z0-9_]+)"', settings))
    documented = set(re.findall(r"^#?\s?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read <= documented, read - documented


def test_every_problem_is_documented():
    documented = re.findall(r"^\| `(\w+)` \| (\d+) \|", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)
    assert {code: int(status) for code, status in documented} == {code: row[0] for code, row in PROBLEMS.items()}


def test_every_code_a_domain_error_carries_has_a_status():
    """A new error must not become a KeyError at the door."""
    raised = set()
    for _, path in modules():
        raised |= set(re.findall(r'(?:^    code = |code=)"(\w+)"', path.read_text(), re.MULTILINE))
    only_in_jobs = {"engine_failed", "engine_crashed", "engine_timeout", "media_lost", "account_error", "billing_error"}
    assert {code for code in raised if not code.startswith(("upstream", "bad_", "routing"))} - only_in_jobs <= set(
        PROBLEMS
    )


def test_each_feature_is_tested_at_the_front_door():
    """The product's numbered features, as test docstrings in tests/flows name them."""
    docstrings = [
        ast.get_docstring(node) or ""
        for path in (ROOT / "tests" / "flows").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    named = {int(number) for docstring in docstrings for number in re.findall(r"\bF(\d+)\b", docstring)}
    assert not FEATURES - named
