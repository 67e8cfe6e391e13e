"""Saved schemas in the running product: used by name, pinned, changed by many at once, and gone when deleted."""

from __future__ import annotations

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.flows.conftest import post_extraction
from tests.server import ROOT

TOTAL = {"type": "object", "properties": {"total": {"type": ["number", "null"]}}}
COMPANY = {"type": "object", "properties": {"company": {"type": ["string", "null"]}}}


@pytest.fixture
def slip(alice_client):
    """A schema of Alice's, removed afterwards: the product is shared."""
    alice_client.delete("/v1/schemas/slip")
    made = alice_client.post("/v1/schemas", json={"name": "slip", "schema": TOTAL})
    assert made.status_code == 201, made.text
    yield made.json()
    alice_client.delete("/v1/schemas/slip")


def test_an_extraction_uses_a_schema_by_name_and_stays_with_the_version_it_names(alice_client, slip):
    """F11: the bare name follows the newest version, `name@1` does not, and neither does an id."""
    assert alice_client.put("/v1/schemas/slip", json={"schema": COMPANY}).json()["version"] == 2
    keys = {}
    for reference in ("slip", "slip@1", "slip@2", f"{slip['id']}@1"):
        answer = post_extraction(alice_client, schema_name=reference)
        assert answer.status_code == 200, answer.text
        keys[reference] = [*answer.json()["data"]]
    assert keys == {"slip": ["company"], "slip@1": ["total"], "slip@2": ["company"], f"{slip['id']}@1": ["total"]}


def test_a_name_that_is_not_there_is_told_with_those_that_are(alice_client, product, slip):
    """F11: unknown, foreign and deleted are the same 404, with the caller's own names and the built-in ones."""
    with product.client(product.create_key("mallory@example.com", 100)) as mallory:
        foreign = post_extraction(mallory, schema_name="slip")
        assert (foreign.status_code, foreign.json()["code"]) == (404, "schema_not_found")
        assert "receipt" in foreign.json()["detail"] and "slip" not in foreign.json()["detail"]
    assert "slip" in post_extraction(alice_client, schema_name="slip@9").json()["detail"]
    assert alice_client.delete("/v1/schemas/slip").status_code == 204
    for reference in ("slip", "slip@1", slip["id"], "slip@x", "", "@", "receipt@2"):
        gone = post_extraction(alice_client, schema_name=reference)
        assert (gone.status_code, gone.json()["code"]) == (404, "schema_not_found"), reference


def test_versions_added_at_once_all_get_a_number_of_their_own(product, alice_key, alice_client, slip):
    """F11: nobody's version is lost and no number is given twice."""

    def put(number: int) -> httpx.Response:
        schema: dict[str, Any] = {"type": "object", "properties": {f"column_{number}": {"type": "string"}}}
        with product.client(alice_key) as client:
            return client.put("/v1/schemas/slip", json={"schema": schema})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(put, range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12
    versions = alice_client.get("/v1/schemas/slip/versions?limit=100").json()["data"]
    assert [row["version"] for row in versions] == [*range(13, 0, -1)]


def test_on_postgresql_as_well(postgresql_url, own_product):
    """F11: where rows are really locked, versions and names are given once."""
    product = own_product(DATABASE_URL=postgresql_url)
    product.start(ready=False)
    key = product.create_key()

    def ask(number: int) -> tuple[int, int]:
        schema: dict[str, Any] = {"type": "object", "properties": {f"column_{number}": {"type": "string"}}}
        with product.client(key) as client:
            made = client.post("/v1/schemas", json={"name": "race", "schema": TOTAL})
            return made.status_code, client.put("/v1/schemas/race", json={"schema": schema}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(12)))
    assert sorted(made for made, _ in answers) == [201] + [409] * 11
    assert [put for _, put in answers] == [200] * 12
    with product.client(key) as client:
        versions = client.get("/v1/schemas/race/versions?limit=100").json()["data"]
        assert [row["version"] for row in versions] == [*range(13, 0, -1)]
        assert client.delete("/v1/schemas/race").status_code == 204


def test_one_of_many_with_the_same_name_is_made(product, alice_key, alice_client):
    """F11: the others are told that the name is taken."""

    def post(_: int) -> httpx.Response:
        with product.client(alice_key) as client:
            return client.post("/v1/schemas", json={"name": "race", "schema": TOTAL})

    with ThreadPoolExecutor(6) as pool:
        codes = sorted(answer.status_code for answer in pool.map(post, range(6)))
    alice_client.delete("/v1/schemas/race")
    assert codes == [201] + [409] * 5


def test_a_recursive_schema_is_read_to_its_end(alice_client):
    """F12: from the upload to the answer, a schema inside itself comes to an end."""
    tree = {
        "type": "object",
        "properties": {"total": {"type": "number"}, "parts": {"type": "array", "items": {"$ref": "#"}}},
    }
    extraction = post_extraction(alice_client, schema=tree).json()
    assert extraction["status"] == "succeeded" and extraction["schema_valid"] is True
    assert extraction["data"]["total"] == 42.05


def test_no_word_of_a_schema_reaches_the_log(product, alice_client):
    """F11: neither of one that is saved nor of one that is refused."""
    word = "hippopotamus"
    alice_client.post("/v1/schemas", json={"name": "zoo", "schema": {"properties": {word: {"type": "string"}}}})
    alice_client.put("/v1/schemas/zoo", json={"schema": {"properties": {word: {"type": word}}}})
    alice_client.post("/v1/schemas/lint", json={"schema": {"$ref": f"#/{word}", word: 1}})
    alice_client.post("/v1/schemas", content=b'{"name": "zoo", "schema": {"' + word.encode() + b'": ')
    alice_client.delete("/v1/schemas/zoo")
    assert word not in product.log.read_text()
    database = b"".join(path.read_bytes() for path in product.database.parent.glob(product.database.name + "*"))
    assert word.encode() not in database


def test_the_documentations_examples_work(product, alice_key):
    """F11: docs/schemas.md is run as it stands, each command to succeed."""
    blocks = re.findall(r"```sh run\n(.*?)```", (ROOT / "docs" / "schemas.md").read_text(), re.DOTALL)
    commands = "\n".join(line for block in blocks for line in block.splitlines() if not line.startswith("export"))
    script = f'set -e; curl() {{ command curl -f -w "\\n" "$@"; }}\n{commands}'
    own = {"LITTLEPULL": f"{product.base_url}/v1", "KEY": alice_key, "NO_PROXY": "*"}
    done = subprocess.run(["bash", "-c", script], env={**os.environ, **own}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert [answer.get("version") for answer in answers[:4]] == [1, 2, 2, 1]
    assert {"requried", "pattern", "type"} <= {warning["keyword"] for warning in answers[-1]["warnings"]}
