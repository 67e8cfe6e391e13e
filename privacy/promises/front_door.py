"""Our own pages and API as a stranger meets them, asked in this process: what comes out is what counts."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def ask(name: str) -> HttpResponse:
    """The page of that name."""
    return get(reverse(name))


def get(path: str) -> HttpResponse:
    return cast(HttpResponse, visitor().get(path, secure=settings.PRODUCTION))


def visitor() -> Client:
    host = next((host for host in settings.ALLOWED_HOSTS if host != "*" and not host.startswith(".")), "localhost")
    return Client(raise_request_exception=False, SERVER_NAME=host)
