"""The logs of server and worker: an object a line, with ids of what was being worked on, and nothing of anybody."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import httpx
import websockets

from tests.fakes import Fails, FakeVendor, Says
from tests.flows.conftest import post_extraction
from tests.flows.test_canary import picture_of
from tests.server import PASSWORD, submit

EMAIL, FROM, IN_PROMPT, IN_ANSWER = "zora.canary@example.com", "203.0.113.77", "ZANZIBAR7731", "QUOKKA8842"
FILE, ORDER, IN_QUERY, IN_PATH, HOST = "wombat5519", "ORDER4417", "NUMBAT3306", "BILBY9021", "dingo2210.example"
TEMPLATE = re.compile(r"[/\w{}.-]+|none")


def lines_of(product) -> list[dict[str, Any]]:
    """What is not an object: the one line by which `serve` says where it listens."""
    lines = product.log.read_text().splitlines()
    return [json.loads(line) for line in lines if not line.startswith("LittlePull serves")]


async def knock(url: str, *protocols: str) -> None:
    try:
        async with websockets.connect(url, subprotocols=list(protocols), additional_headers={"X-Forwarded-For": FROM}):
            pass
    except websockets.InvalidStatus:
        pass


def come_to_the_pages(product) -> None:
    """By every form and every refusal that has something of somebody in its hands."""
    with httpx.Client(base_url=product.base_url, trust_env=False, headers={"X-Forwarded-For": FROM}) as browser:
        submit(browser, "/accounts/login/", login=EMAIL, password=f"{PASSWORD}{IN_PATH}")
        submit(browser, "/accounts/signup/", email=f"new.{EMAIL}", password1=PASSWORD)
        submit(browser, "/accounts/password/reset/", email=EMAIL)
        browser.post("/accounts/login/", data={"login": EMAIL})  # without its token
        browser.get(f"/accounts/password/reset/key/1-{IN_PATH}/")
        browser.get(f"/{IN_PATH}", params={"email": EMAIL, "q": IN_QUERY})
        browser.get("/accounts/login/", headers={"Host": HOST})
        browser.get(f"/v1/extractions/ext_{IN_PATH}", params={"q": IN_QUERY})
        browser.post("/webhooks/dodo", content=f'{{"email": "{EMAIL}"}}')
        browser.request("BREW", f"/{IN_PATH}")


def test_no_line_says_anything_of_anybody_and_each_says_what_was_worked_on(own_product):
    with FakeVendor("openai", Says(f"It is {IN_ANSWER}."), Fails(500), Fails(400)) as vendor:
        product = own_product(
            GROQ_API_KEY=vendor.settings()["api_key"], GROQ_BASE_URL=vendor.base_url, ENGINE_PRELOAD="rapidocr",
            EMAIL_URL="dummymail://", TRUSTED_PROXIES="1", LOG_FORMAT="json", LOG_REQUESTS="1", LOG_LEVEL="DEBUG",
            OUTBOUND_TRUSTED_HOSTS="localhost",
        )  # fmt: skip
        product.start()
        key = product.create_key(EMAIL, 100)
        headers = {"X-Forwarded-For": FROM, "Idempotency-Key": f"{ORDER}-{EMAIL}", "X-Request-Id": "req-of-a-receipt"}
        prompt = {
            "model": "groq/openai/gpt-oss-20b",
            "messages": [{"role": "user", "content": f"{IN_PROMPT} {EMAIL}?"}],
        }
        hook = {"mapper": "embedded", "webhook_url": f"http://localhost:{product.port}/{IN_PATH}?q={IN_QUERY}"}
        with product.client(key) as client:
            file = {"file": (f"{FILE}.png", picture_of(IN_PROMPT), "image/png")}
            schema = {"schema": '{"type": "object"}', "options": json.dumps(hook)}
            read = client.post("/v1/extractions", files=file, data=schema, headers={**headers, "Prefer": "wait=60"})
            assert read.status_code == 200, read.text
            post_extraction(client, b"%PDF-" + FILE.encode(), headers={"X-Forwarded-For": FROM})
            for number, once in enumerate(({"Idempotency-Key": f"{ORDER}-2"}, {}, {})):
                asked = {"X-Request-Id": f"req-of-a-chat-{number}", "X-Forwarded-For": FROM, **once}
                client.post("/v1/chat/completions", json=prompt, headers=asked)
            client.post("/v1/chat/completions", content=f'{{"messages": "{IN_PROMPT}')
            client.get("/v1/extractions", params={"cursor": IN_QUERY, "limit": EMAIL})
            client.patch("/v1/keys/key_x", json={"name": EMAIL})
        httpx.get(
            f"{product.base_url}/v1/account", headers={"Authorization": f"Bearer {key}{IN_PATH}"}, trust_env=False
        )
        come_to_the_pages(product)
        watched = f"ws://127.0.0.1:{product.port}/ws/extractions/{read.json()['id']}?q={IN_QUERY}"
        asyncio.run(knock(watched, "lp.v1", f"lp.key.{key}"))
        asyncio.run(knock(watched, "lp.v1", f"lp.key.{key}{IN_PATH}"))
        time.sleep(2)  # the webhook's first try
        assert product.stop() == 0
    told = product.log.read_text()
    for canary in (
        EMAIL,
        FROM,
        IN_PROMPT,
        IN_ANSWER,
        FILE,
        ORDER,
        IN_QUERY,
        IN_PATH,
        HOST,
        key,
        key[-20:],
        "127.0.0.1:",
    ):
        assert canary.lower() not in told.lower().replace(f"http://127.0.0.1:{product.port} until", ""), canary
    lines = lines_of(product)
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    requests = [line for line in lines if line["logger"] == "littlepull.access"]
    assert all(TEMPLATE.fullmatch(line["route"]) and isinstance(line["ms"], int) for line in requests)
    of_receipt = next(line for line in requests if line["request_id"] == "req-of-a-receipt")
    assert (of_receipt["method"], of_receipt["route"], of_receipt["status"]) == ("POST", "/v1/extractions", 200)
    assert {line["status"] for line in requests} >= {200, 400, 401, 403, 404, 422}
    assert [line for line in requests if line["request_id"] == "req-of-a-chat-2" and line["generation_id"]]
    assert not [line for line in requests if line["request_id"] == "req-of-a-chat-0"]  # answered: it is in the books


def test_a_bug_is_told_by_class_and_place_with_the_request_it_met(own_product):
    product = own_product(ENGINE_PRELOAD="", JOURNAL_DIR="/dev/null/journal", LOG_FORMAT="json")
    product.start(ready=False)
    with product.client(product.create_key("t@example.com", 0, "--mode", "test")) as client:
        asked = {"model": "auto", "messages": [{"role": "user", "content": IN_PROMPT}]}
        answer = client.post("/v1/chat/completions", json=asked, headers={"X-Request-Id": "req-of-a-bug"})
    assert answer.status_code == 500
    assert product.stop() == 0
    line = next(line for line in lines_of(product) if line["logger"] == "routing.gateway")
    assert line["request_id"] == "req-of-a-bug" and line["generation_id"].startswith("gen_")
    assert line["error"] == "NotADirectoryError" and any("journal.py:" in place for place in line["places"])
    assert IN_PROMPT not in product.log.read_text() and "/dev/null" not in product.log.read_text()


def test_the_workers_lines_name_the_job(own_product):
    product = own_product(ENGINE_PRELOAD="rapidocr", LOG_FORMAT="json", ENGINE_MAX_RSS_BYTES="1", LEASE_SECONDS="3")
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        job = post_extraction(client).json()["id"]
        assert product.stop() == 0
    assert [line for line in lines_of(product) if line.get("job_id") == job]


def test_in_development_lines_are_for_reading(own_product):
    product = own_product(ENGINE_PRELOAD="", LOG_REQUESTS="1")
    product.start()
    for path in ("status.json", "healthz"):
        httpx.get(f"{product.base_url}/{path}", headers={"X-Request-Id": f"req-of-{path}"}, trust_env=False)
    assert product.stop() == 0
    told = product.log.read_text()
    assert re.search(r"INFO littlepull.access GET /status.json 200 in \d+ ms \[req-of-status.json\]", told)
    assert "req-of-healthz" not in told  # what asks every few seconds would drown the rest
