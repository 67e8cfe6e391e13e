"""What pages tell people to type is there, and works as it is written where a block says `run`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from littlepull.site.guides import WRITTEN_HERE
from tests.fakes import FakeVendor, Says
from tests.server import ROOT, Product

PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("littlepull/guides/*.md"), *ROOT.glob("clients/*/*.md")]
)
RUN = re.compile(r"^```(sh|python) run\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
MADE = re.compile(r"^`?make ([a-z][a-z-]*)", re.MULTILINE)
MANAGED = re.compile(r"manage\.py (\w+)([^`\n|#]*)")
OPTION = re.compile(r"(?<!\S)\[?(--[a-z][a-z-]*)")
LINK = re.compile(r"\]\((?!https?:|mailto:|/)([^)\s]+)\)")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PLACEHOLDER = "lp_live_…"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


RUNNABLE = [page for page in PAGES if RUN.search(page.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_it_names_is_there(page: Path):
    text = page.read_text()
    assert {target for code in CODE.findall(text) for target in MADE.findall(code)} <= TARGETS
    unknown = [
        f"manage.py {name} {option}"
        for name, rest in MANAGED.findall(text)
        for option in ("", *OPTION.findall(rest))
        if option not in options_of(name)
    ]
    assert not unknown


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_where_it_leads_is_a_file(page: Path):
    links = {link.partition("#")[0] for link in LINK.findall(CODE.sub("", page.read_text()))}
    assert not [link for link in links if link and not (page.parent / link).exists()]


def options_of(command: str) -> set[str]:
    """With "" for the command itself; nothing of one that does not exist."""
    app = get_commands().get(command)
    if app is None:
        return set()
    parser = (load_command_class(app, command) if isinstance(app, str) else app).create_parser("manage.py", command)
    return {"", *(option for action in parser._actions for option in action.option_strings)}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Product]:
    """As a reader has it who set a provider's key, as the README says."""
    with FakeVendor("openai", Says("Bonjour")) as vendor:
        settings = {"GROQ_API_KEY": vendor.settings()["api_key"], "GROQ_BASE_URL": vendor.base_url}
        product = Product(tmp_path_factory.mktemp("readers"), **settings)
        product.start()
        yield product
        product.kill()


@pytest.mark.engine
@pytest.mark.parametrize("page", RUNNABLE, ids=name_of)
def test_its_commands_work_as_they_are_written(page: Path, installation: Product, tmp_path: Path):
    """All of a page's in one shell, one after the other: a guide's anywhere, the others' in the project's folder."""
    script = script_of(page)
    for written, here in {
        WRITTEN_HERE: installation.base_url,
        ".venv/bin/python": sys.executable,
        PLACEHOLDER: installation.create_key("reader@example.com", 100),
    }.items():
        script = script.replace(written, here)
    environment = {
        **installation.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LITTLEPULL_API_KEY": installation.create_key("tries@example.com", 0, "--mode", "test"),
        "no_proxy": "127.0.0.1",
    }
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path if page.parent.name == "guides" else ROOT,
        env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert '"code":' not in ran.stdout and "problem+json" not in ran.stdout and ran.stdout.strip(), ran.stdout


def script_of(page: Path) -> str:
    blocks = RUN.findall(page.read_text())
    return "\n".join(code if language == "sh" else f"python - <<'END'\n{code}END" for language, code in blocks)


def test_there_is_something_to_run():
    named = set(map(name_of, RUNNABLE))
    assert {"README.md", "docs/schemas.md", "docs/payments.md"} <= named
    assert sum(name.startswith("littlepull/guides/") for name in named) >= 3
