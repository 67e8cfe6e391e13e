"""The record of processing (GDPR Art. 30) as it is handed out: by table, and by column with all that holds for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from privacy.data_map import WHOLE_MAP, Act, Category, Field, Row
from privacy.data_map.field import Words
from privacy.processors import KNOWN

COLUMNS = (
    "table",
    "column",
    "kind",
    "category",
    "purpose",
    "legal_basis",
    "kept",
    "recipients",
    "exported",
    "on_erasure",
    "ground",
    "why_no_content",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One column, with what it has from its table where it says nothing itself."""

    row: Row
    name: str
    field: Field

    @property
    def purpose(self) -> Words:
        return self.field.purpose or self.row.purpose

    @property
    def kept(self) -> Words:
        return self.field.keep or self.row.keep

    @property
    def recipients(self) -> list[str]:
        return recipients_of(self.row) if self.field.sent else []

    @property
    def exported(self) -> bool:
        return self.row.is_personal and self.name not in self.row.secret

    @property
    def on_erasure(self) -> Act | None:
        """None where it is about nobody."""
        if not self.row.is_personal:
            return None
        if self.row.act == Act.MASK:
            return Act.MASK if self.field.masked else Act.KEEP
        return self.row.act

    @property
    def ground(self) -> Words:
        return self.row.ground if self.on_erasure == Act.KEEP else ""


def recipients_of(row: Row) -> list[str]:
    return [KNOWN[code].name for code in row.recipients]


def columns_of(row: Row) -> list[Told]:
    return [Told(row, name, field) for name, field in row.fields.items()]


def by_category() -> dict[Category, list[Row]]:
    return {category: [row for row in WHOLE_MAP if row.category == category] for category in Category}


def describe_columns() -> Iterator[dict[str, Any]]:
    """In English whatever the reader speaks: it is a record."""
    with translation.override("en"):
        yield from [_describe(told) for row in WHOLE_MAP for told in columns_of(row)]


def describe_tables() -> list[dict[str, Any]]:
    with translation.override("en"):
        return [_describe_table(row) for row in WHOLE_MAP]


def _describe_table(row: Row) -> dict[str, Any]:
    return {
        "table": row.table,
        "holds": str(row.holds),
        "category": row.category.value,
        "personal": row.is_personal,
        "purpose": str(row.purpose),
        "legal_basis": str(row.basis),
        "kept": str(row.keep),
        "term": _describe_term(row),
        "recipients": recipients_of(row),
        "on_erasure": row.act.value if row.is_personal else None,
        "ground": str(row.ground),
        "columns": [_without(_describe(told), "table", "category", "legal_basis") for told in columns_of(row)],
    }


def _describe_term(row: Row) -> dict[str, Any] | None:
    """The rule by which the purge goes; what goes with another table has that one's."""
    if row.goes_with:
        return {"goes_with": row.goes_with}
    return {"since": row.term.since, "seconds": int(row.term.after.total_seconds())} if row.term else None


def _describe(told: Told) -> dict[str, Any]:
    erased = told.on_erasure
    return {
        "table": told.row.table,
        "column": told.name,
        "kind": told.field.kind.value,
        "category": told.row.category.value,
        "purpose": str(told.purpose),
        "legal_basis": str(told.row.basis),
        "kept": str(told.kept),
        "recipients": told.recipients,
        "exported": told.exported,
        "on_erasure": erased.value if erased else None,
        "ground": str(told.ground),
        "why_no_content": str(told.field.why),
    }


def _without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}
