"""Triggers that hold the ledger's rows as they were written, on SQLite and on PostgreSQL.

SQLite loses a table's triggers when a migration makes the table anew, as most changes of a table do there: such a
migration ends with `create_triggers`. `check_ledger` notices when one did not.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("billing_transaction", "billing_entry", "billing_receipt")
FUNCTION = """
CREATE OR REPLACE FUNCTION billing_written_once() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$ LANGUAGE plpgsql
"""


def create_triggers(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for sql in creating(connection.vendor):
            cursor.execute(sql)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for sql in dropping(connection.vendor):
            cursor.execute(sql)


def creating(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [
            FUNCTION,
            *(
                f"CREATE OR REPLACE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION billing_written_once()"
                for table in TABLES
            ),
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{act} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once'); END"
        for table in TABLES
        for act in ("update", "delete")
    ]


def dropping(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_written_once ON {table}" for table in TABLES]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{act}" for table in TABLES for act in ("update", "delete")]


def missing_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'billing_%'")
            wanted = {f"{table}_written_once" for table in TABLES}
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wanted = {f"{table}_no_{act}" for table in TABLES for act in ("update", "delete")}
        return wanted - {name for (name,) in cursor.fetchall()}
