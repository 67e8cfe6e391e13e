"""The act of adjusting a wallet (F87): credits given or taken by staff, with a reason and a note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from billing import ledger
from billing.admin.acts import DONE_OTHERWISE, Facts, OnceForm, address, get_row, show_act
from billing.admin.shown import MOST, CreditsField, shorten
from billing.errors import InsufficientCredits
from billing.models import Entry, Transaction, Wallet


class AdjustForm(OnceForm):
    credits = CreditsField(at_least=-MOST, help_text="Below zero takes them, as far as they are free.")
    reason = forms.ChoiceField(choices=Transaction.Reason.choices)
    note = forms.CharField(
        max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="What happened. The customer can read it."
    )

    def clean_credits(self) -> int:
        if not self.cleaned_data["credits"]:
            raise forms.ValidationError("An adjustment of nothing is none.")
        return self.cleaned_data["credits"]


def adjust(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str, *, allowed: bool) -> HttpResponse:
    wallet = get_row(model_admin, request, pk, allowed=allowed)
    form = AdjustForm(request.POST or None)
    if form.is_valid():
        try:
            return _carry_out(model_admin, request, wallet, form)
        except InsufficientCredits as refused:
            form.add_error("credits", f"Only {shorten(refused.available)} credits of this wallet are free.")
    title = f"Adjust the credits of {wallet.api_key.masked}"
    return show_act(model_admin, request, form, title=title, verb="Adjust credits", facts=_facts(wallet))


def _carry_out(model_admin: admin.ModelAdmin, request: HttpRequest, wallet: Wallet, form: AdjustForm) -> HttpResponse:
    asked: dict[str, Any] = form.cleaned_data
    written = ledger.adjust(
        wallet,
        asked["credits"],
        key=form.once,
        reason=Transaction.Reason(asked["reason"]),
        note=asked["note"],
        actor=request.user,  # type: ignore[arg-type]
    )
    if _is_what_was_asked(written, asked):
        model_admin.log_change(request, wallet, f"adjusted: {written.pk}")
        model_admin.message_user(request, f"Adjusted by {shorten(asked['credits'])} credits.", messages.SUCCESS)
    else:
        model_admin.message_user(request, DONE_OTHERWISE, messages.WARNING)
    return HttpResponseRedirect(address(Transaction, "change", written.pk))


def _is_what_was_asked(written: Transaction, asked: dict[str, Any]) -> bool:
    funding = written.entries.get(account=Entry.Account.FUNDING)
    said = (-funding.credits, written.reason, written.note)
    return said == (asked["credits"], asked["reason"], asked["note"])


def _facts(wallet: Wallet) -> Facts:
    columns = ("available", "held", "frozen", "debt")
    amounts = [(name.capitalize(), f"{shorten(getattr(wallet, name))} credits") for name in columns]
    return [("Account", wallet.api_key.user.email), *amounts]
