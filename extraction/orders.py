"""What a caller asks for: the schema and the options, checked before anything is stored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from accounts.errors import AddressRefused
from accounts.outbound import check_address
from extraction.errors import MediaError

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
PageRanges = Annotated[str, StringConstraints(pattern=r"^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$", max_length=200)]
Mapper = Annotated[str, StringConstraints(pattern=r"^(auto|embedded|[a-z]+/.{1,200})$")]


def _callable_address(url: str) -> str:
    try:
        check_address(url)
    except AddressRefused as error:
        raise ValueError(str(error)) from None
    return url


Address = Annotated[str, StringConstraints(max_length=2048), AfterValidator(_callable_address)]
Metadata = dict[
    Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]*$")],
    Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")],
]


class Options(BaseModel):
    """The `options` of POST /v1/extractions. Unknown names are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    languages: Annotated[tuple[Language, ...], Field(max_length=8)] = ()
    pages: PageRanges | None = Field(None, description='Pages to read, such as "1-3,5".')
    mapper: Mapper = Field("auto", description="auto, embedded, or provider/model.")
    ocr_engine: Literal["rapidocr", "easyocr"] | None = None
    asr_engine: Literal["faster-whisper", "openai-whisper"] | None = None
    include: frozenset[Literal["text", "citations", "segments"]] = frozenset()
    result_ttl_seconds: Annotated[int, Field(ge=0, le=86400)] = 3600
    strict: bool = Field(False, description="Fail when the result does not satisfy the schema.")
    grounding: Literal["mark", "strict"] = Field(
        "mark", description="What the media does not bear out is marked, or dropped."
    )
    webhook_url: Address | None = Field(None, description="Told once when this extraction ends.")
    quote: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="From /v1/extractions/quote: its prices hold."
    )
    metadata: Annotated[Metadata, Field(max_length=16)] = {}

    @field_validator("pages")
    @classmethod
    def _in_order(cls, value: str | None) -> str | None:
        for first, last in _ranges(value or ""):
            if not 1 <= first <= last:
                raise ValueError("Page ranges count from 1 and go up.")
        return value

    def selected_pages(self, available: int) -> tuple[int, ...] | None:
        """1-based page numbers in order, or None for all. Raises MediaError where one is absent."""
        if self.pages is None:
            return None
        wanted = {page for first, last in _ranges(self.pages) for page in range(first, min(last, available + 1) + 1)}
        if max(wanted) > available:
            raise MediaError(f"The document has {available} pages.", code="pages_out_of_range")
        return tuple(sorted(wanted))


class Order(BaseModel):
    """Everything the pipeline needs besides the media. Travels sealed: a schema can tell secrets too."""

    model_config = ConfigDict(frozen=True)

    output_schema: dict[str, Any]
    options: Options
    password: str | None = Field(None, repr=False, max_length=200)
    media_sha256: str = ""


def _ranges(pages: str) -> list[tuple[int, int]]:
    parts = [part.partition("-") for part in pages.split(",") if part]
    return [(int(first), int(last or first)) for first, _, last in parts]
