"""Credits are admitted exactly, however many ask at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.flows.conftest import post_extraction


def test_eight_at_once_on_a_key_that_can_pay_for_one(product):
    key = product.create_key("henry@example.com", 1)

    def attempt(_: int) -> int:
        with product.client(key) as client:
            return post_extraction(client, wait=None).status_code

    with ThreadPoolExecutor(8) as threads:
        assert Counter(threads.map(attempt, range(8))) == {202: 1, 402: 7}
    product.manage("check_ledger")
