"""How tests run: async test functions on the test's own database connection, and people with names."""

from __future__ import annotations

import inspect

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import caches
from django.db import connection

from accounts.audit import TRIGGERS
from billing.written_once import LEDGER

pytest_plugins = ["tests.bait", "tests.people", "tests.server", "tests.postgresql", "tests.redis_server"]


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
    """Every test its own spool, doorbells, log of erasures and checkpoints: none sees another's, or a developer's."""
    settings.SPOOL_DIR = tmp_path_factory.mktemp("spool")
    settings.DOORBELL_DIR = tmp_path_factory.mktemp("bell")
    settings.ERASURE_LOG = tmp_path_factory.mktemp("erasures") / "erasures.log"
    settings.AUDIT_LOG = tmp_path_factory.mktemp("audit") / "audit.log"


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """Argon2id as ever, at a cost that thousands of tests can bear; the servers that tests start have the real one."""
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 1024, 1


@pytest.fixture(autouse=True, scope="session")
def flushing_past_triggers() -> None:
    """Between tests that commit, tables are emptied, and the triggers of what is written once would refuse that."""
    operations = type(connection.ops)
    operations.sql_flush = _lift_triggers(operations.sql_flush)


def _lift_triggers(sql_flush):
    def flush(self, style, tables, **options):
        sql = sql_flush(self, style, tables, **options)
        vendor = self.connection.vendor
        held = [these for these in (LEDGER, TRIGGERS) if sql and {*these.tables} & {*tables}]
        lifted = [one for these in held for one in these.dropping(vendor)]
        return [*lifted, *sql, *(one for these in held for one in these.creating(vendor))]

    return flush


@pytest.fixture(autouse=True)
def no_limits_left_over(settings) -> None:
    """Sign-in limits count in the cache, beyond a test's end."""
    for name in settings.CACHES:
        caches[name].clear()
