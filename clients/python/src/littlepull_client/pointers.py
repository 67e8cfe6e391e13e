"""JSON Pointers (RFC 6901)."""

from __future__ import annotations

from typing import Any


def find_value(document: Any, pointer: str) -> Any:
    """Raises LookupError where there is nothing. Of the document, its shape alone is told."""
    if pointer and not pointer.startswith("/"):
        raise LookupError("A JSON Pointer is empty or begins with a slash.")
    found = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise LookupError(f"There is nothing at {pointer}.")
    return found
