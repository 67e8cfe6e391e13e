"""How tests run: async test functions on the test's own database connection, and people with names."""

from __future__ import annotations

import inspect

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from billing.written_once import creating, dropping

pytest_plugins = ["tests.people", "tests.server", "tests.postgresql"]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Async tests run inside `async_to_sync`: the ORM stays in the thread whose transaction isolates the test."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    async_to_sync(pyfuncitem.obj)(**arguments)
    return True


@pytest.fixture(autouse=True)
def own_spool(tmp_path_factory: pytest.TempPathFactory, settings) -> None:
    """Every test its own spool and doorbells: none sees another's, or a developer's."""
    settings.SPOOL_DIR = tmp_path_factory.mktemp("spool")
    settings.DOORBELL_DIR = tmp_path_factory.mktemp("bell")


@pytest.fixture(autouse=True, scope="session")
def flushing_past_triggers() -> None:
    """Between tests that commit, tables are emptied, and the ledger's triggers would refuse that."""
    operations = type(connection.ops)
    operations.sql_flush = _lift_triggers(operations.sql_flush)


def _lift_triggers(sql_flush):
    def flush(self, style, tables, **options):
        sql = sql_flush(self, style, tables, **options)
        vendor = self.connection.vendor
        return [*dropping(vendor), *sql, *creating(vendor)] if sql else sql

    return flush
