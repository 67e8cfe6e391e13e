"""`pip install ./clients/python` in an empty environment gives the package, its types and the command."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.server import ROOT

NO_NETWORK = ("Temporary failure in name resolution", "Network is unreachable", "NewConnectionError", "ConnectTimeout")


@pytest.mark.engine
def test_it_installs_into_an_empty_environment_and_its_command_runs(tmp_path):
    source = copy_of_the_package(tmp_path)
    venv.create(tmp_path / "venv", with_pip=True)
    bin_folder = tmp_path / "venv" / "bin"
    installed = run(bin_folder / "python", "-m", "pip", "install", "--quiet", f"{source}[verify]")
    if installed.returncode and any(words in installed.stderr for words in NO_NETWORK):
        pytest.skip("the package registry cannot be reached")
    assert installed.returncode == 0, installed.stderr
    shown = run(bin_folder / "littlepull", "--help")
    assert shown.returncode == 0
    assert all(word in shown.stdout for word in ("extract", "quote", "account", "verify-receipt", "exit codes"))
    asked = "import importlib.resources as r; print(r.files('littlepull_client').joinpath('py.typed').is_file())"
    assert run(bin_folder / "python", "-c", asked).stdout == "True\n"
    assert run(bin_folder / "python", "-m", "pip", "check").returncode == 0
    brought = run(bin_folder / "python", "-m", "pip", "list", "--format=freeze").stdout.lower()
    assert not any(name in brought for name in ("django", "pydantic", "requests"))


def copy_of_the_package(folder: Path) -> Path:
    """A build writes beside the source: it is done on a copy."""
    left_out = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
    return Path(shutil.copytree(ROOT / "clients" / "python", folder / "python", ignore=left_out))


def run(*command: object) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, timeout=400, check=False, cwd=Path(sys.prefix))
