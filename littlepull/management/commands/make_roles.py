"""manage.py make_roles: the roles of staff, as littlepull.console.roles has them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import audit
from accounts.audit_words import AuditAct
from littlepull.console.roles import ROLES, make_roles


class Command(BaseCommand):
    help = "Makes the roles of staff, or brings them back to what they ought to be. May be run again and again."

    def handle(self, **_: Any) -> None:
        try:
            with transaction.atomic():
                changed = make_roles()
                if changed:
                    audit.record(AuditAct.ROLE_CHANGED, actor=None, roles=len(changed))
        except LookupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{', '.join(ROLES)}: {len(changed)} made or changed.")
