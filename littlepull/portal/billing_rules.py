"""What happens by itself, and what must not: alerts, auto top-up, caps; and credits moved between one's own keys."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from billing import auto_top_up, ledger
from billing.alerts import add_alert
from billing.errors import BillingError, InsufficientCredits, TooManyAlerts, TransferRefused
from billing.keys import set_cap
from billing.models import BalanceAlert, Product, Subscription
from billing.pricing import format_credits
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.billing_forms import AlertForm, AutoTopUpForm, CapForm, MoveForm
from littlepull.portal.billing_offers import offered
from littlepull.portal.billing_orders import SeeOther, page_of, way_back
from littlepull.portal.billing_overview import posted, show
from littlepull.portal.billing_refusals import explain
from littlepull.templatetags.portal import shorten


@signed_in
@posted
def new_alert(request: PortalRequest) -> HttpResponse:
    form = AlertForm(request.POST, user=request.user)
    if not form.is_valid():
        return show(request, alert_form=form)
    wallet = ledger.get_wallet(form.cleaned_data["key"])
    try:
        add_alert(wallet, credits=form.in_credits(), percent=form.in_percent())
    except TooManyAlerts:
        form.add_error("key", _("This key has as many alerts as it may: remove one first."))
        return show(request, alert_form=form)
    return _done(request, _("You will be told by mail and webhook, once each time."), "alerts")


@signed_in
@posted
def remove_alert(request: PortalRequest, alert_id: str) -> HttpResponse:
    get_object_or_404(BalanceAlert, pk=alert_id, wallet__api_key__user=request.user).delete()
    return _done(request, _("You will not be told any more."), "alerts")


@signed_in
@posted
def set_auto_top_up(request: PortalRequest) -> HttpResponse:
    """A rule whose payment method is not known yet leads to the page of its mandate."""
    packs = [one for one in offered() if one.kind == Product.Kind.TOP_UP]
    form = AutoTopUpForm(request.POST, user=request.user, products=packs)
    if not form.is_valid():
        return show(request, auto_form=form)
    chosen = {name: form.cleaned_data[name] for name in ("product", "threshold", "target")}
    try:
        rule = auto_top_up.set_rule(
            ledger.get_wallet(form.cleaned_data["key"]), user=request.user, return_to=way_back, **chosen
        )
    except BillingError as refusal:
        form.add_error("product", explain(refusal))
        return show(request, auto_form=form)
    if rule.subscription.status == Subscription.Status.PENDING:
        return SeeOther(page_of(rule.subscription))
    return _done(request, _("Saved. It holds from now on."), "auto-top-up")


@signed_in
@posted
def switch_off_auto_top_up(request: PortalRequest, key_id: str) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.owned_by(request.user), pk=key_id)
    auto_top_up.switch_off(ledger.get_wallet(key))
    return _done(request, _("Switched off: nothing is bought by itself."), "auto-top-up")


@signed_in
@posted
def set_key_cap(request: PortalRequest) -> HttpResponse:
    form = CapForm(request.POST, user=request.user)
    if not form.is_valid():
        return show(request, cap_form=form)
    set_cap(form.cleaned_data["key"], form.cleaned_data["cap"])
    return _done(request, _("Saved. It holds from the next request on."), "caps")


@signed_in
@posted
def remove_cap(request: PortalRequest, key_id: str) -> HttpResponse:
    set_cap(get_object_or_404(ApiKey.objects.owned_by(request.user), pk=key_id), None)
    return _done(request, _("The cap is gone: the key may spend what it has."), "caps")


@signed_in
@posted
def move_credits(request: PortalRequest) -> HttpResponse:
    form = MoveForm(request.POST, user=request.user)
    if not form.is_valid():
        return show(request, move_form=form)
    said = form.cleaned_data
    source, target = ledger.get_wallet(said["key"]), ledger.get_wallet(said["to"])
    try:
        ledger.transfer(source, target, said["credits"], key=form.once(target.pk, said["credits"]))
    except TransferRefused:
        form.add_error("to", _("Choose another key than the one that gives."))
    except InsufficientCredits as refusal:
        left = {"amount": shorten(format_credits(refusal.available))}
        form.add_error("credits", _("Only %(amount)s credits are free in that key: nothing was moved.") % left)
    else:
        return _done(request, _("Moved. They keep their kind and their expiry."), "keys")
    return show(request, move_form=form)


def _done(request: PortalRequest, words: str, where: str) -> HttpResponse:
    messages.success(request, words)
    return SeeOther(f"{reverse('billing')}#{where}")


urlpatterns = [
    path("portal/billing/alerts", new_alert, name="billing_new_alert"),
    path("portal/billing/alerts/<str:alert_id>/remove", remove_alert, name="billing_remove_alert"),
    path("portal/billing/auto-top-up", set_auto_top_up, name="billing_set_auto_top_up"),
    path("portal/billing/auto-top-up/<str:key_id>/off", switch_off_auto_top_up, name="billing_auto_top_up_off"),
    path("portal/billing/caps", set_key_cap, name="billing_set_cap"),
    path("portal/billing/caps/<str:key_id>/remove", remove_cap, name="billing_remove_cap"),
    path("portal/billing/moves", move_credits, name="billing_move"),
]
