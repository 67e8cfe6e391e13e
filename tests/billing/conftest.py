"""A shop for tests: products that the rehearsed providers know, and the webhooks' door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from billing import intake, rehearsal
from billing.models import Product
from billing.rehearsal import Rehearsal
from billing.rehearsal.deliveries import Delivery, Told

PACK, PLAN, TEAM = "credits-500", "starter", "team"


class Shop:
    """The rehearsal, and the webhooks' door of this process."""

    def __init__(self, providers: Rehearsal) -> None:
        self.providers, self._client = providers, Client()

    def post(self, delivery: Delivery) -> int:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in delivery.headers.items()}
        return self._client.post(
            f"/webhooks/{delivery.provider}", delivery.body, content_type="application/json", **headers
        ).status_code

    def hear(self, *events: Told) -> None:
        """Each delivered, and looked at."""
        for event in events:
            assert self.post(self.providers.sign(event)) == 200
        intake.process_waiting()


@pytest.fixture
def providers(settings) -> Iterator[Rehearsal]:
    running = rehearsal.start()
    running.books.recurring |= {f"paddle-{PLAN}", f"paddle-{TEAM}"}
    running.books.prices |= {f"paddle-{PLAN}": 900, f"paddle-{TEAM}": 8500}
    for name, value in running.settings.items():
        setattr(settings, name, value)
    settings.PROVIDER_TIMEOUT_SECONDS = 1.0
    yield running
    running.close()


@pytest.fixture
def shop(db, providers) -> Shop:
    for product in Product.objects.all():
        Product.objects.filter(pk=product.pk).update(dodo_ref=f"dodo-{product.pk}", paddle_ref=f"paddle-{product.pk}")
    return Shop(providers)
