"""/v1/schemas: saved schemas, their versions, and the linter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from littlepull_client.addresses import escaped
from littlepull_client.errors import Fault
from littlepull_client.flow import Flow, Request, Stream
from littlepull_client.orders import Schema, as_json_schema
from littlepull_client.paging import follow_pages, given
from littlepull_client.sending import ask, with_key
from littlepull_client.told import moment

PATH = "/v1/schemas"


@dataclass(frozen=True)
class SavedSchema:
    """`version` is the newest, or the one asked for; `schema` comes where one schema is asked for."""

    name: str
    version: int
    description: str = ""
    id: str | None = None
    built_in: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    schema: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Version:
    version: int
    created_at: datetime | None


@dataclass(frozen=True)
class Report:
    """What the linter says. `warnings` are as the server tells them."""

    valid: bool
    errors: tuple[Fault, ...]
    warnings: tuple[dict[str, Any], ...]
    limits: dict[str, dict[str, int | None]]


def create(
    name: str, schema: Schema, *, description: str = "", idempotency_key: str | None = None
) -> Flow[SavedSchema]:
    """Save a schema under a name."""
    body = {"name": name, "schema": as_json_schema(schema), "description": description}
    return _read((yield from ask(with_key(Request("POST", PATH, json=body), idempotency_key))))


def update(name: str, schema: Schema, *, description: str | None = None) -> Flow[SavedSchema]:
    """Add a version; the same schema again adds none."""
    body: dict[str, Any] = {"schema": as_json_schema(schema)}
    if description is not None:
        body["description"] = description
    return _read((yield from ask(Request("PUT", f"{PATH}/{escaped(name)}", json=body))))


def get(name: str, *, version: int | None = None) -> Flow[SavedSchema]:
    """By name, id, or name@version."""
    return _read((yield from ask(Request("GET", f"{PATH}/{escaped(name)}", params=given({"version": version})))))


def iterate(*, limit: int | None = None) -> Stream[SavedSchema]:
    """Yours, then the built-in ones."""
    return Stream(follow_pages(PATH, _read, limit=limit, params={}))


def versions(name: str, *, limit: int | None = None) -> Stream[Version]:
    """Numbers and dates, newest first."""
    return Stream(follow_pages(f"{PATH}/{escaped(name)}/versions", _read_version, limit=limit, params={}))


def delete(name: str) -> Flow[None]:
    """All versions of it, for good."""
    yield from ask(Request("DELETE", f"{PATH}/{escaped(name)}"))


def lint(schema: Schema) -> Flow[Report]:
    """What is wrong with a schema, and what could be better."""
    told = yield from ask(Request("POST", f"{PATH}/lint", json={"schema": as_json_schema(schema)}))
    faults = tuple(Fault(one["pointer"], one["message"]) for one in told["errors"])
    return Report(told["valid"], faults, tuple(told["warnings"]), told["limits"])


def _read(told: dict[str, Any]) -> SavedSchema:
    return SavedSchema(
        name=told["name"],
        version=told["version"],
        description=told.get("description") or "",
        id=told.get("id"),
        built_in=told.get("built_in", False),
        created_at=moment(told.get("created_at")),
        updated_at=moment(told.get("updated_at")),
        schema=told.get("schema"),
    )


def _read_version(told: dict[str, Any]) -> Version:
    return Version(told["version"], moment(told.get("created_at")))
