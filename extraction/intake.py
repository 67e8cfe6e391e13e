"""Takes an upload off the wire before Django sees the request: the file goes straight into the spool, sealed.

Django would first write the whole body to a temporary file in the clear, however large and whoever
sent it. Here the key is checked before the body is read, the size while it arrives, and only the
small form fields are passed on, as an ordinary form; the view finds the file in the scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from accounts.auth import authenticate
from accounts.errors import NotAuthenticated
from extraction import spool
from extraction.errors import ExtractionError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Application = Callable[[Any, Receive, Callable[..., Awaitable[None]]], Awaitable[None]]

UPLOAD_PATHS = frozenset({"/v1/extractions"})
SCOPE_KEY = "littlepull.upload"
MAX_FORM_BYTES, MAX_FIELDS = 512 * 1024, 20  # of everything but the file


class BadForm(ExtractionError):
    code = "invalid_request"


@dataclass(slots=True)
class Upload:
    """What came out of the body: a sealed file, or the reason there is none."""

    file: spool.Spooled | None = None
    refusal: ExtractionError | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)

    def take(self) -> spool.Spooled:
        """The file, now the taker's to keep or to destroy; what nobody takes, the intake destroys."""
        assert self.file is not None
        file, self.file = self.file, None
        return file


def spooled_uploads(application: Application, *, otherwise: Application) -> Application:
    """ASGI middleware: uploads reach `application` with their file in scope[SCOPE_KEY], all else goes `otherwise`."""

    async def intake(scope: Scope, receive: Receive, send: Callable[..., Awaitable[None]]) -> None:
        boundary = _boundary(scope)
        if boundary is None:
            await otherwise(scope, receive, send)
            return
        upload = Upload()
        form = {**scope, SCOPE_KEY: upload}
        try:
            await authenticate(_header(scope, b"authorization"))
            await _read(receive, boundary, upload)
        except NotAuthenticated:
            pass  # nothing is read from a stranger; the view says 401
        try:
            await application(form, _form(upload, form, receive), send)
        finally:
            if upload.file is not None:  # the view never took it: refused before it got there
                await asyncio.to_thread(spool.remove, upload.file.spool_id)

    return intake


async def _read(receive: Receive, boundary: bytes, upload: Upload) -> None:
    """Parses the body into the upload; whatever is wrong becomes its refusal, and nothing stays behind."""
    parts = Parts(upload)
    parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadForm("The upload was broken off.")
            # In a thread: encryption and the disk are no work for the event loop.
            await asyncio.to_thread(parser.write, message.get("body", b""))
            if not message.get("more_body"):
                break
        parser.finalize()
        upload.file = await asyncio.to_thread(parts.finish)
    except ExtractionError as error:
        upload.refusal = error
    except (FormParserError, UnicodeDecodeError):
        upload.refusal = BadForm("The body is not a valid multipart form.")
    finally:
        await asyncio.to_thread(parts.abandon)


class Parts:
    """The parser's callbacks: `file` into the spool, every other part into memory, both within limits."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._writer: spool.SpoolWriter | None = None
        self._complete = False
        self._headers: dict[bytes, bytes] = {}
        self._header_name, self._header_content, self._value = bytearray(), bytearray(), bytearray()
        self._name, self._is_file, self._form_bytes = "", False, 0

    def callbacks(self) -> dict[str, Callable[..., None]]:
        names = (
            "part_begin",
            "header_field",
            "header_value",
            "header_end",
            "headers_finished",
            "part_data",
            "part_end",
            "end",
        )
        return {f"on_{name}": getattr(self, f"_{name}") for name in names}

    def finish(self) -> spool.Spooled | None:
        if not self._complete:
            raise BadForm("The multipart form ends too early.")
        writer, self._writer = self._writer, None
        return writer.finish() if writer else None

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.abandon()

    def _part_begin(self) -> None:
        self._headers, self._value = {}, bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_content += data[start:end]

    def _header_end(self) -> None:
        self._headers[bytes(self._header_name).lower()] = bytes(self._header_content)
        self._header_name, self._header_content = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode()
        self._is_file = self._name == "file"
        if self._is_file and self._writer is not None:
            raise BadForm("Send one file in one request.")
        if self._is_file:
            self._writer = spool.SpoolWriter(limit=settings.MAX_UPLOAD_BYTES)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file and self._writer is not None:
            self._writer.write(data[start:end])
            return
        self._value += data[start:end]
        self._form_bytes += end - start
        if self._form_bytes > MAX_FORM_BYTES:
            raise BadForm(f"The form's fields are larger than {MAX_FORM_BYTES} bytes.", code="field_too_large")

    def _part_end(self) -> None:
        if not self._is_file:
            self._upload.fields.append((self._name, self._value.decode()))
        if len(self._upload.fields) > MAX_FIELDS:
            raise BadForm(f"The form has more than {MAX_FIELDS} fields.")

    def _end(self) -> None:
        self._complete = True


def _boundary(scope: Scope) -> bytes | None:
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in UPLOAD_PATHS:
        return None
    kind, options = parse_options_header(_header(scope, b"content-type"))
    return options.get(b"boundary") if kind == b"multipart/form-data" else None


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _form(upload: Upload, scope: Scope, receive: Receive) -> Receive:
    """The fields as a small urlencoded body, and the scope's headers changed to say so."""
    body = urlencode(upload.fields).encode()
    told = {b"content-type": b"application/x-www-form-urlencoded", b"content-length": str(len(body)).encode()}
    kept = [(name, value) for name, value in scope["headers"] if name not in {*told, b"transfer-encoding"}]
    scope["headers"] = [*kept, *told.items()]
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_form() -> MutableMapping[str, Any]:
        """The form first; then what is left of a body that was refused half-way, unread; then the connection's end."""
        if (form := next(messages, None)) is not None:
            return form
        while (message := await receive())["type"] == "http.request":
            continue
        return message

    return receive_form
