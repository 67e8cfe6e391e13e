"""What accounts gives up of a person: access first, then rows, then the name on the account itself.

The account's row stays, emptied, because the bookkeeping above names it; so do keys that have moved credits.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.api_keys import revoke_key
from accounts.models import ApiKey, User
from accounts.sessions import end_sessions

BATCH = 500
NOWHERE = "@erased.invalid"  # RFC 2606: no such domain can exist
NO_DIGEST = ""  # of a masked key: no secret has it


def delete_rows(rows: QuerySet[Any]) -> int:
    """In batches, each a transaction of its own, so that nobody waits long and a crash loses nothing: how many."""
    manager, total = rows.model._base_manager, 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            manager.filter(pk__in=ids).delete()
        total += len(ids)
    return total


def empty_write_ahead_log() -> None:
    """SQLite's: it holds pages as they were before rows left them, until others are written over them.

    In the database itself freed bytes are overwritten at once (secure_delete, in the settings).
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def lock_account(user: User) -> User:
    """Its row, as it is now, for the rest of the caller's transaction."""
    return User.objects.select_for_update().get(pk=user.pk)


@transaction.atomic
def close_account(user: User) -> None:
    """Keys first: from here on nothing new can come in."""
    for key in ApiKey.objects.owned_by(user):
        revoke_key(key)
    User.objects.filter(pk=user.pk).update(is_active=False)
    end_sessions(user)


def mask_keys(user: User) -> int:
    """Those that nothing points to are deleted; of the others the dates stay."""
    keys = ApiKey.objects.owned_by(user)
    keys.update(pays_from=None)
    for key in keys:
        try:
            with transaction.atomic():
                key.delete()
        except models.ProtectedError:
            ApiKey.objects.filter(pk=key.pk).update(
                name="", public_id=key.pk[-16:], digest=NO_DIGEST, scopes=[], last_used_at=None, expires_at=None
            )
    return keys.count()


@transaction.atomic
def mask_user(user: User) -> int:
    """Nobody can sign in to it or tell whose it was."""
    nobody = lock_account(user)
    if nobody.email == masked_email(user):
        return 0
    nobody.email, nobody.name, nobody.theme, nobody.language = masked_email(user), "", "", ""
    nobody.usage_kept_days = None
    nobody.is_active = nobody.is_staff = nobody.is_superuser = False
    nobody.last_login, nobody.date_joined = None, timezone.now()
    nobody.set_unusable_password()
    nobody.save()
    nobody.groups.clear()
    nobody.user_permissions.clear()
    return 1


def masked_email(user: User) -> str:
    return f"{user.pk}{NOWHERE}"


def erased_users() -> QuerySet[User]:
    return User.objects.filter(is_active=False, email__endswith=NOWHERE)


def admin_entries_about(user: User) -> QuerySet[LogEntry]:
    """What staff did with their rows: some of these name the address."""
    named = Q(object_repr__icontains=user.email) | Q(change_message__icontains=user.email)
    return LogEntry.objects.filter(named | Q(object_id=user.pk))


def mask_admin_entries(user: User) -> int:
    """That something was done stays, and by whom; to whom does not."""
    return admin_entries_about(user).update(object_repr="", change_message="")
