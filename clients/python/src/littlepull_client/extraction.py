"""An extraction as the API tells it, typed. `raw` is the answer itself, with whatever a newer server adds.

Nothing that was in the file appears in a repr, so that logging an extraction does not give its content away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from littlepull_client.pointers import find_value
from littlepull_client.told import amount, moment

FINISHED = ("succeeded", "failed", "canceled")
_REQUIRED = object()


@dataclass(frozen=True)
class Media:
    type: str
    bytes: int
    pages: int | None = None
    seconds: float | None = None
    failed_pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Progress:
    """`done` of `total` within the stage: received, decoding, recognizing, mapping, done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Cost:
    """In credits."""

    estimated: Decimal
    held: Decimal
    charged: Decimal


@dataclass(frozen=True)
class Failure:
    code: str
    detail: str


@dataclass(frozen=True)
class Citation:
    """A place on a page (`bbox`: x0, y0, x1, y1 as fractions of it), or a stretch of sound in seconds."""

    text: str = field(repr=False)
    page: int | None = None
    bbox: tuple[float, ...] | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Field:
    """A leaf of the result: where it stands there, how probable it is, and what in the media says so.

    `reason` is why a value is missing: not_found, invalid, unreadable, ungrounded.
    """

    pointer: str
    value: Any = field(repr=False)
    confidence: float
    citations: tuple[Citation, ...] = ()
    grounded: bool = True
    reason: str | None = None


@dataclass(frozen=True)
class Quality:
    """How well the letters were read: the mean, the worst twentieth, and a word: poor, fair, good, excellent."""

    mean: float
    low: float
    grade: str


@dataclass(frozen=True)
class SchemaError:
    pointer: str
    reason: str


@dataclass(frozen=True)
class Event:
    """Something that happened to an extraction. `type`: progress, or how it ended. `sequence` counts from 1."""

    id: str
    sequence: int
    type: str
    progress: Progress
    error_code: str | None = None
    partial: bool = False

    @property
    def is_last(self) -> bool:
        return self.type in FINISHED


@dataclass(frozen=True)
class Extraction:
    """`data` is the object asked for. It is there while `status` is succeeded and nothing has destroyed the result."""

    id: str
    status: str
    created_at: datetime
    media: Media
    progress: Progress
    cost: Cost
    partial: bool = False
    batch_id: str | None = None
    batch_index: int | None = None
    engines: dict[str, str] = field(default_factory=dict)
    timings: dict[str, int] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    error: Failure | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    media_destroyed_at: datetime | None = None
    result_destroyed_at: datetime | None = None
    data: Any = field(default=None, repr=False)
    schema_valid: bool | None = None
    schema_errors: tuple[SchemaError, ...] = field(default=(), repr=False)
    fields: tuple[Field, ...] = field(default=(), repr=False)
    quality: Quality | None = None
    pages: tuple[dict[str, Any], ...] = ()
    text: str | None = field(default=None, repr=False)
    segments: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    destruction_receipt: dict[str, Any] | None = field(default=None, repr=False)
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    def value_at(self, pointer: str, default: Any = _REQUIRED) -> Any:
        """What stands in `data` at a JSON Pointer (`/items/0/price`). Raises LookupError, unless a default is given."""
        try:
            return find_value(self.data, pointer)
        except LookupError:
            if default is _REQUIRED:
                raise
            return default

    def field_at(self, pointer: str) -> Field | None:
        """The field of that leaf: its confidence and citations."""
        return next((one for one in self.fields if one.pointer == pointer), None)


def read_extraction(told: dict[str, Any]) -> Extraction:
    error, quality = told.get("error"), told.get("quality")
    return Extraction(
        id=told["id"],
        status=told["status"],
        created_at=moment(told["created_at"]),
        media=_read_media(told.get("media", {})),
        progress=read_progress(told.get("progress", {})),
        cost=_read_cost(told.get("cost", {})),
        partial=told.get("partial", False),
        batch_id=told.get("batch_id"),
        batch_index=told.get("batch_index"),
        engines=told.get("engines") or {},
        timings=told.get("timings") or {},
        metadata=told.get("metadata") or {},
        error=Failure(error["code"], error.get("detail", "")) if error else None,
        finished_at=moment(told.get("finished_at")),
        expires_at=moment(told.get("expires_at")),
        media_destroyed_at=moment(told.get("media_destroyed_at")),
        result_destroyed_at=moment(told.get("result_destroyed_at")),
        data=told.get("data"),
        schema_valid=told.get("schema_valid"),
        schema_errors=tuple(SchemaError(one["pointer"], one["reason"]) for one in told.get("schema_errors") or ()),
        fields=tuple(_read_field(one) for one in told.get("fields") or ()),
        quality=Quality(quality["mean"], quality["low"], quality["grade"]) if quality else None,
        pages=tuple(told.get("pages") or ()),
        text=told.get("text"),
        segments=tuple(told.get("segments") or ()),
        warnings=tuple(told.get("warnings") or ()),
        destruction_receipt=told.get("destruction_receipt"),
        raw=told,
    )


def read_progress(told: dict[str, Any]) -> Progress:
    return Progress(told.get("stage", ""), told.get("done", 0), told.get("total", 0))


def read_event(told: dict[str, Any]) -> Event:
    return Event(
        id=told["id"],
        sequence=told["sequence"],
        type=told["type"],
        progress=read_progress(told.get("progress", {})),
        error_code=(told.get("error") or {}).get("code"),
        partial=told.get("partial", False),
    )


def _read_media(told: dict[str, Any]) -> Media:
    return Media(
        type=told.get("type", ""),
        bytes=told.get("bytes", 0),
        pages=told.get("pages"),
        seconds=told.get("seconds"),
        failed_pages=tuple(told.get("failed_pages") or ()),
    )


def _read_cost(told: dict[str, Any]) -> Cost:
    return Cost(*(amount(told.get(name)) for name in ("estimated", "held", "charged")))


def _read_field(told: dict[str, Any]) -> Field:
    return Field(
        pointer=told["pointer"],
        value=told.get("value"),
        confidence=told["confidence"],
        citations=tuple(_read_citation(one) for one in told.get("citations") or ()),
        grounded=told.get("grounded", True),
        reason=told.get("reason"),
    )


def _read_citation(told: dict[str, Any]) -> Citation:
    bbox = told.get("bbox")
    return Citation(
        text=told.get("text", ""),
        page=told.get("page"),
        bbox=tuple(bbox) if bbox else None,
        start=told.get("start"),
        end=told.get("end"),
    )
