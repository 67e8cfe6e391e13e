"""Plans that somebody has: changed, paused, gone on with, ended. The provider's word changes what is shown."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing import subscriptions
from billing.errors import BillingError
from billing.models import Product, Subscription
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.billing_offers import merchant
from littlepull.portal.billing_orders import SeeOther
from littlepull.portal.billing_overview import posted, show
from littlepull.portal.billing_refusals import explain


@signed_in
@posted
def change(request: PortalRequest, plan_id: str) -> HttpResponse:
    plan = _find(request, plan_id)
    product = Product.objects.filter(pk=request.POST.get("product", ""), active=True).first()
    if product is None:
        return show(request, plan_refusals={plan.pk: _("There is no such plan: nothing was changed.")})
    return _ask(request, plan, lambda: subscriptions.change_plan(plan, product))


@signed_in
@posted
def pause(request: PortalRequest, plan_id: str) -> HttpResponse:
    plan = _find(request, plan_id)
    return _ask(request, plan, lambda: subscriptions.pause(plan))


@signed_in
@posted
def resume(request: PortalRequest, plan_id: str) -> HttpResponse:
    plan = _find(request, plan_id)
    return _ask(request, plan, lambda: subscriptions.resume(plan))


@signed_in
@posted
def cancel(request: PortalRequest, plan_id: str) -> HttpResponse:
    plan, now = _find(request, plan_id), request.POST.get("when") == "now"
    return _ask(request, plan, lambda: subscriptions.cancel(plan, now=now))


@signed_in
@require_GET
def provider_portal(request: PortalRequest, plan_id: str) -> HttpResponse:
    """To the provider's own page for payment methods and invoices. By GET: no form may lead to another host."""
    plan = _find(request, plan_id)
    try:
        return redirect(subscriptions.open_portal(plan))
    except BillingError as refusal:
        return show(request, plan_refusals={plan.pk: explain(refusal)})


def _find(request: PortalRequest, plan_id: str) -> Subscription:
    """One that has begun: before its checkout was gone through, the provider knows of nothing to change."""
    begun = Subscription.objects.filter(user=request.user).exclude(ref="").select_related("product")
    return get_object_or_404(begun, pk=plan_id)


def _ask(request: PortalRequest, plan: Subscription, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except BillingError as refusal:
        return show(request, plan_refusals={plan.pk: explain(refusal)})
    told = _("%(provider)s has been asked. What changes stands here as soon as it says so, mostly within a minute.")
    messages.success(request, told % {"provider": merchant(plan.provider)})
    return SeeOther(reverse("billing"))


urlpatterns = [
    path("portal/billing/plans/<str:plan_id>/change", change, name="billing_change_plan"),
    path("portal/billing/plans/<str:plan_id>/pause", pause, name="billing_pause_plan"),
    path("portal/billing/plans/<str:plan_id>/resume", resume, name="billing_resume_plan"),
    path("portal/billing/plans/<str:plan_id>/cancel", cancel, name="billing_cancel_plan"),
    path("portal/billing/plans/<str:plan_id>/portal", provider_portal, name="billing_provider_portal"),
]
