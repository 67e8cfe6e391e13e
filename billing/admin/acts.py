"""A form for one act on one row: what is known, what is asked, and a key that makes a second submission harmless."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

Facts = list[tuple[str, str]]
DONE_OTHERWISE = "This form was sent before, with other figures: what it did then stands, and nothing was done now."


class OnceForm(forms.Form):
    """Its key comes with the page, so that the same page does its act once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    @property
    def once(self) -> str:
        return f"staff:{self.cleaned_data['key']}"


def address(model: type[Model], name: str, *args: str | int) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=[quote(one) for one in args])


def get_row(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str, *, allowed: bool) -> Any:
    row = model_admin.get_object(request, unquote(pk))
    if not allowed:
        raise PermissionDenied
    if row is None:
        raise Http404
    return row


def show_act(
    model_admin: admin.ModelAdmin, request: HttpRequest, form: forms.Form, *, title: str, verb: str, facts: Facts
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "verb": verb,
        "facts": facts,
        "form": form,
    }
    return TemplateResponse(request, "billing/admin/act.html", context)


def lead_to_act(model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[Any], name: str) -> Any:
    """From a list: an act is about one row."""
    if rows.count() != 1:
        model_admin.message_user(request, "Select one: this is done one by one.", messages.WARNING)
        return None
    return HttpResponseRedirect(address(model_admin.model, name, rows.get().pk))
