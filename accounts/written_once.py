"""Rows that are written once: Python refuses to change them, and so does the database, on SQLite and on PostgreSQL.

SQLite loses a table's triggers when a migration makes the table anew, as most changes of a table do there: such a
migration ends with `create`. What checks a table's content asks for `missing` triggers, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NoReturn

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

NAMES = {
    "postgresql": "SELECT tgname FROM pg_trigger",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}
# Two questions, one in the other: a table without `at` must not be asked for it.
FUNCTION = """
CREATE OR REPLACE FUNCTION {app}_written_once() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_NARGS > 0 THEN
        IF OLD.at < now() + TG_ARGV[0]::interval THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$ LANGUAGE plpgsql
"""


class WrittenOnce(models.Model):
    """A row that Python code cannot change: corrections are new rows."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} rows are never deleted.")


@dataclass(frozen=True, slots=True)
class Triggers:
    """Those of one app. `kept`: tables of which a row may be deleted once it is so old, by its column `at`."""

    app: str
    tables: tuple[str, ...]
    kept: Mapping[str, timedelta] = field(default_factory=dict)

    def create(self, connection: BaseDatabaseWrapper) -> None:
        _execute(connection, self.creating(connection.vendor))

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        _execute(connection, self.dropping(connection.vendor))

    def creating(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return [self._on_sqlite(table, act) for table in self.tables for act in ("update", "delete")]
        return [
            FUNCTION.format(app=self.app),
            *(
                f"CREATE OR REPLACE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.app}_written_once({self._term(table)})"
                for table in self.tables
            ),
        ]

    def dropping(self, vendor: str) -> list[str]:
        on = vendor == "postgresql"
        return [
            f"DROP TRIGGER IF EXISTS {name}{f' ON {table}' if on else ''}"
            for table in self.tables
            for name in self._names(table, vendor)
        ]

    def missing(self, connection: BaseDatabaseWrapper) -> set[str]:
        wanted = {name for table in self.tables for name in self._names(table, connection.vendor)}
        with connection.cursor() as cursor:
            cursor.execute(NAMES[connection.vendor])
            return wanted - {name for (name,) in cursor.fetchall()}

    def _names(self, table: str, vendor: str) -> list[str]:
        return [f"{table}_written_once"] if vendor == "postgresql" else [f"{table}_no_update", f"{table}_no_delete"]

    def _term(self, table: str) -> str:
        """As both databases write an interval; nothing where rows stay for good."""
        return f"'-{self.kept[table].days} days'" if table in self.kept else ""

    def _on_sqlite(self, table: str, act: str) -> str:
        term = self._term(table) if act == "delete" else ""
        young = f"WHEN OLD.at > datetime('now', {term}) " if term else ""
        return (
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{act} BEFORE {act} ON {table} {young}"
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once'); END"
        )


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)
