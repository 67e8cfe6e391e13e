"""Addresses: the API, the site, the portal, the admin, and how the operator sees that all is well."""

from allauth.account.views import password_reset_from_key
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from billing.providers.words import Provider
from billing.webhooks import receive
from littlepull import health, well_known
from littlepull.api import api
from littlepull.metrics.page import metrics
from littlepull.portal import acceptance, billing, dashboard, gateway_log, jobs, keys, playground, privacy
from littlepull.portal import settings as account_settings
from littlepull.site import asking, attestation, docs, home, policy, record, reference, security, status
from littlepull.site.pricing import pricing_page
from littlepull.site.statistics import statistics_page

RESET_LINK = r"^accounts/password/reset/key/(?P<uidb36>[0-9a-z_]+)-(?P<key>.+)/$"

handler400 = "littlepull.site.refusals.bad_request"
handler403 = "littlepull.site.refusals.permission_denied"
handler404 = "littlepull.site.refusals.not_found"
handler500 = "littlepull.site.refusals.server_error"

urlpatterns = [
    *home.urlpatterns,
    *reference.urlpatterns,
    *docs.urlpatterns,
    *security.urlpatterns,
    *status.urlpatterns,
    path("v1/", api.urls),
    path(".well-known/littlepull-keys.json", well_known.signing_keys),
    *(path(f"webhooks/{provider}", receive, {"provider": provider.value}) for provider in Provider),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}littlepull/mark.svg", permanent=True)),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
    path("pricing", pricing_page, name="pricing"),
    path("statistics/models", statistics_page, name="statistics"),
    # allauth's own pattern knows only ids of letters and digits; ours have an underscore.
    re_path(RESET_LINK, password_reset_from_key, name="account_reset_password_from_key"),
    path("accounts/", include("allauth.urls")),
    *policy.urlpatterns,
    *record.urlpatterns,
    *attestation.urlpatterns,
    *asking.urlpatterns,
    *dashboard.urlpatterns,
    *playground.urlpatterns,
    *jobs.urlpatterns,
    *gateway_log.urlpatterns,
    *keys.urlpatterns,
    *billing.urlpatterns,
    *privacy.urlpatterns,
    *acceptance.urlpatterns,
    *account_settings.urlpatterns,
    path("admin/", admin.site.urls),
]
