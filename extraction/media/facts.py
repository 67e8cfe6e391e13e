"""What the web process and the worker know of a file without decoding it, and what they ask of its reader.

Plain values without imports of ours: both sides of the pipe to the media process use them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["image", "pdf", "audio"]
OcrName = Literal["rapidocr", "easyocr"]
AsrName = Literal["faster-whisper", "openai-whisper"]


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """`media_type` is what the bytes are, whatever their name or header said."""

    kind: Kind
    media_type: str
    bytes: int
    pages: int | None = None
    seconds: float | None = None
    width: float | None = None  # pixels, or points of a PDF's first page
    height: float | None = None


@dataclass(frozen=True, slots=True)
class RecognizeRequest:
    """How to read it. None leaves the choice to us; `pages` counts from 1; `password` opens a protected PDF."""

    media_type: str
    languages: tuple[str, ...] = ()
    pages: tuple[int, ...] | None = None
    ocr_engine: OcrName | None = None
    asr_engine: AsrName | None = None
    password: str | None = field(default=None, repr=False)
