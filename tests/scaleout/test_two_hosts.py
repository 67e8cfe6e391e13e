"""What comes in at one machine is read on the other, watched live at the first, and counted once for both."""

from __future__ import annotations

import asyncio
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis

from tests.flows import conftest as flows
from tests.flows.gateways import ASKED
from tests.flows.test_life_of_an_extraction import sse, watch
from tests.server import PASSWORD, submit

pytestmark = pytest.mark.engine
SITE = {"Host": "localhost"}  # as a proxy before both passes it on
KINDS = ("received", "recognizing", "mapping", "done")


@pytest.fixture(scope="module")
def key(hosts):
    return hosts.work.create_key("alice@example.com", 1000)


@pytest.fixture
def at_web(hosts, key):
    with hosts.web.client(key) as client:
        yield client


@pytest.fixture
def at_work(hosts, key):
    with hosts.work.client(key) as client:
        yield client


def post_extraction(client: httpx.Client, **options) -> httpx.Response:
    """Read by our own mapper: a provider is configured for the gateway alone."""
    return flows.post_extraction(client, options={"mapper": "embedded"}, **options)


def stages(events: list[dict]) -> set[str]:
    return {event["progress"]["stage"] for event in events}


def test_who_waits_at_one_host_is_answered_by_a_worker_of_another(at_web):
    answer = post_extraction(at_web, wait=60)
    assert answer.status_code == 200
    assert answer.json()["data"]["total"] == 42.05


def test_progress_is_seen_live_at_the_other_host(hosts, at_web, key):
    """By server-sent events and a WebSocket that are open before the worker begins."""
    worker = hosts.work.worker()
    worker.suspend()
    try:
        job = post_extraction(at_web, wait=None).json()["id"]
        url = f"ws://127.0.0.1:{hosts.web.port}/ws/extractions/{job}"
        with ThreadPoolExecutor(2) as threads:
            read = threads.submit(sse, at_web, job)
            heard = threads.submit(asyncio.run, watch(url, ["lp.v1", f"lp.key.{key}"]))
            time.sleep(1)  # both are waiting by then; if not, they hear what is left all the same
            worker.resume()
            events, told = [event for _, event in read.result(60)], heard.result(60)
    finally:
        worker.resume()
    assert events == told
    assert events[-1]["type"] == "succeeded"
    assert set(KINDS) <= stages(events)


def test_requests_are_counted_over_both_hosts(at_web, at_work):
    left = [
        int(re.search(r"r=(\d+)", client.get("/v1/account").headers["RateLimit"])[1])
        for client in (at_web, at_work, at_web, at_work)
    ]
    assert left == list(range(left[0], left[0] - 4, -1))


def test_a_keys_own_limit_is_counted_over_both_hosts(hosts):
    """F47: of a minute, which is kept in no table."""
    key = hosts.work.create_key("limited@example.com", 10)
    make = "from routing.models import KeyLimit; from accounts.models import ApiKey; "
    make += "KeyLimit.objects.create(api_key=ApiKey.objects.get(user__email='limited@example.com'), "
    make += "resource='{}', window='minute', limit={})"
    hosts.work.manage("shell", "-v", "0", "-c", make.format("requests", 2))
    while time.time() % 60 > 40:
        time.sleep(1)  # all within one minute
    with hosts.web.client(key) as web, hosts.work.client(key) as work:
        asked = {"model": "groq/good", "messages": ASKED}
        answers = [one.post("/v1/chat/completions", json=asked) for one in (web, work, web, work)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[2].json()["error"]["code"] == "key_limit_reached"


def test_guesses_at_a_password_are_counted_over_both_hosts(hosts):
    email = "guessed@example.com"
    hosts.work.create_key(email)
    with hosts.work.sign_in(email):
        pass  # has a password now, and it opens
    guess(hosts, email, ["wrong"] * 5)
    last = guess(hosts, email, [PASSWORD] * 2)
    assert [page.url.path for page in last] == ["/accounts/login/"] * 2
    assert all("Too many failed" in page.text for page in last)


def guess(hosts, email: str, passwords: list[str]) -> list[httpx.Response]:
    """By turns at either host."""
    pages = []
    for number, password in enumerate(passwords):
        base_url = (hosts.web, hosts.work)[number % 2].base_url
        with httpx.Client(
            base_url=base_url, headers=SITE, timeout=60, trust_env=False, follow_redirects=True
        ) as browser:
            pages.append(submit(browser, "/accounts/login/", login=email, password=password))
    return pages


def test_nothing_in_redis_names_anybody(hosts, key):
    """Counts are called by keyed digests: no address, no e-mail, no key."""
    with redis.Redis.from_url(hosts.redis.url) as client:
        names = [name.decode() for name in client.scan_iter()]
    assert names
    prefix = os.environ.get("REDIS_PREFIX", "littlepull")
    assert all(re.fullmatch(prefix + r":[0-9a-f]{64}", name) for name in names), names


AWAY = {
    "crashed": (lambda redis: redis.stop(), lambda redis: redis.start()),
    "hangs": (lambda redis: redis.suspend(), lambda redis: redis.resume()),
}


@pytest.mark.parametrize("how", AWAY)
def test_without_redis_the_work_goes_on_and_all_is_well_when_it_returns(hosts, at_web, at_work, how):
    """From the middle of a job on: no answer is a 500, guesses stay limited, what waited is done at its return."""
    under_way = post_extraction(at_work, wait=None).json()["id"]
    leave, come_back = AWAY[how]
    leave(hosts.redis)
    try:
        assert sse(at_work, under_way)[-1][1]["type"] == "succeeded"
        assert post_extraction(at_work, wait=60).json()["status"] == "succeeded"  # rung for on its own machine
        waiting = post_extraction(at_web, wait=None)
        assert waiting.status_code == 202
        for client in (at_web, at_work):
            assert client.get("/v1/account").status_code == 200
            chat = client.post("/v1/chat/completions", json={"model": "groq/good", "messages": ASKED})
            assert chat.status_code == 200
            told = client.get("/readyz")
            assert (told.status_code, told.json()["status"]) == (200, "degraded")
            assert [reason.partition(":")[0] for reason in told.json()["reasons"]] == ["redis"]
        email = f"{how}@example.com"
        hosts.work.create_key(email)
        with hosts.work.sign_in(email):
            pass
        pages = guess(hosts, email, ["wrong"] * 10 + [PASSWORD] * 2)
        assert {page.status_code for page in pages} <= {200, 429}
        assert all("Too many failed" in page.text for page in pages[-2:])  # each host for itself
    finally:
        come_back(hosts.redis)
    assert sse(at_web, waiting.json()["id"])[-1][1]["type"] == "succeeded"
    assert post_extraction(at_web, wait=60).json()["status"] == "succeeded"
    for host in (hosts.web, hosts.work):
        told = httpx.get(f"{host.base_url}/readyz", trust_env=False).json()
        assert (told["status"], told["codes"]) == ("ready", [])
    hosts.work.manage("check_ledger")
    assert not list((hosts.work.folder.parent / "mounted").glob("*.sealed"))
