"""From the release before: its database is brought up to date, and whoever was a customer goes on as one."""

from __future__ import annotations

import gzip
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.flows.conftest import post_extraction
from tests.server import Product

HERE = Path(__file__).resolve().parent
RELEASES = sorted(folder.name for folder in HERE.iterdir() if (folder / "sqlite.sql.gz").exists())
CHARGED = Decimal(2)  # of the hundred credits: two receipts read


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite" and "DATABASE_URL" in os.environ:
        pytest.skip("this run is on PostgreSQL")
    return request.param


@pytest.fixture(params=RELEASES)
def old(request: pytest.FixtureRequest, own_product, database: str) -> Iterator[tuple[Product, str]]:
    """An installation with the release's database, not yet migrated, and its customer's key."""
    dumped = gzip.decompress((HERE / request.param / f"{database}.sql.gz").read_bytes()).decode()
    settings = {}
    if database == "postgresql":
        settings["DATABASE_URL"] = url = request.getfixturevalue("postgresql_url")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(dumped)
    product = own_product(**settings)
    if database == "sqlite":
        product.database.parent.mkdir(parents=True)
        with closing(sqlite3.connect(product.database)) as connection:
            connection.executescript(dumped)
    yield product, (HERE / request.param / f"{database}.key.txt").read_text().strip()


@pytest.mark.engine
def test_its_customers_go_on(old):
    product, key = old
    product.start()
    assert product.manage("check_ledger").startswith("Ledger clean")
    with product.client(key) as client:
        account = client.get("/v1/account").json()
        assert Decimal(account["credits"]["available"]) == 100 - CHARGED
        before = client.get("/v1/extractions").json()["data"]
        assert [job["status"] for job in before] == ["succeeded", "succeeded"]
        again = post_extraction(client)
        assert again.json()["status"] == "succeeded", again.text
        left = Decimal(client.get("/v1/account").json()["credits"]["available"])
        assert left == 100 - CHARGED - 1
        lines = client.get("/v1/credits/ledger").json()["data"]
        assert sum(Decimal(line["credits"]) for line in lines) == left
    assert not product.manage("verify_audit").splitlines()[:-1]
    assert product.stop() == 0
    assert product.manage("check_ledger").startswith("Ledger clean")


def test_migrating_again_changes_nothing(old):
    product, _ = old
    product.manage("migrate", "--verbosity", "0")
    assert "No migrations to apply" in product.manage("migrate")
    assert product.manage("check_ledger").startswith("Ledger clean")
