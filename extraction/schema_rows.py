"""Saved and built-in schemas side by side, as the API shows them: own ones first, by age, then built-in by name."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from accounts.models import User
from extraction.models import SavedSchema
from extraction.rendering import render_time
from extraction.saved_schemas import ID, find_saved, find_version, open_version
from extraction.schemas import built_in_names, find_built_in

Row = dict[str, Any]


def page(user: User, limit: int, cursor: str | None) -> list[Row]:
    """At most `limit` rows after the one that `cursor` names."""
    rows: list[Row] = []
    if cursor is None or ID.fullmatch(cursor):
        rows = [row_of(saved) for saved in _with_newest(user).filter(pk__gt=cursor or "").order_by("pk")[:limit]]
        cursor = None
    built_in = [name for name in sorted(built_in_names()) if cursor is None or name > cursor]
    return rows + [_built_in_row(name) for name in built_in[: limit - len(rows)]]


def cursor_of(row: Row) -> str:
    return row["id"] or row["name"]


def row_of(saved: SavedSchema) -> Row:
    """Its newest version, without the schema itself."""
    if not hasattr(saved, "newest"):
        saved = SavedSchema.objects.annotate(newest=Max("versions__number"), updated=Max("versions__created_at")).get(
            pk=saved.pk
        )
    return _row(saved, saved.newest, saved.updated)  # type: ignore[attr-defined]


def find_row(user: User, name: str, number: str) -> Row | None:
    """One version with its schema as it was sent; the newest where no number is given."""
    saved = find_saved(user, name)
    if saved is None:
        found = find_built_in(f"{name}@{number}" if number else name)
        return None if found is None else {**_built_in_row(name), "schema": found}
    version = find_version(saved, number)
    if version is None:
        return None
    return {**_row(saved, version.number, version.created_at), "schema": open_version(version)}


def versions(user: User, name: str, limit: int, cursor: int | None) -> list[Row] | None:
    """Newest first, those below the number `cursor`; None where there is no such schema."""
    saved = find_saved(user, name)
    if saved is None:
        return [{"version": 1, "created_at": None}] if name in built_in_names() and not cursor else None
    found = saved.versions.order_by("-number")
    if cursor is not None:
        found = found.filter(number__lt=cursor)
    return [{"version": one.number, "created_at": render_time(one.created_at)} for one in found[:limit]]


def _with_newest(user: User) -> Any:
    return SavedSchema.objects.owned_by(user).annotate(
        newest=Max("versions__number"), updated=Max("versions__created_at")
    )


def _row(saved: SavedSchema, number: int, updated_at: Any) -> Row:
    return {
        "id": saved.pk,
        "name": saved.name,
        "description": saved.description,
        "built_in": False,
        "version": number,
        "created_at": render_time(saved.created_at),
        "updated_at": render_time(updated_at),
    }


def _built_in_row(name: str) -> Row:
    described = find_built_in(name) or {}
    return {
        "id": None,
        "name": name,
        "description": described.get("description", ""),
        "built_in": True,
        "version": 1,
        "created_at": None,
        "updated_at": None,
    }
