"""What the labelled sets ask for and say: a schema for each, and how an answer is judged by a record's truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scoring import Scores, score_items, score_record

RECEIPT = {"company": "text", "date": "date", "address": "text", "total": "number"}
INVOICE = {
    "invoice_number": "text", "issue_date": "date", "due_date": "date", "seller_name": "text", "seller_vat_id": "text",
    "buyer_name": "text", "currency": "text", "net_total": "number", "tax_total": "number", "total": "number",
    "amount_due": "number",
}  # fmt: skip
ITEM = {"name": "text", "quantity": "number", "unit_price": "number", "line_total": "number"}
TRANSCRIPT = {"transcript": "text"}
_ITEM_ALIASES = {"quantity": "qty", "unit_price": "price_unit", "line_total": "price_subtotal"}
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one file; nothing at all where the service refused or failed."""

    data: Mapping[str, Any] = field(default_factory=dict)
    confidences: Mapping[str, float] = field(default_factory=dict)  # by pointer
    text: str = ""


def schema_of(kinds: Mapping[str, str]) -> dict[str, Any]:
    types = {
        "number": {"type": ["number", "null"]},
        "date": {"type": ["string", "null"], "format": "date"},
        "text": {"type": ["string", "null"]},
    }
    return {"type": "object", "properties": {name: dict(types[kind]) for name, kind in kinds.items()}}


def _invoice_schema() -> dict[str, Any]:
    schema = schema_of(INVOICE)
    schema["properties"]["line_items"] = {"type": "array", "items": schema_of(ITEM)}
    return schema


SCHEMAS = {"receipts": schema_of(RECEIPT), "invoices": _invoice_schema(), "speech": schema_of(TRANSCRIPT)}


def score_receipt(scores: Scores, record: Record, answer: Answer) -> None:
    normal = record["truth_normalised"]
    truth = record["truth"] | {"total": normal["total"], "date": normal["date_iso"]}
    printed = {"date": record["truth"]["date"].strip("()")}
    score_record(scores, RECEIPT, answer.data, truth, answer.text, printed=printed, confidences=answer.confidences)


def score_invoice(scores: Scores, items: Scores, record: Record, answer: Answer) -> None:
    """Only what can be seen in the document is asked of it."""
    visible = {name for name, seen in (record.get("visible_in_text") or {}).items() if seen}
    truth = {name: value for name, value in record["truth"].items() if name in visible}
    score_record(scores, INVOICE, answer.data, truth, answer.text, confidences=answer.confidences)
    lines = [_item(line) for line in record["truth"].get("line_items") or [] if "name" in line]
    got = answer.data.get("line_items") or []
    score_items(items, ITEM, got, lines, answer.text, list_pointer="/line_items", confidences=answer.confidences)


def score_transcript(scores: Scores, record: Record, answer: Answer) -> None:
    """Nobody speaking and no text is right, but says nothing about confidence."""
    if record["truth"]["text"].strip():
        truth = {"transcript": record["truth"]["text"]}
        score_record(scores, TRANSCRIPT, answer.data, truth, answer.text, confidences=answer.confidences)


def _item(line: Record) -> Record:
    return {name: line.get(name, line.get(_ITEM_ALIASES.get(name, name))) for name in ITEM}
