"""The files in deploy/: checked where there is no container engine and no service manager; what can run is run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.flows.conftest import post_extraction
from tests.redis_server import find_redis, running_redis
from tests.server import ROOT, Product

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
OF_OTHERS = {"PORT", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}  # read by honcho and Python


def documented() -> set[str]:
    return set(re.findall(r"^#?\s?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_compose_is_a_compose_file(tmp_path):
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]

    def check(text: str) -> int:
        file = tmp_path / "compose.yaml"
        file.write_text(text)
        return subprocess.run([*command, file], capture_output=True).returncode

    text = (DEPLOY / "compose.yaml").read_text()
    assert check(text) == 0
    assert check(text.replace("restart: unless-stopped", "restart: [always]")) != 0


def test_what_compose_starts_is_there():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert (DEPLOY / services["web"]["build"]["dockerfile"].partition("/")[2]).exists()
    for name in ("web", "worker", "migrate"):
        first, *rest = services[name]["command"]
        assert [first, *rest[:2]] in (["celery", "-A", "littlepull"], ["python", "manage.py", rest[1]])
        for waited_for in services[name]["depends_on"]:
            assert waited_for in services


def test_each_variable_that_is_named_is_documented():
    compose = (DEPLOY / "compose.yaml").read_text()
    ours = yaml.safe_load(compose)["x-littlepull"]["environment"]
    named = {*ours, *re.findall(r"\$\{([A-Z0-9_]+)", compose)}
    named |= set(re.findall(r"\$\{([A-Z0-9_]+)", (DEPLOY / "Procfile").read_text()))
    for line in re.findall(r"^ENV ((?:.*\\\n)*.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE):
        named |= set(re.findall(r"\b([A-Z0-9_]+)=", line))
    for unit in UNITS:
        named |= set(re.findall(r"^Environment=([A-Z0-9_]+)=", unit.read_text(), re.MULTILINE))
    assert {"VAR_DIR", "DATABASE_URL", "QUEUE_URL"} <= named
    assert named - OF_OTHERS <= documented()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_valid_and_confined(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine")
    here = tmp_path / unit.name.replace("@", "@cpu")
    here.write_text(re.sub(r"/opt/littlepull/\.venv/bin/\w+", sys.executable, unit.read_text()))
    checked = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", here]  # of 100; none of it is 96
    exposed = subprocess.run(command, capture_output=True, text=True)
    assert exposed.returncode == 0, exposed.stdout


@pytest.mark.engine
def test_the_procfile_runs(own_product):
    """honcho starts web server and worker by its two lines; a receipt goes through both."""
    binary = find_redis()
    if binary is None:
        pytest.skip("no Redis binary on this machine")
    with running_redis(binary) as broker:
        product: Product = own_product(QUEUE_URL=broker.url, ENGINE_PRELOAD="rapidocr")
        product.folder.mkdir(parents=True)
        product.manage("migrate", "--verbosity", "0")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**product.environment, "PATH": path, "PORT": str(product.port)}
        command = [Path(sys.executable).with_name("honcho"), "-d", ROOT, "-f", DEPLOY / "Procfile", "start"]
        with product.log.open("ab") as log:
            product.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        product.wait_for("/readyz")
        with product.client(product.create_key(credits=1)) as client:
            assert post_extraction(client).json()["status"] == "succeeded"
        product.process.send_signal(signal.SIGTERM)
        product.process.wait(60)
        assert "Traceback" not in product.log.read_text()
