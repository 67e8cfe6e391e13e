"""Credits through the gateway: never more than there are, never lost, whatever dies in between."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.fakes import FakeVendor, Hangs, Says
from tests.flows.gateways import ASKED, add_models, balance
from tests.server import Product

MODEL = "groq/whole-cents"
A_CENT_A_TOKEN = {"input": "0", "cached_input": None, "cache_write": None, "output": "10000", "source": ""}
TOKENS = 7  # what the vendor says it wrote: seven credits


def start(product: Product) -> None:
    product.start()
    add_models(product, ["whole-cents"], price=A_CENT_A_TOKEN)
    time.sleep(1.2)  # the web process looks at the catalogue once a second


def told_of(vendor: FakeVendor) -> dict[str, str]:
    address = {"GROQ_API_KEY": vendor.settings()["api_key"], "GROQ_BASE_URL": vendor.base_url}
    return {**address, "ENGINE_PRELOAD": "", "RATE_LIMIT_REQUESTS": "5000"}


@pytest.fixture(scope="module")
def vendor() -> Iterator[FakeVendor]:
    with FakeVendor("openai") as vendor:
        yield vendor


@pytest.fixture(scope="module")
def product(vendor: FakeVendor, static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("money"), **told_of(vendor))
    start(product)
    yield product
    product.kill()


def ask(client: httpx.Client, *, max_tokens: int = TOKENS, stream: bool = False) -> httpx.Response:
    body = {"model": MODEL, "messages": ASKED, "max_tokens": max_tokens, "stream": stream}
    return client.post("/v1/chat/completions", json=body)


def wait_until_settled(client: httpx.Client) -> int:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        available, held = balance(client)
        if not held:
            return available
        time.sleep(0.1)
    raise AssertionError("credits stay held")


def web_process(product: Product) -> psutil.Process:
    for child in psutil.Process(product.process.pid).children(recursive=True):
        if "littlepull.servers" in child.cmdline():
            return child
    raise LookupError("There is no web process.")


def test_of_eight_at_once_on_credits_for_one_exactly_one_is_admitted(product, vendor):
    """F48: and those who are refused are told what was needed."""
    vendor.will(Says("Bonjour", usage=(11, TOKENS)))
    with product.client(product.create_key(credits=TOKENS)) as client, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(client), range(8)))
        assert sorted(answer.status_code for answer in answers) == [200, *[402] * 7]
        assert wait_until_settled(client) == 0
    assert len(vendor.requests) == 1
    product.manage("check_ledger")


def test_one_after_another_spends_to_the_last_credit(product, vendor):
    """F48: what a request did not use is there for the next one."""
    vendor.will(Says("Bonjour", usage=(11, TOKENS)))
    with product.client(product.create_key(credits=3 * TOKENS + 1)) as client:
        statuses = [ask(client, max_tokens=TOKENS + 1).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 402]
        assert wait_until_settled(client) == 1_000_000


def test_many_at_once_cost_exactly_what_they_did(product, vendor):
    """F48: leases are taken, shared and settled; the sum is the sum."""
    vendor.will(Says("Bonjour", usage=(11, 3)))
    generations, spent, holds = spent_on(product)
    with product.client(product.create_key(credits=100_000)) as client, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda at: ask(client, stream=False), range(120)))
        assert {answer.status_code for answer in answers} == {200}
        assert wait_until_settled(client) == 100_000_000_000 - 120 * 3_000_000
    after = spent_on(product)
    assert after[:2] == (generations + 120, spent + 360_000_000)
    assert after[2] - holds < 60
    product.manage("check_ledger")


def spent_on(product: Product) -> tuple[int, int, int]:
    ((generations, spent),) = product.rows("SELECT count(*), sum(cost) FROM routing_generation")
    return generations, spent or 0, product.rows("SELECT count(*) FROM billing_hold")[0][0]


def test_a_web_process_that_is_killed_loses_no_charge_and_leaves_no_hold(own_product):
    """F48: what was answered is charged, what was not is given back, by the worker that reads its journal."""
    with FakeVendor(
        "openai", Says("Bonjour", usage=(11, TOKENS)), Says("Bonjour", usage=(11, TOKENS)), Hangs()
    ) as vendor:
        product = own_product(**told_of(vendor))
        start(product)
        key = product.create_key(credits=10_000)
        with product.client(key) as client:
            assert [ask(client).status_code for _ in range(2)] == [200, 200]
            with ThreadPoolExecutor(1) as threads:
                hanging = threads.submit(ask, client)
                while len(vendor.requests) < 3:
                    time.sleep(0.01)
                os.kill(web_process(product).pid, signal.SIGKILL)
                with pytest.raises(httpx.TransportError):
                    hanging.result(20)
        deadline = time.monotonic() + 15
        while (state := _money(product)) != (9_986_000_000, 0, 2) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert state == (9_986_000_000, 0, 2)
        product.manage("check_ledger")


def test_on_postgresql_too(own_product, postgresql_url):
    """F48: two web processes on one database."""
    with FakeVendor("openai", Says("Bonjour", usage=(11, 3))) as vendor:
        product = own_product(DATABASE_URL=postgresql_url, **told_of(vendor))
        product.options = ["--workers", "2"]
        start(product)
        with product.client(product.create_key(credits=1000)) as client, ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda at: ask(client), range(60)))
            assert {answer.status_code for answer in answers} == {200}
            assert wait_until_settled(client) == 1_000_000_000 - 60 * 3_000_000
        product.manage("check_ledger")


def _money(product: Product) -> tuple[int, int, int]:
    ((available, held),) = product.rows("SELECT sum(available), sum(held) FROM billing_wallet")
    return available, held, product.rows("SELECT count(*) FROM routing_generation")[0][0]
