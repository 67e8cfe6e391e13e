"""The command line as a shell meets it: what it prints where, and the exit codes it promises."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.test_retries import extraction
from tests.clients.troubled import DROP, Say, Troubled, problem
from tests.server import ROOT, SAMPLES

RECEIPT = str(SAMPLES / "receipt.jpg")
SCHEMA = str(SAMPLES / "receipt.schema.json")
TOTAL = json.loads((SAMPLES / "receipt.truth.json").read_text())["total"]
Run = Callable[..., subprocess.CompletedProcess]
COMMAND = [sys.executable, "-m", "littlepull_client"]


def environment(**own: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LITTLEPULL_")}
    return {**kept, "PYTHONPATH": str(ROOT / "clients" / "python" / "src"), "NO_PROXY": "*", **own}


def run_with(url: str, key: str | None, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess:
    own = {"LITTLEPULL_BASE_URL": url} | ({} if key is None else {"LITTLEPULL_API_KEY": key})
    done = subprocess.run(
        [*COMMAND, *arguments], env=environment(**own), input=stdin, capture_output=True, timeout=90, check=False
    )
    assert key is None or key not in (done.stdout + done.stderr).decode()
    assert b"Traceback" not in done.stderr
    return done


@pytest.fixture
def run(product, client_key) -> Run:
    return lambda *arguments, **more: run_with(product.base_url, client_key, *arguments, **more)


def test_data_alone_goes_to_standard_output_and_stages_to_standard_error(run):
    done = run("extract", RECEIPT, "--schema", "receipt")
    assert done.returncode == 0
    assert json.loads(done.stdout)["total"] == TOTAL
    assert done.stderr.decode().split() == ["received", "decoding", "recognizing", "mapping", "done"]


def test_everything_as_json_from_a_schema_file_with_options(run, tmp_path):
    output = tmp_path / "out.json"
    options = ("--option", "include=text", "--option", "metadata.order=4711", "--option", "pages=1", "--quiet")
    done = run("extract", RECEIPT, "--schema", SCHEMA, "--json", "--output", str(output), *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    told = json.loads(output.read_text())
    assert told["data"]["total"] == TOTAL
    assert told["metadata"] == {"order": "4711"}
    assert "GREENFIELD" in told["text"]


def test_a_table_for_reading_and_a_file_from_standard_input(run):
    done = run("extract", "-", "--schema", SCHEMA, "--table", stdin=Path(RECEIPT).read_bytes())
    assert done.returncode == 0
    [row] = [line for line in done.stdout.decode().splitlines() if line.startswith("/total ")]
    assert row.split()[1] == str(TOTAL)
    assert "page 1" in row


def test_on_a_terminal_a_bar_is_drawn_and_wiped_away(product, client_key):
    ours, theirs = pty.openpty()
    own = environment(LITTLEPULL_BASE_URL=product.base_url, LITTLEPULL_API_KEY=client_key)
    command = [*COMMAND, "extract", RECEIPT, "--schema", SCHEMA]
    with subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while chunk := _read(ours):
            drawn += chunk
        assert json.loads(process.stdout.read())["total"] == TOTAL
    os.close(ours)
    assert b"] recognizing" in drawn
    assert drawn.endswith(b"\r\x1b[K")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a terminal says that its other end is closed
        return b""


def test_quote_and_account(run):
    assert run("quote", RECEIPT).stdout == b"1 credits at most\n"
    assert run("quote", "--pages", "3").stdout == b"3 credits at most\n"
    assert json.loads(run("quote", "--seconds", "60", "--json").stdout)["quote"]
    shown = run("account").stdout.decode()
    assert "clients@example.com" in shown
    assert "available" in shown
    assert json.loads(run("account", "--json").stdout)["key"]["mode"] == "live"


def test_receipts_are_verified_without_a_key(run, product, tmp_path):
    kept, forged, keys = (tmp_path / name for name in ("kept.json", "forged.json", "keys.json"))
    run("extract", RECEIPT, "--schema", SCHEMA, "--json", "--output", str(kept))
    done = run_with(product.base_url, None, "verify-receipt", str(kept), "--media", RECEIPT)
    assert (done.returncode, done.stdout[:8]) == (0, b"genuine:")
    other = run_with(product.base_url, None, "verify-receipt", str(kept), "--media", SCHEMA)
    assert other.returncode == 3
    assert b"another file" in other.stderr
    with product.client("none") as http:
        keys.write_bytes(http.get("/.well-known/littlepull-keys.json").content)
    told = json.loads(kept.read_text())
    told["destruction_receipt"]["statement"]["destroyed_at"] = "2020-01-01T00:00:00+00:00"
    forged.write_text(json.dumps(told))
    nobody = "http://127.0.0.1:9"
    assert run_with(nobody, None, "verify-receipt", str(kept), "--keys", str(keys)).returncode == 0
    assert run_with(nobody, None, "verify-receipt", str(forged), "--keys", str(keys)).returncode == 3
    forged.write_text("{broken")
    assert run_with(nobody, None, "verify-receipt", str(forged), "--keys", str(keys)).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("extract", RECEIPT),
        ("extract", "no-such-file.jpg", "--schema", "receipt"),
        ("extract", RECEIPT, "--schema", "no/such.json"),
        ("extract", RECEIPT, "--schema", RECEIPT),
        ("extract", RECEIPT, "--schema", "receipt", "--option", "strict"),
        ("extract", RECEIPT, "--schema", "receipt", "--option", "wait=3"),
        ("extract", RECEIPT, "--schema", "receipt", "--wait", "0"),
        ("extract", RECEIPT, "--schema", "receipt", "--output", "/no/such/folder/out.json"),
        ("extract", RECEIPT, "--schema", "receipt", "--json", "--table"),
        ("quote",),
        ("quote", RECEIPT, "--pages", "3"),
        ("verify-receipt", "no-such-file.json"),
    ],
)
def test_used_wrongly_is_2_before_anything_is_sent(arguments):
    with Troubled(Say(200, extraction())) as server:
        assert run_with(server.url, "lp_live_secret", *arguments).returncode == 2
    assert not server.asked


def test_no_key_is_2():
    done = run_with("http://127.0.0.1:9", None, "account")
    assert done.returncode == 2
    assert b"LITTLEPULL_API_KEY" in done.stderr


def test_refused_is_3_too_few_credits_4_and_not_reached_5():
    asked = ("extract", RECEIPT, "--schema", "receipt")
    failed = extraction("failed", error={"code": "engine_crashed", "detail": "It crashed."})
    pointed = problem(422, "invalid_request", errors=[{"pointer": "/options/x", "message": "Not known."}])
    poor = problem(402, "insufficient_credits", required="2.000000", available="0.500000")
    cases = [(pointed, 3, b"/options/x: Not known."), (Say(200, failed), 3, b"engine_crashed"), (poor, 4, b"2 credits"),
             (problem(429, "rate_limited", headers={"Retry-After": "999"}), 5, b"rate_limited")]  # fmt: skip
    for answer, code, words in cases:
        with Troubled(answer) as server:
            done = run_with(server.url, "lp_live_secret", *asked)
        assert (done.returncode, words in done.stderr, done.stdout) == (code, True, b""), done.stderr


def test_nobody_there_is_5():
    with Troubled(DROP) as server:
        done = run_with(server.url, "lp_live_secret", "account")
    assert done.returncode == 5
    assert len(server.asked) == 5


def test_what_was_in_a_file_gives_a_terminal_no_orders():
    nasty = "a\x1b]0;owned\x07\x9b2J\u202e\nb"
    field = {"pointer": "/n", "value": nasty, "confidence": 0.9, "citations": [], "grounded": True}
    told = extraction(data={"n": nasty}, fields=[field])
    for shape in ([], ["--json"], ["--table"]):
        with Troubled(Say(200, told)) as server:
            done = run_with(server.url, "lp_live_secret", "extract", RECEIPT, "--schema", "receipt", "--quiet", *shape)
        assert done.returncode == 0
        text = done.stdout.decode()
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)
        if shape != ["--table"]:
            shown = json.loads(text)
            assert (shown["data"] if shape else shown)["n"] == nasty
    with Troubled(problem(422, "x", detail=nasty)) as server:
        assert b"\x1b" not in run_with(server.url, "lp_live_secret", "account").stderr


def test_a_result_that_was_paid_for_survives_a_locale_that_cannot_show_it():
    with Troubled(Say(200, extraction(data={"name": "日本 é"}))) as server:
        own = {"LITTLEPULL_BASE_URL": server.url, "LITTLEPULL_API_KEY": "k", "PYTHONIOENCODING": "ascii"}
        command = [*COMMAND, "extract", RECEIPT, "--schema", "receipt", "--quiet"]
        done = subprocess.run(command, env=environment(**own), capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"name": "日本 é"}
