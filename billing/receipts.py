"""Receipts for payments: numbered without gaps, as a page and as a PDF.

They say what was bought here. The tax invoice is the provider's, who is the merchant of record.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone

from billing import receipt_paper
from billing.models import Payment, Receipt
from billing.pricing import format_credits, format_money
from billing.providers.words import Provider

TRIES = 100
MERCHANTS = {Provider.DODO: "Dodo Payments", Provider.PADDLE: "Paddle"}


@dataclass(frozen=True, slots=True)
class Told:
    """What stands on a receipt, in either form."""

    number: int
    seller: list[str]
    rows: list[tuple[str, str]]
    note: str


def issue(payment: Payment) -> Receipt:
    """Once for a payment, inside the transaction that credits it: no number is used by what did not happen.

    Two that take the same number at once: the second waits for the first, and takes the next.
    """
    for _ in range(TRIES):
        if receipt := Receipt.objects.filter(payment=payment).first():
            return receipt
        number = (Receipt.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                issued_at = payment.paid_at or timezone.now()
                return Receipt.objects.create(number=number, payment=payment, issued_at=issued_at)
        except IntegrityError:
            continue
    raise IntegrityError("No receipt number could be had.")


def render_html(receipt: Receipt) -> str:
    return render_to_string("billing/receipt.html", {"receipt": describe(receipt)})


def render_pdf(receipt: Receipt) -> bytes:
    told = describe(receipt)
    return receipt_paper.draw(f"Receipt No. {told.number}", told.seller, told.rows, told.note)


def describe(receipt: Receipt) -> Told:
    payment = receipt.payment
    merchant = MERCHANTS[Provider(payment.provider)]
    tax_id = [f"Tax ID {settings.SELLER_TAX_ID}"] if settings.SELLER_TAX_ID else []
    rows = [
        ("Date", f"{receipt.issued_at:%Y-%m-%d}"),
        ("Customer", payment.user.name),
        ("Account", payment.user.email),
        ("Bought", payment.product.name),
        ("Credits", _without_zeros(format_credits(payment.credits))),
        *_amounts(payment),
        ("Paid through", merchant),
        ("Payment reference", payment.ref),
        ("Order", payment.pk),
    ]
    return Told(
        number=receipt.number,
        seller=[settings.SELLER_NAME, *settings.SELLER_ADDRESS, *tax_id],
        rows=[(name, value) for name, value in rows if value],
        note=f"{merchant} is the merchant of record of this sale and issues the tax invoice for it. "
        "This receipt says what was bought here; it is not a tax invoice.",
    )


def _amounts(payment: Payment) -> list[tuple[str, str]]:
    paid = payment.paid or 0
    rows = [
        ("Price as offered, before tax", format_money(payment.amount, payment.currency)),
        ("Charged, tax included", format_money(paid, payment.paid_currency)),
    ]
    if payment.refunded:
        rows += [
            ("Refunded", format_money(payment.refunded, payment.paid_currency)),
            ("Charged after refunds", format_money(paid - payment.refunded, payment.paid_currency)),
        ]
    if payment.status == Payment.Status.LOST:
        rows.append(("Taken back", "by the bank, in a dispute"))
    return rows


def _without_zeros(credits: str) -> str:
    return credits.rstrip("0").rstrip(".")
