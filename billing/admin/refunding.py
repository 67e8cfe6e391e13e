"""The act of refunding a payment (F84): all of it or a part, never more than was paid and not given back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from billing import payments
from billing.admin.acts import DONE_OTHERWISE, Facts, OnceForm, address, get_row, show_act
from billing.admin.shown import shorten
from billing.errors import BillingError
from billing.models import Payment, Refund
from billing.pricing import format_money, parse_money
from billing.providers.errors import ProviderUnavailable

OPEN = (
    "The provider does not answer, and whether it has refunded is open. The request stays in the list of refunds: "
    "look at the provider's own page before asking again."
)


class RefundForm(OnceForm):
    amount = forms.DecimalField(
        required=False, min_value=Decimal("0.001"), max_digits=12, help_text="Empty: all that is left of it."
    )
    reason = forms.CharField(
        max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="The provider is told it, too."
    )

    def __init__(self, *args: Any, payment: Payment) -> None:
        super().__init__(*args)
        self._payment = payment
        self.fields["amount"].label = f"Amount, {payment.paid_currency or payment.currency}"

    def clean_amount(self) -> int | None:
        amount = self.cleaned_data["amount"]
        try:
            return None if amount is None else parse_money(amount, self._payment.paid_currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


def refund(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str, *, allowed: bool) -> HttpResponse:
    payment = get_row(model_admin, request, pk, allowed=allowed)
    form = RefundForm(request.POST or None, payment=payment)
    if form.is_valid():
        try:
            return _carry_out(model_admin, request, payment, form)
        except ProviderUnavailable:
            model_admin.message_user(request, OPEN, messages.WARNING)
            return HttpResponseRedirect(address(Payment, "change", payment.pk))
        except BillingError as refused:
            form.add_error(None, str(refused))
    title = f"Refund payment {payment.pk}"
    return show_act(model_admin, request, form, title=title, verb="Request refund", facts=_facts(payment))


def _carry_out(model_admin: admin.ModelAdmin, request: HttpRequest, payment: Payment, form: RefundForm) -> HttpResponse:
    amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
    asked = payments.request_refund(payment, amount=amount, reason=reason, key=form.once, actor=request.user)  # type: ignore[arg-type]
    money = format_money(asked.amount, payment.paid_currency)
    if reason == asked.reason and amount in (None, asked.amount):
        model_admin.log_change(request, payment, f"refund requested: {asked.pk}, {money}")
        text = f"A refund of {money} is requested. Credits are taken back when the provider confirms it."
        model_admin.message_user(request, text, messages.SUCCESS)
    else:
        model_admin.message_user(request, DONE_OTHERWISE, messages.WARNING)
    return HttpResponseRedirect(address(Payment, "change", payment.pk))


def _facts(payment: Payment) -> Facts:
    def money(amount: int) -> str:
        return format_money(amount, payment.paid_currency)

    asked = payment.refunds.filter(status=Refund.Status.REQUESTED).aggregate(total=Sum("amount"))["total"] or 0
    unspent = payment.lots.aggregate(total=Sum("left"))["total"] or 0
    left = (payment.paid or 0) - payment.refunded - asked
    return [
        ("Account", payment.user.email),
        ("Paid, tax included", money(payment.paid or 0)),
        ("Refunded already", money(payment.refunded)),
        ("Asked for, not confirmed", money(asked)),
        ("Left to refund", money(max(left, 0))),
        ("Credits bought", shorten(payment.credits)),
        ("Of them not spent", f"{shorten(unspent)}; what is taken back beyond that becomes a debt"),
    ]
