"""What lists in the console share: rows only to be read, tables too large to be counted or searched through."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


class OnlyShown:
    """For rows that nobody makes or changes by hand."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class CappedPaginator(Paginator):
    """Of very many rows the first so many can be paged through; nobody waits for all of them to be counted."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return self.count_capped()

    def count_capped(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[: self.most].count()


class Large(admin.ModelAdmin):
    """A list of a table that may have millions of rows.

    `search_fields` are lookups of a whole value, each with an index, tried one after the other: looking for a part of
    one would read every row.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    list_max_show_all = 0

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        asked = search_term.strip()
        if not asked:
            return queryset, False
        tried = (_filter(queryset, lookup, asked) for lookup in self.search_fields)
        return next((found for found in tried if found.exists()), queryset.none()), False


def _filter(rows: QuerySet[Any], lookup: str, asked: str) -> QuerySet[Any]:
    """None where a column of numbers is asked for words."""
    try:
        return rows.filter(**{lookup: asked})
    except ValueError:
        return rows.none()
