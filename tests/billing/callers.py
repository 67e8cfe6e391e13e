"""A person's requests to the API of this process."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tests.people import Person


def call(person: Person, method: str, path: str, body: dict | None = None, **headers: str) -> Any:
    """`headers` by their names with underscores."""
    sent = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    sent["HTTP_AUTHORIZATION"] = person.headers["Authorization"]
    content = "" if body is None else json.dumps(body)
    return Client().generic(method, path, content, "application/json", **sent)
