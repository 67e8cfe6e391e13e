"""Money for credits: ordered, paid at a provider, and credited as the set of the provider's events says.

A payment's row is there before anybody is asked to pay. What the ledger does about it follows from `standing_of` alone:
`settle_standing` compares that with what the ledger has done, and writes the difference.
"""

from __future__ import annotations

import contextlib
from types import ModuleType

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from billing import receipts
from billing.errors import RefundRefused, UnknownProduct
from billing.models import Entry, Lot, Payment, PaymentEvent, Product, Refund, Transaction, Wallet
from billing.movement import Account, Movement, lock, lock_all
from billing.providers import dodo, paddle
from billing.providers.contracts import CheckoutOrder
from billing.providers.errors import NotConfigured, NotOffered, ProviderRefused
from billing.providers.words import Provider
from billing.standing import Standing, standing_of

Kind = Transaction.Kind
ADAPTERS: dict[str, ModuleType] = {Provider.DODO: dodo, Provider.PADDLE: paddle}
LOT_KINDS = {Payment.Purpose.PLAN: Lot.Kind.PLAN}


def product_ref(product: Product, provider: str) -> str:
    """Raises UnknownProduct where this provider does not sell it."""
    ref = {Provider.DODO: product.dodo_ref, Provider.PADDLE: product.paddle_ref}[Provider(provider)]
    if not ref or not product.active:
        raise UnknownProduct("This is not sold here, or not by that provider.")
    return ref


@transaction.atomic
def place_order(wallet: Wallet, product: Product, *, user: User, provider: str, key: str) -> Payment:
    """Once per key. Raises UnknownProduct."""
    locked = lock(wallet.pk)
    if payment := locked.payments.filter(key=key).first():
        return payment
    product_ref(product, provider)
    if product.kind != Product.Kind.TOP_UP:
        raise UnknownProduct("A plan is subscribed to, not bought once.")
    return Payment.objects.create(
        user=user,
        wallet=locked,
        product=product,
        provider=provider,
        purpose=Payment.Purpose.TOP_UP,
        key=key,
        credits=product.credits,
        amount=product.amount,
        currency=product.currency,
    )


def open_checkout(payment: Payment, *, return_url: str = "", cancel_url: str = "") -> Payment:
    """Asks the provider for a page to pay on. A repetition finds the first page. Raises ProviderError."""
    if payment.checkout_url:
        return payment
    order = CheckoutOrder(
        order_id=payment.pk,
        product_ref=product_ref(payment.product, payment.provider),
        quantity=1,
        amount_minor=None,
        currency=payment.currency,
        email=payment.user.email,
        return_url=return_url or settings.SITE_URL,
        cancel_url=cancel_url or settings.SITE_URL,
        recurring=False,
        on_demand=False,
    )
    checkout = ADAPTERS[payment.provider].open_checkout(order)
    Payment.objects.filter(pk=payment.pk, checkout_url="").update(checkout_ref=checkout.ref, checkout_url=checkout.url)
    payment.refresh_from_db()
    return payment


def find_invoice_url(payment: Payment) -> str:
    """Of the provider's tax invoice; empty where there is none. Raises ProviderError."""
    return ADAPTERS[payment.provider].find_invoice_url(payment.ref)


def request_refund(payment: Payment, *, amount: int | None, reason: str, key: str, actor: User | None = None) -> Refund:
    """Asks the provider to give money back; credits go when it says that it has. `amount` None: all that is left.

    Raises RefundRefused for more than was paid and not yet given back, and ProviderError. After an error that leaves
    open whether the provider acted, the request stays as requested, and reconciliation tells.
    """
    refund = _place_refund(payment, amount, reason, key, actor)
    if refund.status != Refund.Status.REQUESTED or refund.ref:
        return refund
    try:
        ref = ADAPTERS[payment.provider].refund(payment.ref, amount=refund.amount, reason=reason, key=refund.pk)
    except (ProviderRefused, NotConfigured, NotOffered):  # it has not been asked, or said no
        Refund.objects.filter(pk=refund.pk).update(status=Refund.Status.FAILED)
        raise
    Refund.objects.filter(pk=refund.pk).update(ref=ref or "")
    refund.refresh_from_db()
    return refund


@transaction.atomic
def _place_refund(payment: Payment, amount: int | None, reason: str, key: str, actor: User | None) -> Refund:
    lock(payment.wallet_id)
    payment = Payment.objects.get(pk=payment.pk)
    if refund := payment.refunds.filter(key=key).first():
        return refund
    asked = payment.refunds.filter(status=Refund.Status.REQUESTED).aggregate(total=Sum("amount"))["total"] or 0
    left = (payment.paid or 0) - payment.refunded - asked
    wanted = left if amount is None else amount
    if not payment.ref or not 0 < wanted <= left:
        raise RefundRefused("Only what was paid, and not given back yet, can be refunded.")
    return Refund.objects.create(payment=payment, key=key, amount=wanted, reason=reason, actor=actor)


def events_of(payment: Payment) -> QuerySet[PaymentEvent]:
    """Of what was paid; until then, of all that was tried for this order."""
    about = Q(payment_ref=payment.ref) if payment.ref else Q(order_id=payment.pk)
    return PaymentEvent.objects.filter(about, provider=payment.provider)


@transaction.atomic
def settle_standing(payment: Payment, *, ref: str = "") -> Payment:
    """Brings the ledger to where the events have brought the payment. Repeating it changes nothing.

    `ref`: by which the provider has called it when it was paid; it keeps the first.
    """
    wallets = _lock_all_of(payment)
    payment = Payment.objects.get(pk=payment.pk)
    payment.ref = payment.ref or ref
    standing = standing_of(events_of(payment))
    given, taken, frozen = standing.credits(payment.credits)
    if given and not _done(payment, Kind.GRANT):
        _grant(payment, wallets, standing)
    # Elsewhere a hold may end right now, and fill a lot again: as if it ended after us.
    lots = list(Lot.objects.filter(payment=payment, wallet__in=wallets).order_by("created_at", "pk"))
    # What is under dispute no longer is free before anything is taken back, and nobody can spend it in between.
    _unfreeze(payment, wallets, lots, sum(lot.frozen for lot in lots) - frozen)
    _take_back(payment, wallets, lots, taken - _done(payment, Kind.REVERSAL))
    _freeze(payment, wallets, lots, frozen - sum(lot.frozen for lot in lots))
    _note_standing(payment, standing)
    return payment


def _lock_all_of(payment: Payment) -> dict[int, Wallet]:
    """The wallet it was bought for, and those to which credits of it were moved.

    Moved while we waited for the locks? Then these are given up again (with the savepoint) and all are taken, in order.
    """
    needed = _wallets_of(payment)
    while True:
        with contextlib.suppress(_Moved), transaction.atomic():
            locked = lock_all(needed)
            if (needed := _wallets_of(payment)) <= locked.keys():
                return locked
            raise _Moved


class _Moved(Exception):
    """Credits went to a wallet that is not locked."""


def _wallets_of(payment: Payment) -> set[int]:
    with_rest = Lot.objects.filter(Q(left__gt=0) | Q(frozen__gt=0), payment=payment)
    return {payment.wallet_id, *with_rest.values_list("wallet_id", flat=True)}


def _done(payment: Payment, kind: Kind) -> int:
    """Micro-credits that came from (negative), or went back to, where bought credits come from."""
    entries = Entry.objects.filter(transaction__payment=payment, transaction__kind=kind, account=Account.FUNDING)
    return entries.aggregate(total=Sum("credits"))["total"] or 0


def _movement(payment: Payment, wallets: dict[int, Wallet]) -> Movement:
    home = wallets[payment.wallet_id]
    return Movement(home, *(one for one in wallets.values() if one is not home))


def _write(movement: Movement, kind: Kind, payment: Payment) -> None:
    """The key is the place in the payment's own order of transactions, which the lock makes one."""
    movement.write(kind, f"{payment.pk}:{payment.transactions.count()}", payment=payment)


def _grant(payment: Payment, wallets: dict[int, Wallet], standing: Standing) -> None:
    movement = _movement(payment, wallets)
    kind = LOT_KINDS.get(Payment.Purpose(payment.purpose), Lot.Kind.PAID)
    expires_at = (standing.period_end or payment.period_end) if kind == Lot.Kind.PLAN else None
    movement.note(Account.FUNDING, -payment.credits)
    movement.put(movement.open_lot(movement.wallet, kind, expires_at=expires_at, payment=payment), payment.credits)
    _write(movement, Kind.GRANT, payment)


def _unfreeze(payment: Payment, wallets: dict[int, Wallet], lots: list[Lot], credits: int) -> None:
    if credits <= 0:
        return
    movement = _movement(payment, wallets)
    for lot in lots:
        part = min(credits, lot.frozen)
        if part:
            movement.move(lot, -part, account=Account.FROZEN)
            movement.put(lot, part)
            credits -= part
    _write(movement, Kind.UNFREEZE, payment)


def _take_back(payment: Payment, wallets: dict[int, Wallet], lots: list[Lot], credits: int) -> None:
    """From its own lots first, then from the wallet's others, at last from what would be swept; the rest is owed."""
    if not credits:
        return
    movement = _movement(payment, wallets)
    movement.note(Account.FUNDING, credits)
    if credits < 0:  # a lost dispute was won after all
        movement.put(lots[0], -credits)
    else:
        rest = credits - sum(part for _, part in movement.draw_from(lots, credits))
        for others in (movement.spendable(), movement.unswept()):
            rest -= sum(part for _, part in movement.draw_from(others, rest))
        movement.note(Account.DEBT, -rest)
    _write(movement, Kind.REVERSAL, payment)


def _freeze(payment: Payment, wallets: dict[int, Wallet], lots: list[Lot], credits: int) -> None:
    """As much as is left of it: what was spent already cannot be frozen."""
    movement = _movement(payment, wallets)
    drawn = movement.draw_from(lots, max(0, credits))
    for lot, part in drawn:
        movement.move(lot, part, account=Account.FROZEN)
    if drawn:
        _write(movement, Kind.FREEZE, payment)


def _note_standing(payment: Payment, standing: Standing) -> None:
    payment.status, payment.refunded = standing.status, standing.refunded
    if standing.paid is not None:
        payment.paid, payment.paid_currency = standing.paid, standing.currency
        payment.paid_at = standing.paid_at
        payment.period_end = standing.period_end or payment.period_end
    payment.save(update_fields=["status", "refunded", "paid", "paid_currency", "paid_at", "ref", "period_end"])
    if standing.paid is not None:
        receipts.issue(payment)
