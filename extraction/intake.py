"""Takes an upload off the wire before Django sees the request: files go straight into the spool, sealed.

Django would first write the whole body to a temporary file in the clear, however large and whoever
sent it. Here the key is checked before the body is read, the size while it arrives, and only the
small form fields are passed on, as an ordinary form; the view finds the files in the scope. A JSON
body, with the file in base64, is read by extraction.inline and leaves here in the same shape.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError, close_old_connections
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from accounts.auth import authenticate, remember
from accounts.errors import NotAuthenticated
from accounts.models import ApiKey
from extraction import inline, spool
from extraction.errors import BadForm, ExtractionError, MediaError, Unavailable

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Application = Callable[[Any, Receive, Callable[..., Awaitable[None]]], Awaitable[None]]

MAX_BATCH_FILES = 100
# How many files may come at once.
UPLOAD_PATHS = {"/v1/extractions": 1, "/v1/extractions/quote": 1, "/v1/extractions/batch": MAX_BATCH_FILES}
SCOPE_KEY = "littlepull.upload"
MAX_FORM_BYTES = 512 * 1024  # of everything but the file


@dataclass(slots=True)
class Upload:
    """What came out of the body: sealed files, or the reason there are none."""

    files: list[spool.Spooled] = field(default_factory=list)
    refusal: ExtractionError | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)

    def take(self) -> list[spool.Spooled]:
        """The files, now the taker's to keep or to destroy; what nobody takes, the intake destroys."""
        files, self.files = self.files, []
        return files


def spooled_uploads(application: Application, *, otherwise: Application) -> Application:
    """ASGI middleware: uploads reach `application` with their files in scope[SCOPE_KEY], all else goes `otherwise`."""

    async def intake(scope: Scope, receive: Receive, send: Callable[..., Awaitable[None]]) -> None:
        read = _reader(scope)
        if read is None:
            await otherwise(scope, receive, send)
            return
        upload = Upload()
        form = {**scope, SCOPE_KEY: upload}
        try:
            remember(form, await _authenticate(_header(scope, b"authorization")))
            await _read(read(upload), receive, upload)
        except NotAuthenticated:
            pass  # nothing is read from a stranger; the view says 401
        except OperationalError:  # the database is away, so nobody can say who this is
            upload.refusal = Unavailable()

        async def send_after_cleaning(message: Any) -> None:
            """What the view refused before it took it is gone before the caller hears of the refusal."""
            await _remove(upload.take())
            await send(message)

        try:
            await application(form, _form(upload, form, receive), send_after_cleaning)
        finally:
            await _remove(upload.take())

    return intake


async def _authenticate(authorization: str) -> ApiKey:
    """Once more on a new connection where the database has closed ours: this is no request of Django's yet, which
    would have looked at it. Raises NotAuthenticated, OperationalError."""
    try:
        return await authenticate(authorization)
    except OperationalError:
        await sync_to_async(close_old_connections)()
        return await authenticate(authorization)


async def _remove(files: list[spool.Spooled]) -> None:
    if files:
        await asyncio.to_thread(spool.remove_all, files)


class Body(Protocol):
    """Reads a body as it arrives. Blocking, so in a thread: encryption and the disk are no work for the loop."""

    def write(self, data: bytes) -> None: ...
    def finish(self) -> None: ...
    def abandon(self) -> None: ...


async def _read(body: Body, receive: Receive, upload: Upload) -> None:
    """Reads the body into the upload; whatever is wrong becomes its refusal, and nothing stays behind."""
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadForm("The upload was broken off.")
            await asyncio.to_thread(body.write, message.get("body", b""))
            if not message.get("more_body"):
                break
        await asyncio.to_thread(body.finish)
    except ExtractionError as error:
        upload.refusal = error
    except (FormParserError, UnicodeDecodeError):
        upload.refusal = BadForm("The body is not a valid multipart form.")
    except OSError as error:
        log.error("an upload could not be written into the spool: %s", error.strerror)
        upload.refusal = Unavailable()
    finally:
        await asyncio.to_thread(body.abandon)


class Form:
    """A multipart form: each `file` into the spool, every other part into memory, all within limits."""

    def __init__(self, upload: Upload, *, boundary: bytes, max_files: int) -> None:
        self._upload, self._max_files = upload, max_files
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]
        self._writer: spool.SpoolWriter | None = None
        self._complete = False
        self._headers: dict[bytes, bytes] = {}
        self._header_name, self._header_content, self._value = bytearray(), bytearray(), bytearray()
        self._name, self._form_bytes, self._file_bytes = "", 0, 0

    def _callbacks(self) -> dict[str, Callable[..., None]]:
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

    def write(self, data: bytes) -> None:
        self._parser.write(data)

    def finish(self) -> None:
        self._parser.finalize()
        if not self._complete:
            raise BadForm("The multipart form ends too early.")

    def abandon(self) -> None:
        """The file that was under way; complete ones are the upload's, unless it is refused."""
        if self._writer is not None:
            self._writer.abandon()
        if self._upload.refusal is not None:
            spool.remove_all(self._upload.take())

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
        if self._name == "file":
            if len(self._upload.files) == self._max_files:
                raise BadForm(f"Send at most {self._max_files} file(s) in one request here.")
            self._writer = spool.SpoolWriter(limit=settings.MAX_UPLOAD_BYTES)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._writer is not None:
            self._writer.write(data[start:end])
            self._file_bytes += end - start
            if self._file_bytes > settings.MAX_BATCH_BYTES:
                raise MediaError(f"The files are larger than {settings.MAX_BATCH_BYTES} bytes.", code="media_too_large")
            return
        self._value += data[start:end]
        self._form_bytes += end - start
        if self._form_bytes > MAX_FORM_BYTES:
            raise BadForm(f"The form's fields are larger than {MAX_FORM_BYTES} bytes.", code="field_too_large")

    def _part_end(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            self._upload.files.append(writer.finish())
        else:
            self._upload.fields.append((self._name, inline.check_text(self._value.decode())))
        if len(self._upload.fields) > inline.MAX_FIELDS + self._max_files:
            raise BadForm(f"The form has more than {inline.MAX_FIELDS} fields.")

    def _end(self) -> None:
        self._complete = True


def _reader(scope: Scope) -> Callable[[Upload], Body] | None:
    """What reads this request's body; None for requests that are no uploads."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in UPLOAD_PATHS:
        return None
    most = UPLOAD_PATHS[scope["path"]]
    kind, options = parse_options_header(_header(scope, b"content-type"))
    if kind == b"multipart/form-data" and options.get(b"boundary"):
        return lambda upload: Form(upload, boundary=options[b"boundary"], max_files=most)
    if kind == b"application/json":
        return lambda upload: inline.JsonBody(upload.files, upload.fields, max_files=most)
    return None


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
