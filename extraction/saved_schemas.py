"""Schemas an account keeps under names, in versions that never change; and how one is found by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction

from accounts import idempotency, sealing
from accounts.models import IdempotentRequest, User
from extraction.errors import SchemaError
from extraction.models import SavedSchema, SchemaVersion
from extraction.schema_text import compact
from extraction.schemas import built_in_names, check_schema, find_built_in

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
ID = re.compile(r"sch_[0-9a-z]{26}")
VERSION = re.compile(r"[1-9][0-9]{0,4}")
RESERVED = frozenset({"lint"})  # an address of its own
MAX_SCHEMAS, MAX_VERSIONS = 200, 1_000


def create_schema(
    user: User,
    name: str,
    schema: Any,
    *,
    description: str = "",
    idempotent: IdempotentRequest | None = None,
) -> SavedSchema:
    """Its first version. Raises SchemaError: the schema or the name is no good or taken, or there are too many."""
    check_schema(schema)
    _check_name(name)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two at once must not both be the 200th
        mine = SavedSchema.objects.owned_by(user)
        if mine.filter(name=name).exists():
            raise SchemaError("You have a schema of this name: PUT adds a version.", code="schema_name_taken")
        if mine.count() >= MAX_SCHEMAS:
            raise SchemaError(f"An account keeps at most {MAX_SCHEMAS} schemas.", code="too_many_schemas")
        saved = _create(user, name, description)
        _append(saved, 1, schema)
        if idempotent is not None:
            idempotency.answer(idempotent, saved.pk)
    return saved


def add_version(saved: SavedSchema, schema: Any) -> SchemaVersion:
    """The next version; the newest again where it is the same. Raises SchemaError, also when `saved` is gone."""
    check_schema(schema)
    with transaction.atomic():
        _lock(saved)
        newest = saved.versions.order_by("-number")[0]
        if compact(open_version(newest)) == compact(schema):
            return newest
        if newest.number >= MAX_VERSIONS:
            raise SchemaError(f"A schema has at most {MAX_VERSIONS} versions.", code="too_many_versions")
        return _append(saved, newest.number + 1, schema)


def describe_schema(saved: SavedSchema, description: str) -> None:
    SavedSchema.objects.filter(pk=saved.pk).update(description=description)
    saved.description = description


def delete_schema(saved: SavedSchema) -> None:
    """All versions: with their rows go the only keys to what they hold. Raises SchemaError when it is gone already."""
    with transaction.atomic():
        _lock(saved)
        saved.delete()


def find_saved(user: User, name_or_id: str) -> SavedSchema | None:
    mine = SavedSchema.objects.owned_by(user)
    if ID.fullmatch(name_or_id):
        return mine.filter(pk=name_or_id).first()
    return mine.filter(name=name_or_id).first() if NAME.fullmatch(name_or_id) else None


def find_version(saved: SavedSchema, number: str = "") -> SchemaVersion | None:
    """The newest, or the one of that number."""
    versions = saved.versions.select_related("saved").order_by("-number")
    if not number:
        return versions.first()
    return versions.filter(number=int(number)).first() if VERSION.fullmatch(number) else None


def find_schema(user: User, reference: str) -> dict[str, Any]:
    """The schema, in 2020-12, of `name`, `name@version`, `sch_…` or `sch_…@version`; own ones before built-in ones.

    Raises SchemaError where there is none: with the names there are.
    """
    name, at, number = reference.partition("@")
    saved = find_saved(user, name)
    if saved is not None and (number or not at):
        version = find_version(saved, number)
        if version is not None:
            return check_schema(open_version(version))
    elif saved is None and (found := find_built_in(reference)) is not None:
        return found
    names = ", ".join(sorted(known_names(user)))
    raise SchemaError(f"There is no schema of this name and version. There are: {names}.", code="schema_not_found")


def known_names(user: User) -> Iterator[str]:
    yield from built_in_names()
    yield from SavedSchema.objects.owned_by(user).values_list("name", flat=True)


def open_version(version: SchemaVersion) -> dict[str, Any]:
    """The schema as it was sent."""
    context = _context(version.saved_id, version.number)
    key = sealing.unwrap(bytes(version.wrapped_key), context=context)
    return json.loads(sealing.unseal(bytes(version.sealed), key, context=context))


def reseal() -> int:
    """Wraps the keys of all versions by the first of SEALING_KEYS; in its caller's transaction."""
    for version in SchemaVersion.objects.select_for_update().defer("sealed"):
        context = _context(version.saved_id, version.number)
        version.wrapped_key = sealing.rewrap(bytes(version.wrapped_key), context=context)
        version.save(update_fields=["wrapped_key"])
    return SchemaVersion.objects.count()


def _create(user: User, name: str, description: str) -> SavedSchema:
    try:
        with transaction.atomic():
            return SavedSchema.objects.create(user=user, name=name, description=description)
    except IntegrityError:  # where the database cannot lock the account's row
        raise SchemaError("You have a schema of this name: PUT adds a version.", code="schema_name_taken") from None


def _append(saved: SavedSchema, number: int, schema: dict[str, Any]) -> SchemaVersion:
    key, context = sealing.new_key(), _context(saved.pk, number)
    return SchemaVersion.objects.create(
        saved=saved,
        number=number,
        wrapped_key=sealing.wrap(key, context=context),
        sealed=sealing.seal(compact(schema).encode(), key, context=context),
    )


def _lock(saved: SavedSchema) -> None:
    if SavedSchema.objects.select_for_update().filter(pk=saved.pk).first() is None:
        raise SchemaError("The schema was deleted meanwhile.", code="schema_not_found")


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise SchemaError("A name is 1 to 64 of a-z, 0-9, _ and -, a letter first.", code="schema_name_invalid")
    if name in built_in_names() or name in RESERVED:
        raise SchemaError("This name is taken by LittlePull itself.", code="schema_name_taken")


def _context(saved_id: str, number: int) -> str:
    return f"schema:{saved_id}:{number}"
