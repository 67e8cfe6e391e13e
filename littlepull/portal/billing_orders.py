"""Orders: placed once, paid at the provider, watched here until what they buy has come."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing import ledger, payments, subscriptions
from billing.errors import BillingError
from billing.models import AutoTopUp, Payment, Product, Subscription
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.billing_forms import BuyForm, OrderForm, SubscribeForm
from littlepull.portal.billing_offers import merchant, offered
from littlepull.portal.billing_overview import posted, show
from littlepull.portal.billing_refusals import explain
from littlepull.portal.billing_words import UNSETTLED, payment_state, subscription_state

Order = Payment | Subscription
RUNNING = (Subscription.Status.ACTIVE, Subscription.Status.TRIALING)
WATCHED_SECONDS = 3600  # longer than any checkout takes; a page that is left open asks no more after it


class SeeOther(HttpResponseRedirect):
    """What was asked for by POST is done: its page is read by GET, and a reload repeats nothing."""

    status_code = 303


@signed_in
@posted
def buy(request: PortalRequest) -> HttpResponse:
    packs = [one for one in offered() if one.kind == Product.Kind.TOP_UP]
    form = BuyForm(request.POST, user=request.user, products=packs)
    order = _place(request, form)
    return SeeOther(page_of(order)) if order else show(request, buy_form=form)


@signed_in
@posted
def subscribe(request: PortalRequest) -> HttpResponse:
    plans = [one for one in offered() if one.kind == Product.Kind.PLAN]
    form = SubscribeForm(request.POST, user=request.user, products=plans)
    order = _place(request, form)
    return SeeOther(page_of(order)) if order else show(request, plan_form=form)


@signed_in
@require_GET
def order_page(request: PortalRequest, order_id: str) -> HttpResponse:
    return render(request, "portal/billing_order.html", _describe(_find(request, order_id)))


@signed_in
@require_GET
def order_state(request: PortalRequest, order_id: str) -> HttpResponse:
    """The part of the page that changes, while it is watched; nothing where it is as it was `seen`."""
    described = _describe(_find(request, order_id))
    if described["watched"] and request.GET.get("seen") == described["order"].status:
        return HttpResponse(status=204)
    return render(request, "portal/_billing_order_state.html", described)


@signed_in
@posted
def open_again(request: PortalRequest, order_id: str) -> HttpResponse:
    """For an order whose provider did not answer when it was placed."""
    order = _find(request, order_id)
    try:
        _open_checkout(order)
    except BillingError as refusal:
        return render(request, "portal/billing_order.html", _describe(order) | {"refusal": explain(refusal)})
    return SeeOther(page_of(order))


@signed_in
@require_GET
def invoice(request: PortalRequest, order_id: str) -> HttpResponse:
    """To the provider's own tax invoice. By GET: no form may lead to another host."""
    payment = _find(request, order_id)
    if not isinstance(payment, Payment) or payment.paid is None:
        raise Http404
    try:
        address = payments.find_invoice_url(payment)
    except BillingError as refusal:
        return render(request, "portal/billing_order.html", _describe(payment) | {"refusal": explain(refusal)})
    if not address:
        raise Http404
    return redirect(address)


def page_of(order: Order) -> str:
    return reverse("billing_order", args=[order.pk])


def way_back(order: Order) -> str:
    """Whoever has paid at the provider, or has thought better of it, comes back to the order's page."""
    return settings.SITE_URL.rstrip("/") + page_of(order)


def _open_checkout(order: Order) -> None:
    """Raises ProviderError."""
    back = way_back(order)
    if isinstance(order, Payment):
        payments.open_checkout(order, return_url=back, cancel_url=back)
    else:
        subscriptions.open_checkout(order, mandate_for=_rule_of(order), return_url=back, cancel_url=back)


def _place(request: PortalRequest, form: OrderForm) -> Order | None:
    """None: the form says why not."""
    if not form.is_valid():
        return None
    wallet, product = ledger.get_wallet(form.cleaned_data["key"]), form.cleaned_data["product"]
    provider = form.cleaned_data["provider"]
    asked: dict[str, Any] = {"user": request.user, "provider": provider, "key": form.once(product.pk, provider)}
    try:
        order: Order
        if product.kind == Product.Kind.PLAN:
            order = subscriptions.place_subscription(wallet, product, **asked)
        else:
            order = payments.place_order(wallet, product, **asked)
        _open_checkout(order)
    except BillingError as refusal:
        form.refuse(explain(refusal))
        return None
    return order


def _find(request: PortalRequest, order_id: str) -> Order:
    """A payment or a subscription of the user's."""
    if order_id.startswith("sub_"):
        plans = Subscription.objects.filter(user=request.user).select_related("wallet__api_key", "product", "user")
        return get_object_or_404(plans, pk=order_id)
    rows = Payment.objects.filter(user=request.user).select_related("wallet__api_key", "product", "user", "receipt")
    return get_object_or_404(rows, pk=order_id)


def _describe(order: Order) -> dict[str, Any]:
    product: Product | None
    paid: Payment | None
    if isinstance(order, Payment):
        state, waiting, running = payment_state(order), order.status in UNSETTLED, False
        product, paid = order.product, order
    else:
        state, running = subscription_state(order), order.status in RUNNING
        product, paid = order.product or _rule_of(order), _newest_paid(order) if running else None
        waiting = order.status == Subscription.Status.PENDING or bool(running and order.product and paid is None)
    age = (timezone.now() - order.created_at).total_seconds()
    return {
        "section": "billing",
        "order": order,
        "product": product,
        "is_mandate": isinstance(order, Subscription) and order.product is None,
        "is_plan": isinstance(order, Subscription) and order.product is not None,
        "state": state,
        "credited": paid if paid is not None and paid.status == Payment.Status.SUCCEEDED else None,
        "running": running,
        "provider": merchant(order.provider),
        "host": urlsplit(order.checkout_url).hostname,
        "payable": order.status in (Payment.Status.CREATED, Subscription.Status.PENDING),
        "waiting": waiting,
        "watched": waiting and age < WATCHED_SECONDS,
    }


def _newest_paid(plan: Subscription) -> Payment | None:
    return plan.payments.filter(paid__isnull=False).order_by("pk").last()


def _rule_of(mandate: Subscription) -> Product | None:
    """What is bought by a mandate."""
    rule = AutoTopUp.objects.filter(subscription=mandate).select_related("product").first()
    return rule.product if rule else None


urlpatterns = [
    path("portal/billing/orders", buy, name="billing_buy"),
    path("portal/billing/plans", subscribe, name="billing_subscribe"),
    path("portal/billing/orders/<str:order_id>", order_page, name="billing_order"),
    path("portal/billing/orders/<str:order_id>/state", order_state, name="billing_order_state"),
    path("portal/billing/orders/<str:order_id>/checkout", open_again, name="billing_open_again"),
    path("portal/billing/orders/<str:order_id>/invoice", invoice, name="billing_invoice"),
]
