"""manage.py simulate_payment: buys credits from a rehearsed provider, start to end, and shows each step.

The provider is a local server that speaks the real wire format; the real SDK talks to it. No money moves.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings

from accounts.models import ApiKey
from billing import intake, ledger, payments, rehearsal
from billing.models import Payment, Product
from billing.pricing import format_credits
from billing.providers.words import Provider

FATES = ("paid", "declined", "refunded", "disputed", "lost")


class Command(BaseCommand):
    help = "Buys a pack of credits for a key from a rehearsed payment provider. For development only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="whose newest live key it is bought for")
        parser.add_argument("--product", default="credits-500")
        parser.add_argument("--provider", choices=[one.value for one in Provider], default=Provider.DODO.value)
        parser.add_argument("--fate", choices=FATES, default="paid", help="what becomes of the payment")

    def handle(self, *, email: str, product: str, provider: str, fate: str, **_: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Not in production: credits are bought there, not simulated.")
        key = ApiKey.objects.usable().filter(user__email__iexact=email, mode=ApiKey.Mode.LIVE).order_by("-pk").first()
        pack = Product.objects.filter(pk=product, kind=Product.Kind.TOP_UP).first()
        if key is None or pack is None:
            raise CommandError("There is no such key, or no such pack of credits.")
        running, column = rehearsal.start(), f"{provider}_ref"
        unnamed = Product.objects.filter(pk=pack.pk, **{column: ""})
        named = unnamed.update(**{column: "rehearsal"})
        pack.refresh_from_db()
        try:
            with override_settings(**running.settings):
                self._buy(key, pack, provider, fate, running)
        finally:
            running.close()
            if named:
                Product.objects.filter(pk=pack.pk).update(**{column: ""})

    def _buy(self, key: ApiKey, pack: Product, provider: str, fate: str, running: rehearsal.Rehearsal) -> None:
        wallet = ledger.get_wallet(key)
        running.books.prices[pack.dodo_ref] = running.books.prices[pack.paddle_ref] = pack.amount
        order_key = f"simulated:{time.time_ns()}"
        payment = payments.place_order(wallet, pack, user=key.user, provider=provider, key=order_key)
        payment.product = pack
        self.stdout.write(f"order      {payment.pk} of {pack.name} for {key.masked}")
        payment = payments.open_checkout(payment)
        self.stdout.write(f"checkout   {payment.checkout_url}")
        sale = running.books.sales[payment.checkout_ref]
        running.fail(sale.checkout_ref) if fate == "declined" else running.pay(sale.checkout_ref)
        if fate == "refunded":
            running.refund(sale.ref)
        if fate in ("disputed", "lost"):
            running.open_dispute(sale.ref)
        if fate == "lost":
            running.lose_dispute(sale.ref)
        for told in running.told:
            delivery = running.sign(told)
            row = intake.take_in(provider, delivery.headers, delivery.body)
            intake.process(row)
            self.stdout.write(f"webhook    {row.type}: {intake.PaymentEvent.objects.get(pk=row.pk).outcome}")
        payment = Payment.objects.select_related("wallet").get(pk=payment.pk)
        left = payment.wallet
        self.stdout.write(f"payment    {payment.status}")
        self.stdout.write(
            f"credits    {format_credits(left.available)} available, {format_credits(left.frozen)} frozen, "
            f"{format_credits(left.debt)} owed"
        )
