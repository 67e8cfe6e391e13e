"""Two people about whom we hold something in every table."""

from __future__ import annotations

import pytest

from tests.people import Person
from tests.privacy.planted import plant


@pytest.fixture
def zebulon(db) -> Person:
    return plant("zebulon")


@pytest.fixture
def yolanda(db) -> Person:
    return plant("yolanda")
