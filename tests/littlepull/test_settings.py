"""Development starts with nothing set; production refuses to start half-configured."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest

from tests.server import ROOT

SECRETS = {
    "SECRET_KEY": "x7Yt-q9Zb" * 8,
    "SEALING_KEYS": base64.b64encode(bytes(range(32))).decode(),
    "SIGNING_SEEDS": base64.b64encode(bytes(range(32))).decode(),
    "ALLOWED_HOSTS": "example.com",
}


def check(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "manage.py", "check", *options]
    return subprocess.run(command, cwd=ROOT, env=base | environment, capture_output=True, text=True)


def test_development_needs_nothing(tmp_path):
    assert check(VAR_DIR=str(tmp_path)).returncode == 0


@pytest.mark.parametrize("missing", SECRETS)
def test_production_names_the_secret_it_misses(tmp_path, missing):
    given = {name: value for name, value in SECRETS.items() if name != missing}
    refused = check(ENVIRONMENT="production", VAR_DIR=str(tmp_path), **given)
    assert refused.returncode != 0
    assert missing in refused.stderr


def test_production_refuses_a_sealing_key_that_is_too_short(tmp_path):
    refused = check(ENVIRONMENT="production", VAR_DIR=str(tmp_path), **SECRETS | {"SEALING_KEYS": "c2hvcnQ="})
    assert refused.returncode != 0


def test_the_deployment_check_is_clean_in_production(tmp_path):
    options = ("--deploy", "--fail-level", "WARNING")
    checked = check(*options, ENVIRONMENT="production", VAR_DIR=str(tmp_path), **SECRETS)
    assert checked.returncode == 0, checked.stderr
