"""docs/security.md names for each threat the test that proves it: each is there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.server import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
PAGE = (ROOT / "docs" / "security.md").read_text()


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(PAGE))))
def test_the_test_is_there(file, name):
    tree = ast.parse((ROOT / file).read_text())
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert not name or name in functions
    assert any(function.startswith("test_") for function in functions)


def test_each_threat_names_one():
    table = PAGE.partition("## Threats")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 30
    assert [row for row in rows if not NAMED.search(row.rsplit("|", 2)[1])] == []


def test_every_file_of_this_folder_is_told_of():
    files = {path.name for path in (ROOT / "tests" / "security").glob("test_*.py")} - {"test_threat_model.py"}
    assert {name for name in files if f"tests/security/{name}" not in PAGE} == set()
