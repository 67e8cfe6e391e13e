"""manage.py back_up and restore: what is in a backup, what is not, and what is refused."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.flows.conftest import post_extraction
from tests.server import Product


@pytest.fixture
def stopped(own_product) -> tuple[Product, str]:
    """An installation with a customer, and a job that waits; nothing runs."""
    product = own_product()
    product.options = ["--no-worker"]
    product.start(ready=False)
    key = product.create_key(credits=10)
    with product.client(key) as client:
        waiting = post_extraction(client, wait=None)
        assert waiting.status_code == 202, waiting.text
    assert product.stop() == 0
    return product, key


def back_up(product: Product) -> Path:
    return Path(product.manage("back_up", str(product.folder / "backups")))


def lose(product: Product) -> None:
    """Its database, as with the disk it was on."""
    if product.on_sqlite:
        product.database.unlink()
        return
    with psycopg.connect(product.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def count(product: Product, table: str) -> int:
    return product.rows(f"SELECT COUNT(*) FROM {table}")[0][0]


def count_in(file: Path, table: str) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def refused(product: Product, *arguments: str) -> str:
    with pytest.raises(AssertionError) as failed:
        product.manage("restore", *arguments, "--reason", "a test")
    return str(failed.value)


@pytest.mark.engine
def test_a_restored_customer_goes_on_and_what_was_under_way_cost_nothing(stopped):
    product, key = stopped
    file = back_up(product)
    lose(product)
    said = product.manage("restore", str(file), "--reason", "the disk broke", "--nobody-was-erased")
    assert "1 extractions were under way" in said and "Ledger clean" in said
    product.options = []
    product.start()
    with product.client(key) as client:
        [lost] = client.get("/v1/extractions").json()["data"]
        assert (lost["status"], lost["error"]["code"]) == ("failed", "media_lost")
        assert client.get("/v1/account").json()["credits"] == {
            "available": "10.000000", "held": "0.000000", "frozen": "0.000000", "debt": "0.000000",
        }  # fmt: skip
        assert post_extraction(client).json()["status"] == "succeeded"


def test_what_has_to_be_able_to_end_is_in_no_backup(stopped):
    product, _ = stopped
    if not product.on_sqlite:
        pytest.skip("it opens SQLite's own file; tests/privacy looks into PostgreSQL's")
    file = back_up(product)
    assert count(product, "extraction_envelope") == 2 and count_in(file, "extraction_envelope") == 0
    assert count_in(file, "extraction_job") == count_in(file, "accounts_user") == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_that_is_none_changes_nothing(stopped, tmp_path):
    product, _ = stopped
    torn = tmp_path / "torn.sqlite3"
    torn.write_bytes(back_up(product).read_bytes()[:20_000])
    for file in (torn, tmp_path / "missing.sqlite3", tmp_path / "other.dump"):
        assert "Nothing was changed" in refused(product, str(file))
    assert count(product, "extraction_envelope") == 2


@pytest.mark.engine
def test_nothing_is_put_back_under_a_worker(own_product):
    product = own_product()
    product.start()
    assert "A worker is alive" in refused(product, str(back_up(product)))


def test_without_the_log_of_erasures_it_stops_before_anything_can_start(stopped):
    product, _ = stopped
    assert "There is no log of erasures" in refused(product, str(back_up(product)))
