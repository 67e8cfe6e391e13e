"""The Python client before the real server, and before one that misbehaves. It is imported from its source folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))

from tests.clients.colours import COLOURS, Ask, asker  # noqa: E402
from tests.server import Product  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "clients" in item.path.parts and "product" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def client_key(product: Product) -> str:
    return product.create_key("clients@example.com", 10_000)


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def ask(colour: str, product: Product, client_key: str) -> Ask:
    """One operation of a client, blocking and then asynchronous: `ask("schemas.get", "receipt")`."""
    return asker(colour, product.base_url, client_key)


@pytest.fixture
def ask_at(colour: str) -> Callable[..., Ask]:
    """The same of a server of the test's own."""
    return lambda url, **options: asker(colour, url, "lp_live_secret", **options)
