"""Everything in this folder talks to the running product over HTTP and WebSocket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.server import SAMPLES, Product

Post = Callable[..., httpx.Response]
RECEIPT = SAMPLES / "receipt.jpg"
RECEIPT_SCHEMA = json.loads((SAMPLES / "receipt.schema.json").read_text())
NOTHING = dict.fromkeys(("available", "held", "frozen", "debt"), "0.000000")  # credits, as /v1/account shows them
SMALL_SCHEMA = {"type": "object", "properties": {"total": {"type": ["number", "null"]}}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "flows" in item.path.parts:
            item.add_marker(pytest.mark.engine)


def post_extraction(
    client: httpx.Client,
    file: bytes | None = None,
    *,
    schema: Any = None,
    wait: int | None = 60,
    headers: dict[str, str] | None = None,
    **form: Any,
) -> httpx.Response:
    """One POST /v1/extractions, the sample receipt and a small schema unless told otherwise."""
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in form.items()}
    if "schema_name" not in data and schema is not False:
        data["schema"] = schema if isinstance(schema, str) else json.dumps(schema or SMALL_SCHEMA)
    prefer = {"Prefer": f"wait={wait}"} if wait is not None else {}
    files = {"file": ("upload.bin", RECEIPT.read_bytes() if file is None else file)}
    return client.post("/v1/extractions", data=data, files=files, headers={**prefer, **(headers or {})})


@pytest.fixture(scope="session")
def alice_key(product: Product) -> str:
    return product.create_key("alice@example.com", 10_000)


@pytest.fixture
def alice_client(product: Product, alice_key: str) -> Iterator[httpx.Client]:
    with product.client(alice_key) as client:
        yield client


@pytest.fixture(scope="session")
def receipt_extraction(product: Product, alice_key: str) -> dict[str, Any]:
    """The sample receipt, read once for all who only look at the answer."""
    with product.client(alice_key) as client:
        answer = post_extraction(client, schema=RECEIPT_SCHEMA, options={"include": ["text"], "metadata": {"ref": "7"}})
    assert answer.status_code == 200, answer.text
    return answer.json()
