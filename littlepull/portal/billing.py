"""Billing in the portal: its overview here, the other pages in the modules beside."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from littlepull.portal import billing_orders, billing_papers, billing_plans, billing_rules
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.billing_overview import show


@signed_in
@require_GET
def billing_page(request: PortalRequest) -> HttpResponse:
    return show(request)


urlpatterns = [
    path("portal/billing", billing_page, name="billing"),
    *billing_orders.urlpatterns,
    *billing_plans.urlpatterns,
    *billing_rules.urlpatterns,
    *billing_papers.urlpatterns,
]
