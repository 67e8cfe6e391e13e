"""An upload as one JSON object: the file in base64, the schema and options as they are.

For callers that have no multipart at hand. It is read in memory within a limit, the file goes into the
spool like any other, and everything else becomes the form's fields.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.conf import settings

from extraction import spool
from extraction.errors import BadForm, MediaError

LIST_NAMES = ("file", "url")
MAX_FIELDS = 20  # besides files and urls


class JsonBody:
    """Fills `files` and `fields`; what it made and could not finish, it removes again."""

    def __init__(self, files: list[spool.Spooled], fields: list[tuple[str, str]], *, max_files: int) -> None:
        self._files, self._fields, self._max_files = files, fields, max_files
        self._body = bytearray()
        self._finished = False

    def write(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > settings.MAX_INLINE_BYTES:
            detail = f"A JSON body has at most {settings.MAX_INLINE_BYTES} bytes: send larger files as multipart."
            raise MediaError(detail, code="media_too_large")

    def finish(self) -> None:
        try:
            asked = json.loads(self._body)
        except (ValueError, RecursionError):
            raise BadForm("The body is not valid JSON.") from None
        self._body.clear()
        if not isinstance(asked, dict):
            raise BadForm("The body must be a JSON object.")
        if len(asked) > MAX_FIELDS:
            raise BadForm(f"The form has more than {MAX_FIELDS} fields.")
        for name, value in asked.items():
            for one in value if name in LIST_NAMES and isinstance(value, list) else [value]:
                self._take(name, one)
        self._finished = True

    def abandon(self) -> None:
        self._body.clear()
        if not self._finished:
            spool.remove_all(self._files)
            self._files.clear()

    def _take(self, name: str, value: Any) -> None:
        if name == "file":
            if len(self._files) == self._max_files:
                raise BadForm(f"Send at most {self._max_files} file(s) in one request here.")
            self._files.append(_spooled(value))
        elif value is not None:
            if len(self._fields) == MAX_FIELDS + self._max_files:
                raise BadForm(f"Send at most {self._max_files} file(s) in one request here.")
            check_text(name)
            self._fields.append((name, check_text(value) if isinstance(value, str) else json.dumps(value)))


def check_text(text: str) -> str:
    """No NUL, at which PostgreSQL fails, and no half of a letter, at which whoever encodes it does."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadForm("A field holds a letter that no text has.")
    return text


def _spooled(encoded: Any) -> spool.Spooled:
    """Plain base64, or a data: URL as browsers make them."""
    if not isinstance(encoded, str):
        raise BadForm("In a JSON body, file is a string: the file in base64.")
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadForm("file is not valid base64.") from None
    writer = spool.SpoolWriter(limit=settings.MAX_UPLOAD_BYTES)
    try:
        writer.write(content)
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise
