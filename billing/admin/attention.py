"""The page of payments that need a look."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from billing.admin.acts import address
from billing.attention import Line, Matter, gather


def show(model_admin: admin.ModelAdmin, request: HttpRequest, *, allowed: bool) -> HttpResponse:
    if not allowed:
        raise PermissionDenied
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Payments that need a look",
        "matters": [_shown(matter) for matter in gather()],
    }
    return TemplateResponse(request, "billing/admin/attention.html", context)


def _shown(matter: Matter) -> dict[str, object]:
    return {"matter": matter, "lines": [(line, _page_of(line)) for line in matter.lines]}


def _page_of(line: Line) -> str:
    return address(type(line.row), "change", line.row.pk) if line.row is not None else ""
