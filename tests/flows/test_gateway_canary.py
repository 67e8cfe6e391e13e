"""Words of a prompt and of a completion are found nowhere: not in the database, the journal, the logs."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.fakes import Fails, FakeVendor, Raw, Says
from tests.flows.gateways import ASKED

IN_PROMPT, IN_ANSWER, IN_SESSION = "ZANZIBAR7731", "QUOKKA8842", "WOMBAT5519"


@pytest.mark.parametrize("stream", [False, True])
def test_nothing_of_prompt_or_completion_stays_anywhere(own_product, stream):
    """F51: whether it goes well, fails, or is nonsense."""
    answers = (Says(f"It is {IN_ANSWER}."), Fails(500), Fails(400), Raw(f"<p>{IN_ANSWER}</p>".encode(), "text/html"))
    with FakeVendor("openai", *answers) as vendor:
        product = own_product(
            GROQ_API_KEY=vendor.settings()["api_key"],
            GROQ_BASE_URL=vendor.base_url,
            ENGINE_PRELOAD="",
            LOG_LEVEL="DEBUG",
        )
        product.start()
        with product.client(product.create_key(credits=100)) as client:
            body = {
                "model": "groq/openai/gpt-oss-20b",
                "messages": [{"role": "user", "content": f"Who is {IN_PROMPT}?"}],
            }
            headers = {"X-LittlePull-Session": IN_SESSION}
            statuses = [
                client.post("/v1/chat/completions", json={**body, "stream": stream}, headers=headers).status_code
                for _ in answers
            ]
            assert statuses == [200 if not stream else 502, 503, 400, 502] or stream
            client.post("/v1/chat/completions", json={**body, "messages": IN_PROMPT})
            client.post("/v1/chat/completions", content=f'{{"messages": "{IN_PROMPT}'.encode())
            client.post("/v1/chat/completions/dry-run", json=body)
            client.post("/v1/chat/completions", json={**body, "model": f"groq/{IN_PROMPT}"})
            time.sleep(1)
            assert client.get("/v1/generations").json()["data"]
    places = [path for path in product.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".journal" for path in places)
    assert product.stop() == 0
    for path in [*places, *(path for path in product.folder.rglob("*") if path.is_file())]:
        content = path.read_bytes().lower() if path.exists() else b""
        for canary in (IN_PROMPT, IN_ANSWER, IN_SESSION):
            assert canary.lower().encode() not in content, f"{canary} in {path.name}"


def test_a_bug_of_ours_is_reported_without_what_was_asked(own_product):
    """F51: the journal cannot be written, every request fails, and none is in the log."""
    product = own_product(ENGINE_PRELOAD="", JOURNAL_DIR="/dev/null/journal", LOG_LEVEL="DEBUG")
    product.start(ready=False)
    with product.client(product.create_key("t@example.com", 0, "--mode", "test")) as client:
        asked = {"model": "auto", "messages": [*ASKED, {"role": "user", "content": IN_PROMPT}]}
        answer: httpx.Response = client.post("/v1/chat/completions", json=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert product.stop() == 0
    log = product.log.read_text()
    assert "routing.gateway" in log and answer.json()["request_id"] in log
    assert IN_PROMPT not in log and ASKED[0]["content"] not in log
