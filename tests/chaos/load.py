"""Steady load from a few callers who behave as clients should: they retry, each request under its Idempotency-Key."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.flows.conftest import RECEIPT_SCHEMA, post_extraction
from tests.flows.gateways import ASKED
from tests.server import Product

PAUSE, AGAIN_AFTER = 1.2, 0.3  # about as much as two cores can read meanwhile
IN_TIME = 20.0  # seconds: several times the gateway's budget for all tries
TEMPORARY = {409, 429, 500, 502, 503, 504, 507}


@dataclass
class Load:
    """`accepted`: extractions by the key each was sent under; `seen`: what was answered, and how often."""

    product: Product
    key: str
    callers: int = 3
    accepted: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(self.callers)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Whatever was begun is carried through: the server must be up, and a killed one's key opens after a minute."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(180)
            assert not thread.is_alive(), f"a caller is still being put off: {dict(self.seen)}"

    def _call(self) -> None:
        with self.product.client(self.key) as client:
            while not self._stopped.is_set():
                self._extract(client)
                self._chat(client)
                time.sleep(PAUSE)

    def _extract(self, client: httpx.Client) -> None:
        name = str(uuid.uuid4())
        while True:
            try:
                answer = post_extraction(client, schema=RECEIPT_SCHEMA, wait=None, headers={"Idempotency-Key": name})
            except httpx.TransportError as error:
                self.seen[f"extraction: {type(error).__name__}"] += 1
            else:
                self.seen[f"extraction: {answer.status_code}"] += 1
                if answer.is_success:
                    self.accepted[name] = answer.json()["id"]
                    return
                if answer.status_code not in TEMPORARY:
                    self.unexpected.append(answer.text)
                    return
            time.sleep(AGAIN_AFTER)

    def chat_in_time(self, client: httpx.Client) -> int:
        """The status; what is neither an answer nor one clear error, or comes too late, is unexpected."""
        body = {"model": "auto", "messages": ASKED}
        try:
            answer = client.post("/v1/chat/completions", json=body, timeout=IN_TIME)
        except httpx.TransportError as error:
            self.unexpected.append(f"a chat before a provider that hangs: {type(error).__name__}")
            return 0
        if answer.status_code != 200 and not (answer.status_code in {502, 503, 504} and answer.json()["error"]["code"]):
            self.unexpected.append(answer.text)
        return answer.status_code

    def _chat(self, client: httpx.Client) -> None:
        """Not again: whether it was carried out is in the books either way."""
        try:
            answer = client.post("/v1/chat/completions", json={"model": "auto", "messages": ASKED})
        except httpx.TransportError as error:
            self.seen[f"chat: {type(error).__name__}"] += 1
        else:
            self.seen[f"chat: {answer.status_code}"] += 1
