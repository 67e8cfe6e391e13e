"""Addresses: the API, the admin, and how the operator sees that all is well."""

from django.contrib import admin
from django.urls import path

from littlepull import health
from littlepull.api import api

urlpatterns = [
    path("v1/", api.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
]
