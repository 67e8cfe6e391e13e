"""What is held about one person, by the data map: counted live, and found row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Field, QuerySet

from accounts.models import User
from privacy.data_map import WHOLE_MAP, Category, Row

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Holding:
    """How many rows of a table are somebody's."""

    row: Row
    count: int


def personal_rows() -> list[Row]:
    return [row for row in WHOLE_MAP if row.is_personal]


def find_rows(row: Row, user: User) -> QuerySet[Any]:
    model = apps.get_model(row.table)
    return row.owner(user) if callable(row.owner) else model._base_manager.filter(**{row.owner: user.pk})


def count_holdings(user: User) -> list[Holding]:
    return [Holding(row, find_rows(row, user).count()) for row in personal_rows()]


def by_category(holdings: list[Holding]) -> dict[Category, list[Holding]]:
    """In the order of the categories; those without any table are left out."""
    grouped = {category: [one for one in holdings if one.row.category == category] for category in Category}
    return {category: found for category, found in grouped.items() if found}


def exported_fields(row: Row) -> list[Field[Any, Any]]:
    model = apps.get_model(row.table)
    return [field for field in model._meta.concrete_fields if field.name not in row.secret]


def read_rows(row: Row, user: User) -> Iterator[dict[str, Any]]:
    """As they are exported, one after the other; never a whole table at once."""
    if row.export is not None:
        yield from row.export(user)
        return
    fields = exported_fields(row)
    columns = [field.attname for field in fields]
    names = [field.name for field in fields]
    found = find_rows(row, user).order_by().values_list(*columns)
    for values in found.iterator(chunk_size=CHUNK):
        yield dict(zip(names, values, strict=True))
