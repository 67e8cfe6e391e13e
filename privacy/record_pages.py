"""The record of processing as the tables of docs/privacy.md, between two marks in a text that is written by hand."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

from privacy.data_map import OUTSIDE_MODELS, Category, Row
from privacy.record import by_category, columns_of, recipients_of

BEGIN, END = "<!-- written by manage.py write_privacy_docs -->", "<!-- end of what is written -->"


def renew(page: str) -> str:
    """The page with its tables as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{render()}{END}{after}"


def render() -> str:
    with translation.override("en"):
        return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    for category, rows in by_category().items():
        yield from ("", f"### {category.label}", "")
        yield from _table(category, rows)
        yield ""
        yield from (f"- `{row.table}`: {_columns(row)}" for row in rows)
    yield from ("", "### Columns with room for text, and why none is in them", "")
    yield from ("| column | why |", "|---|---|")
    for rows in by_category().values():
        for told in (told for row in rows for told in columns_of(row) if told.field.why):
            yield f"| `{told.row.table}.{told.name}` | {told.field.why} |"
    outside = ", ".join(f"`{table}`" for table in OUTSIDE_MODELS)
    yield from ("", f"Beside these the database has {outside}, which Django keeps for itself; it is about nobody.")


def _table(category: Category, rows: list[Row]) -> Iterator[str]:
    if category == Category.NOBODY:
        yield from ("| table | what for | kept |", "|---|---|---|")
        yield from (f"| `{row.table}` | {row.purpose} | {row.keep} |" for row in rows)
        return
    yield from (
        "| table | holds | what for | legal basis | kept | received by | erasure |",
        "|---|---|---|---|---|---|---|",
    )
    for row in rows:
        received = ", ".join(recipients_of(row)) or "nobody"
        erasure = f"{row.act.label}: {row.ground}" if row.ground else row.act.label
        yield (f"| `{row.table}` | {row.holds} | {row.purpose} | {row.basis} | {row.keep} | {received} | {erasure} |")


def _columns(row: Row) -> str:
    by_kind: dict[str, list[str]] = {}
    for told in columns_of(row):
        by_kind.setdefault(str(told.field.kind.label), []).append(f"`{told.name}`")
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in by_kind.items())
