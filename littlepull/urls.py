"""Addresses: the API, the admin, and how the operator sees that all is well."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from billing.providers.words import Provider
from billing.webhooks import receive
from littlepull import health, well_known
from littlepull.api import api
from littlepull.pricing_page import pricing_page
from routing.views import statistics_page

admin.site.site_header = admin.site.site_title = "LittlePull console"
admin.site.index_title = "Everything"
admin.site.site_url = "/v1/docs"

urlpatterns = [
    path("", RedirectView.as_view(url="/v1/docs")),
    path("v1/", api.urls),
    path(".well-known/littlepull-keys.json", well_known.signing_keys),
    *(path(f"webhooks/{provider}", receive, {"provider": provider.value}) for provider in Provider),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("pricing", pricing_page),
    path("statistics/models", statistics_page),
    path("admin/", admin.site.urls),
]
