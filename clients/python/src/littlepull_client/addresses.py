"""Ids and names as parts of a path."""

from __future__ import annotations

from urllib.parse import quote


def escaped(name: str) -> str:
    """Whatever is in it stays one part. Raises ValueError for what would lead to another address."""
    if name in ("", ".", ".."):
        raise ValueError("An id or a name is not empty, and not dots alone.")
    return quote(name, safe="@")
