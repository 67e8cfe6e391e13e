"""Every promise, whether it is kept, and what shows it: signed, for anybody to read and to verify."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.signing import NotGenuine, public_keys, read_statement
from privacy.attesting import find_latest
from privacy.models import Attestation
from privacy.promises import Document


@require_safe
def attestation(request: HttpRequest) -> HttpResponse:
    """Before the worker's first look there is none; then the page says when it comes."""
    latest = find_latest()
    statement = _read(latest) if latest is not None else None
    shown = {"latest": latest, "statement": statement, "documents": _by_document(statement) if statement else []}
    return render(request, "site/attestation.html", shown)


@require_safe
def attestation_json(request: HttpRequest) -> HttpResponse:
    """The same as it was signed: `jws` proves the rest."""
    latest = _get_latest()
    return JsonResponse({**(_read(latest) or {}), "jws": latest.jws})


@require_safe
def attestation_jws(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(_get_latest().jws, content_type="application/jose")
    answer["Content-Disposition"] = 'attachment; filename="littlepull-attestation.jws"'
    return answer


def _get_latest() -> Attestation:
    latest = find_latest()
    if latest is None:
        raise Http404
    return latest


def _read(latest: Attestation) -> dict[str, Any] | None:
    try:
        return read_statement(latest.jws, public_keys())
    except NotGenuine:  # the key it was signed with is published no more; the next look is signed by a new one
        return None


def _by_document(statement: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    grouped = groupby(statement["promises"], key=lambda promise: promise["document"])
    return [(Document(document).label, list(promises)) for document, promises in grouped]


urlpatterns = [
    path("privacy/attestation", attestation, name="attestation"),
    path("privacy/attestation.json", attestation_json, name="attestation_json"),
    path("privacy/attestation.jws", attestation_jws, name="attestation_jws"),
]
