"""What is stored, and in what form: hashes where hashes are promised, and nowhere a column for content."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.db.models import CharField, Field, FileField, GenericIPAddressField, Model
from django.db.models.functions import Length

from accounts.models import ApiKey, RetiredSecret, SignIn, User
from extraction.models import Job
from privacy.data_map import OUTSIDE_MODELS, WHOLE_MAP, Row, has_room
from privacy.promises.promise import Finding, found, some
from routing.models import Attempt, Generation, Weighed

ARGON2ID = "argon2$argon2id$"
SHA256_LETTERS = 64
KEY_LETTERS = 67
# A whole key as SQL's LIKE knows it: an underscore is any letter.
PLAINTEXT_KEYS = [f"%lp_{mode}_" + "_" * (KEY_LETTERS - 8) + "%" for mode in ("live", "test")]
LONGEST_WORD = 64  # of a record of use: ids, names of models, words of fixed lists
LABELS = {"metadata", "error_detail"}  # the caller's own labels, and our own sentence about a failure
OF_THE_DATABASE = {"sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}
LOGGERS_OF_CALLS = ("httpx", "httpcore", "openai", "anthropic", "urllib3", "dodopayments", "null_logger")
ADDRESSES = ("ip", "ip_address", "remote_addr", "user_agent", "fingerprint_of_browser")


def passwords_are_argon2id() -> Finding:
    stored = User.objects.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    others = stored.exclude(password__startswith=ARGON2ID).count()
    faults = some(others, "passwords are not hashed with Argon2id")
    if "Argon2" not in settings.PASSWORD_HASHERS[0]:
        faults.append("new passwords would not be hashed with Argon2id")
    return found(f"{stored.count()} passwords, all of them Argon2id", faults)


def key_secrets_are_hashed() -> Finding:
    faults, count = [], 0
    for model in (ApiKey, RetiredSecret):
        digests = model._default_manager.exclude(digest="")  # of an erased account's key nothing is left
        count += digests.count()
        if other := digests.annotate(letters=Length("digest")).exclude(letters=SHA256_LETTERS).count():
            faults.append(f"{other} rows of {model._meta.label} hold something else than a SHA-256")
    return found(f"{count} secrets of API keys, each as its SHA-256", faults)


def no_plaintext_key_is_stored() -> Finding:
    """Searched for by its shape, in every column that has room for one."""
    faults, searched = [], 0
    for model in apps.get_models():
        columns = [field.column for field in _concrete(model) if field.column and _has_room(field, KEY_LETTERS)]
        searched += len(columns)
        if columns and (rows := _count_like(model._meta.db_table, columns, PLAINTEXT_KEYS)):
            faults.append(f"{rows} rows of {model._meta.label} hold what looks like a whole API key")
    return found(f"{searched} columns searched for anything that looks like a key", faults)


def records_of_use_have_no_room_for_content() -> Finding:
    """Of extractions and of model calls: times, kinds, numbers, and words too short to say anything."""
    faults, count = [], 0
    for model in (Job, Generation, Attempt, Weighed):
        for field in _concrete(model):
            count += 1
            if field.name not in LABELS and _has_room(field, LONGEST_WORD + 1) and not _holds_our_words(field):
                faults.append(f"{model._meta.label}.{field.name} has room for content")
    return found(f"{count} columns of records of use, none of which could hold what was sent or answered", faults)


def no_column_is_undeclared() -> Finding:
    """The database itself is asked: a column that the record of processing does not know could hold anything; one with
    room for content has to say there why none is in it."""
    declared = {_model_of(row)._meta.db_table: _declared_columns(row) for row in WHOLE_MAP} | OUTSIDE_MODELS
    faults, count = _columns_without_a_reason(), 0
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in OF_THE_DATABASE:
                continue
            columns = {one.name for one in connection.introspection.get_table_description(cursor, table)}
            count += len(columns)
            undeclared = columns - set(declared.get(table, ()))
            faults += [f"{table}.{name} is not in the record of processing" for name in sorted(undeclared)]
    return found(f"{count} columns in {len(declared)} tables, each known to the record of processing", faults)


def _columns_without_a_reason() -> list[str]:
    return [
        f"{row.table}.{column.name} has room for content, and no reason why there is none"
        for row in WHOLE_MAP
        for column in _concrete(_model_of(row))
        if has_room(column) and not (column.name in row.fields and str(row.fields[column.name].why))
    ]


def no_file_is_kept_by_a_model() -> Finding:
    files = [f"{m._meta.label}.{f.name}" for m in apps.get_models() for f in _concrete(m) if isinstance(f, FileField)]
    return found("no model keeps files", [f"{name} keeps files" for name in files])


def addresses_are_of_sign_ins_only() -> Finding:
    """Where a browser came from is written down when somebody signs in, and nowhere else."""
    faults = [
        f"{model._meta.label}.{field.name} could hold where a browser came from"
        for model in apps.get_models()
        for field in _concrete(model)
        if model is not SignIn and (isinstance(field, GenericIPAddressField) or field.name in ADDRESSES)
    ]
    return found(
        f"{SignIn.objects.count()} sign-ins with address, browser and device, and no other such column", faults
    )


def calls_are_not_logged() -> Finding:
    """Clients of vendors would log what they send at the levels below a warning."""
    loud = [name for name in LOGGERS_OF_CALLS if logging.getLogger(name).isEnabledFor(logging.DEBUG)]
    faults = [f"{name} logs what it sends" for name in loud]
    if settings.DEBUG and settings.PRODUCTION:
        faults.append("DEBUG is on: an error page would show local variables")
    if settings.DEFAULT_EXCEPTION_REPORTER != "littlepull.error_reports.BareExceptionReporter":
        faults.append("error reports hold local variables")
    return found(f"{len(LOGGERS_OF_CALLS)} clients that do not log, and error reports without variables", faults)


def _model_of(row: Row) -> type[Model]:
    return apps.get_model(row.table)


def _declared_columns(row: Row) -> set[str]:
    return {field.column for field in _concrete(_model_of(row)) if field.column and field.name in row.fields}


def _concrete(model: type[Model]) -> Iterator[Field]:
    yield from model._meta.concrete_fields


def _has_room(field: Field, letters: int) -> bool:
    if isinstance(field, CharField):
        return field.max_length is None or field.max_length >= letters
    return field.get_internal_type() in {"TextField", "JSONField", "BinaryField"}


def _holds_our_words(field: Field) -> bool:
    """A word of a fixed list, another row's id, or small facts that a verb of ours writes."""
    return bool(field.choices) or field.is_relation or field.name in {"engines", "timings", "failed_pages"}


def _count_like(table: str, columns: list[str], patterns: list[str]) -> int:
    quote = connection.ops.quote_name
    tests = [f"CAST({quote(column)} AS text) LIKE %s" for column in columns for _ in patterns]
    with connection.cursor() as cursor:
        # Names come from the models, patterns from above.
        cursor.execute(f"SELECT COUNT(*) FROM {quote(table)} WHERE {' OR '.join(tests)}", patterns * len(columns))  # noqa: S608
        return cursor.fetchone()[0]
