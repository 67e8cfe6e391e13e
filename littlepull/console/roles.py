"""Who may do what in the console: four roles, each with as little as its work needs. A superuser gives them out.

They are Django's groups. `make_roles` writes them as they stand here; permissions given besides are taken away.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction

SEE_PEOPLE = ("accounts.view_user", "accounts.view_apikey")
SEE_WORK = (
    "extraction.view_job",
    "extraction.view_jobevent",
    "extraction.view_workerbeat",
    "routing.view_generation",
    "routing.view_attempt",
    "routing.view_weighed",
    "accounts.view_webhookendpoint",
    "accounts.view_webhookdelivery",
    "accounts.view_webhookattempt",
)
SEE_PROOFS = ("privacy.view_attestation", "privacy.view_purgerun", "privacy.view_policyversion")
BOOKS = (
    "autotopup", "balancealert", "customererasure", "entry", "hold", "lot", "payment", "paymentevent", "price",
    "product", "receipt", "reconciliationday", "reconciliationdifference", "refund", "refuseddelivery", "spending",
    "spendingcap", "subscription", "transaction", "wallet",
)  # fmt: skip
CATALOGUE = ("provider", "languagemodel", "modelprice", "modelquality", "keypolicy", "keylimit", "keyusage")

ROLES: dict[str, tuple[str, ...]] = {
    # Answers customers: sees how their work went and what they hold, revokes a key that leaked, repeats a message.
    "support": (
        *SEE_PEOPLE,
        *SEE_WORK,
        "extraction.view_savedschema",
        "extraction.view_schemaversion",
        "extraction.change_job",
        "accounts.change_apikey",
        "accounts.change_webhookdelivery",
        "billing.view_wallet",
        "billing.view_payment",
        "billing.view_subscription",
        "billing.view_receipt",
    ),
    # Answers requests about personal data, and reads what proves that they were.
    "privacy officer": (
        "accounts.view_user",
        "accounts.view_auditentry",
        *SEE_PROOFS,
        "privacy.add_subjectrequest",
        "privacy.view_subjectrequest",
        "privacy.change_subjectrequest",
        "privacy.view_erasurerun",
        "privacy.change_erasurerun",
        "privacy.view_export",
        "privacy.view_policynotice",
    ),
    # Keeps the books in order: refunds, adjustments, caps, products, differences with the providers.
    "billing": (
        *SEE_PEOPLE,
        *(f"billing.view_{name}" for name in BOOKS),
        "billing.adjust_wallet",
        "billing.refund_payment",
        "billing.add_product",
        "billing.change_product",
        "billing.add_price",
        "billing.add_spendingcap",
        "billing.change_spendingcap",
        "billing.delete_spendingcap",
        "billing.change_customererasure",
        "billing.change_reconciliationdifference",
    ),
    # Keeps the service running: queue, models and their prices, keys, locks; reads the audit log.
    "operator": (
        *SEE_PEOPLE,
        *SEE_WORK,
        *SEE_PROOFS,
        "extraction.change_job",
        "accounts.change_apikey",
        "accounts.change_user",
        "accounts.change_webhookdelivery",
        "accounts.view_auditentry",
        *(f"routing.view_{name}" for name in CATALOGUE),
        *(f"routing.{verb}_{name}" for verb in ("add", "change") for name in ("provider", "languagemodel")),
        *(f"routing.{verb}_{name}" for verb in ("add", "change", "delete") for name in ("keypolicy", "keylimit")),
        "routing.add_modelprice",
        "routing.add_modelquality",
    ),
}


@transaction.atomic
def make_roles() -> list[str]:
    """Those that were not so before. Raises LookupError for a permission that does not exist: migrate first."""
    named = {f"{one.content_type.app_label}.{one.codename}": one for one in _all_permissions()}
    changed = []
    for name, permissions in ROLES.items():
        if unknown := set(permissions) - named.keys():
            raise LookupError(f"{name}: no such permission: {', '.join(sorted(unknown))}")
        group, _made = Group.objects.get_or_create(name=name)
        wanted = {named[one] for one in permissions}
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
            changed.append(name)
    return changed


def _all_permissions() -> list[Permission]:
    return list(Permission.objects.select_related("content_type"))
