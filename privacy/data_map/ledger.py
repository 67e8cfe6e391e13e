"""Credits, and the ledger they are booked in. Parents first."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from privacy.data_map.field import OURS, THEIR_NUMBER, Field, Words, columns
from privacy.data_map.row import (
    ACTIVE,
    BOOKKEEPING,
    BOOKS,
    CONTRACT,
    LAW,
    Act,
    Category,
    Owner,
    Row,
    nobodys,
)

PAYMENT_PROVIDERS = ("dodo", "paddle")
BOOKKEEPING_ALONE = _("bookkeeping")
OF_A_RETRY = _("what makes a retry harmless: a word of ours and a number, or one of the caller's making")
STAFF_SAID = _("staff's words about a movement of credits or money; nothing that is sent or read comes to them")
TO_CHARGE_ONCE = _("to charge a retry once")


def booked(
    table: str,
    holds: Words,
    owner: Owner,
    purpose: Words = BOOKKEEPING_ALONE,
    *,
    fields: Mapping[str, Field],
    secret: tuple[str, ...] = (),
) -> Row:
    return Row(
        table,
        holds,
        purpose,
        LAW,
        BOOKKEEPING,
        fields,
        category=Category.BILLING,
        owner=owner,
        secret=secret,
        act=Act.KEEP,
        ground=BOOKS,
    )


def wished(table: str, holds: Words, purpose: Words, owner: Owner, *, fields: Mapping[str, Field]) -> Row:
    return Row(table, holds, purpose, CONTRACT, ACTIVE, fields, category=Category.BILLING, owner=owner)


LEDGER = (
    booked(
        "billing.Wallet",
        _("credit balance of a key"),
        "api_key__user",
        _("to manage credits"),
        fields=columns(identifier="id", link="api_key", money="available held frozen debt", time="created_at"),
    ),
    booked(
        "billing.Hold",
        _("credits set aside for a job"),
        "wallet__api_key__user",
        _("to charge exactly"),
        fields=columns(
            identifier="id key",
            link="wallet spender",
            money="credits charged",
            state="status",
            usage="price_version",
            time="created_at closed_at",
            because={"key": OF_A_RETRY},
            purpose={"key": TO_CHARGE_ONCE},
        ),
    ),
    booked(
        "billing.Lot",
        _("credits that came in together"),
        "wallet__api_key__user",
        _("to spend them in order"),
        fields=columns(
            identifier="id",
            link="wallet payment",
            state="kind",
            usage="priority",
            money="left frozen",
            time="expires_at created_at",
        ),
    ),
    booked(
        "billing.Transaction",
        _("why and when credits moved"),
        "wallet__api_key__user",
        fields=columns(
            identifier="id key",
            link="wallet hold payment actor",
            state="kind reason",
            note="note",
            time="created_at",
            because={"key": OF_A_RETRY, "note": STAFF_SAID},
            purpose={"key": TO_CHARGE_ONCE},
        ),
        secret=("actor",),
    ),
    booked(
        "billing.Entry",
        _("credit movements, entry by entry"),
        "wallet__api_key__user",
        fields=columns(identifier="id", link="transaction wallet lot", state="account", money="credits"),
    ),
    wished(
        "billing.Spending",
        _("what a key spent in a month"),
        _("to keep within caps"),
        "api_key__user",
        fields=columns(identifier="id", link="api_key", time="month", money="credits"),
    ),
    wished(
        "billing.SpendingCap",
        _("a cap on what a key spends"),
        _("to keep within it"),
        "api_key__user",
        fields=columns(link="api_key", money="credits"),
    ),
    nobodys(
        "billing.Price",
        _("the price table"),
        fields=columns(identifier="id", fact="version item", money="credits", time="effective_at"),
    ),
    nobodys(
        "billing.Product",
        _("what can be bought"),
        fields=columns(
            identifier="code",
            fact="kind name currency active",
            money="credits amount",
            reference="dodo_ref paddle_ref",
            because={"name": OURS, "dodo_ref paddle_ref": THEIR_NUMBER},
        ),
    ),
)
