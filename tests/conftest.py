"""How tests run: async test functions on the test's own database connection, and people with names."""

from __future__ import annotations

import inspect

import pytest
from asgiref.sync import async_to_sync

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
