"""Schemas that say they are of an older draft, rewritten as the same schema in 2020-12."""

from __future__ import annotations

import re
from typing import Any

from extraction.errors import SchemaError
from extraction.schema_refs import children

CURRENT = "https://json-schema.org/draft/2020-12/schema"
_NAME = re.compile(r"https?://json-schema\.org/(?:draft-(0[3467])|draft/(2019-09|2020-12))/schema#?")


def draft_of(schema: dict[str, Any]) -> str:
    """ "2020-12", "2019-09", "07", "06" or "04". Raises SchemaError for any other: no meta-schema is fetched."""
    named = schema.get("$schema", CURRENT)
    found = _NAME.fullmatch(named) if isinstance(named, str) else None
    draft = (found[1] or found[2]) if found else None
    if draft is None or draft == "03":
        raise SchemaError(
            "$schema may name draft 2020-12, 2019-09, 07, 06 or 04; others are not known here.", pointer="/$schema"
        )
    return draft


def upgraded(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema in 2020-12. One that already is comes back as it was."""
    draft = draft_of(schema)
    if draft == "2020-12":
        return schema
    return {**_upgraded(schema, draft), "$schema": CURRENT}


def _upgraded(schema: Any, draft: str) -> Any:
    if not isinstance(schema, dict):
        return schema
    renamed = _renamed(schema, draft)
    copy = {name: dict(value) if isinstance(value, dict) else value for name, value in renamed.items()}
    copy.update({name: list(value) for name, value in renamed.items() if isinstance(value, list)})
    for child in children(renamed):
        inner = _upgraded(child.schema, draft)
        if len(child.steps) == 1:
            copy[child.keyword] = inner
        elif isinstance(copy[child.keyword], list):
            copy[child.keyword][int(child.steps[1])] = inner
        else:
            copy[child.keyword][child.steps[1]] = inner
    return copy


def _renamed(schema: dict[str, Any], draft: str) -> dict[str, Any]:
    new = dict(schema)
    if isinstance(new.get("items"), list):
        new["prefixItems"] = new.pop("items")
        if "additionalItems" in new:
            new["items"] = new.pop("additionalItems")
    if new.get("$recursiveRef") == "#":
        new["$ref"] = new.pop("$recursiveRef")
    if draft in ("04", "06", "07") and isinstance(identity := new.get("$id", new.get("id")), str):
        new |= _identified(new, identity, draft)
    if draft == "04":
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
                new[exclusive] = new.pop(bound)
    return new


def _identified(schema: dict[str, Any], identity: str, draft: str) -> dict[str, Any]:
    """Before 2019-09 `"$id": "#name"` was what `$anchor` is now, and in draft 04 `$id` was `id`."""
    if draft == "04" and "$id" not in schema:
        schema.pop("id")
    if identity.startswith("#"):
        schema.pop("$id", None)
        return {"$anchor": identity[1:]}
    return {"$id": identity.rstrip("#")}
