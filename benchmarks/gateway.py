"""How fast the gateway is, against LiteLLM's proxy before the same upstream in the same run.

    python benchmarks/gateway.py [--seconds 5] [--rounds 3] [--without-litellm]

One process each, on this machine, in turn, best of the rounds. Ours authenticates, classifies, chooses, sets credits
aside, settles and records every request. LiteLLM is installed into a folder of its own, or
skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import httpx
from figures import Figures

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from littlepull.local_server import manage, running_server  # noqa: E402

HERE = Path(__file__).resolve().parent
LITELLM = "litellm[proxy]==1.105.0"
MODEL = "selfhosted/bench"
READY_SECONDS = 120
CATALOGUE = {
    "read": "2026-11-23",
    "providers": [],
    "models": [{
        "id": MODEL, "upstream_id": "bench", "weights": None, "context_tokens": 100_000, "max_output_tokens": 10_000,
        "tools": True, "structured": True, "vision": True, "streaming": True, "source": "",
        "price": {"input": "1", "cached_input": None, "cache_write": None, "output": "4", "source": ""},
    }],
    "quality": {"weights": {}},
}  # fmt: skip
Result = dict[str, float]


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as name, _upstream() as upstream:
        folder = Path(name)
        alone = _measure(f"{upstream}/chat/completions", "none", "bench", arguments)
        with _ours(folder, upstream) as (url, key):
            ours = _measure(f"{url}/v1/chat/completions", key, MODEL, arguments)
            chosen = _measure(f"{url}/v1/chat/completions", key, "auto", arguments)
        with _litellm(folder, upstream, arguments) as url:
            theirs = _measure(f"{url}/chat/completions", "sk-bench", "bench", arguments) if url else None
    _report({"the upstream alone": alone, "ours, a named model": ours, "ours, auto": chosen, "LiteLLM": theirs})
    figures = Figures()
    figures.at_most("added at p50, one connection", 1000 * (ours[1]["p50"] - alone[1]["p50"]), 2.4, "ms")
    if theirs is not None:
        figures.at_least("requests a second at 16, against LiteLLM", ours[16]["rate"] / theirs[16]["rate"], 10)
    figures.show()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-litellm", action="store_true")
    return parser.parse_args()


def _measure(url: str, key: str, model: str, arguments: argparse.Namespace) -> dict[int, Result]:
    """By the number of connections, the best round of each."""
    best: dict[int, Result] = {}
    for _ in range(arguments.rounds):
        for connections in (1, 16):
            command = [sys.executable, str(HERE / "load.py"), url, key, model, str(connections), str(arguments.seconds)]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            if connections not in best or told["rate"] > best[connections]["rate"]:
                best[connections] = told
    return best


def _report(rows: dict[str, dict[int, Result] | None]) -> None:
    print(f"\n{'':<22}{'1 connection':>30}{'16 connections':>30}")
    print(f"{'':<22}" + 2 * f"{'req/s':>10}{'p50 ms':>10}{'p99 ms':>10}")
    for name, row in rows.items():
        if row is not None:
            cells = "".join(
                f"{row[n]['rate']:>10.0f}{1000 * row[n]['p50']:>10.2f}{1000 * row[n]['p99']:>10.2f}" for n in (1, 16)
            )
            print(f"{name:<22}{cells}")
    print()


@contextmanager
def _upstream() -> Iterator[str]:
    port = _free_port()
    process = subprocess.Popen([sys.executable, str(HERE / "upstream.py"), str(port)])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        _end(process)


@contextmanager
def _ours(folder: Path, upstream: str) -> Iterator[tuple[str, str]]:
    environment = {
        **os.environ,
        "VAR_DIR": str(folder / "var"),
        "LOG_LEVEL": "ERROR",
        "ENGINE_PRELOAD": "",
        "RATE_LIMIT_REQUESTS": "100000000",
        "SELFHOSTED_BASE_URL": upstream,
        "GATEWAY_EXPLORE": "false",
    }
    manage("migrate", "--verbosity", "0", environment=environment)
    catalogue = folder / "catalogue.json"
    catalogue.write_text(json.dumps(CATALOGUE))
    manage("load_catalogue", str(catalogue), environment=environment)
    key = manage("createkey", "--email", "bench@example.com", "--credits", "1000000", environment=environment)
    with running_server(environment) as url:
        yield url, key
        time.sleep(1.5)
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            credits = client.get("/v1/account").json()["credits"]
        proof = manage("check_ledger", environment=environment)
    print(f"ours after the load: {credits['held']} credits held; {proof}")


@contextmanager
def _litellm(folder: Path, upstream: str, arguments: argparse.Namespace) -> Iterator[str | None]:
    python = None if arguments.without_litellm else _install_litellm()
    if python is None:
        print("LiteLLM is not installed: skipped")
        yield None
        return
    port, config = _free_port(), folder / "litellm.yaml"
    params = {"model": "openai/bench", "api_base": upstream, "api_key": "none"}
    told = {
        "model_list": [{"model_name": "bench", "litellm_params": params}],
        "general_settings": {"master_key": "sk-bench"},
    }
    config.write_text(json.dumps(told))  # JSON is YAML
    command = [str(python.with_name("litellm")), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    quiet = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PATH": os.environ["PATH"]}
    process = subprocess.Popen(command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


def _install_litellm() -> Path | None:
    """Once, beside the other things that `make` puts into var."""
    venv = ROOT / "var" / "litellm"
    python = venv / "bin" / "python"
    try:
        if not (venv / "bin" / "litellm").exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", LITELLM], check=True, timeout=900)
    except (subprocess.SubprocessError, OSError):
        return None
    return python


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("A server did not start.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
