"""API keys in the portal: made, shown once, changed, rerolled, ended."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import api_keys
from accounts.models import ApiKey
from billing.errors import KeyRefused
from billing.keys import open_key, set_cap, weigh
from billing.pricing import MICRO
from littlepull.portal.access import PortalRequest, recently_signed_in, signed_in
from littlepull.portal.key_forms import GRACES, KeyForm, LimitForm, NewKeyForm, PolicyForm, RevokeForm
from routing.models import KeyLimit, KeyPolicy

SHOWN = 200
USED_FORMS, REMEMBERED = "used_key_forms", 20


@signed_in
def keys_page(request: PortalRequest) -> HttpResponse:
    return _list(request)


@recently_signed_in
def new_key(request: PortalRequest) -> HttpResponse:
    """The answer to the form shows the plaintext: it is in no address, no session and no cache."""
    form = NewKeyForm(request.POST or None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "portal/key_new.html", {"section": "keys", "form": form, "nonce": secrets.token_hex(8)})
    if not _is_first_use(request):
        messages.warning(
            request, _("That key has been made already. Its secret was shown once; reroll it for another.")
        )
        return redirect("keys")
    try:
        key, plaintext = open_key(
            request.user,
            mode=form.cleaned_data["mode"],
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
            payer=form.cleaned_data["pays_from"],
            cap=form.cap_in_micro(),
        )
    except KeyRefused as refusal:
        form.add_error("pays_from", str(refusal))
        return render(request, "portal/key_new.html", {"section": "keys", "form": form, "nonce": secrets.token_hex(8)})
    return _list(request, shown_once=(key, plaintext))


@signed_in
def key_page(request: PortalRequest, key_id: str) -> HttpResponse:
    key = _get(request, key_id)
    known = {"name": key.name, "scopes": key.scopes}
    cap = weigh([key])[key.pk].cap
    form = KeyForm(request.POST or None, initial={**known, "cap": cap and Decimal(cap) / MICRO})
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            key.name, key.scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
            key.save(update_fields=["name", "scopes"])
            set_cap(key, form.cap_in_micro())
        messages.success(request, _("Saved. It holds from the next request on."))
        return redirect("key", key_id)
    return _show(request, key, form=form)


@recently_signed_in
@require_POST
def reroll(request: PortalRequest, key_id: str) -> HttpResponse:
    key, grace = _get(request, key_id), request.POST.get("grace", "0")
    if grace not in dict(GRACES):
        return redirect("key", key_id)
    if not _is_first_use(request):
        messages.warning(request, _("That key has been rerolled already, and its new secret was shown once."))
        return redirect("keys")
    plaintext = api_keys.reroll_key(key, grace=timedelta(seconds=int(grace)))
    return _list(request, shown_once=(_get(request, key_id), plaintext))


@signed_in
@require_POST
def revoke(request: PortalRequest, key_id: str) -> HttpResponse:
    key = _get(request, key_id)
    form = RevokeForm(request.POST, key=key)
    if not form.is_valid():
        return _show(request, key, revoke_form=form)
    api_keys.revoke_key(key)
    messages.success(
        request, _("%(name)s is revoked: nothing opens with it any more.") % {"name": key.name or key.masked}
    )
    return redirect("keys")


@signed_in
@require_POST
def set_policy(request: PortalRequest, key_id: str) -> HttpResponse:
    key = _get(request, key_id)
    form = PolicyForm(request.POST, instance=KeyPolicy.objects.filter(api_key=key).first() or KeyPolicy(api_key=key))
    if not form.is_valid():
        return _show(request, key, policy_form=form)
    form.save()
    messages.success(request, _("Saved. It holds from the next request on."))
    return redirect("key", key_id)


@signed_in
@require_POST
def set_limit(request: PortalRequest, key_id: str) -> HttpResponse:
    key, form = _get(request, key_id), LimitForm(request.POST)
    if not form.is_valid():
        return _show(request, key, limit_form=form)
    which = {"api_key": key, "resource": form.cleaned_data["resource"], "window": form.cleaned_data["window"]}
    KeyLimit.objects.update_or_create(**which, defaults={"limit": form.amount()})
    return redirect("key", key_id)


@signed_in
@require_POST
def remove_limit(request: PortalRequest, key_id: str, limit_id: int) -> HttpResponse:
    get_object_or_404(KeyLimit, pk=limit_id, api_key=_get(request, key_id)).delete()
    return redirect("key", key_id)


def _get(request: PortalRequest, key_id: str) -> ApiKey:
    return get_object_or_404(ApiKey.objects.usable().owned_by(request.user), pk=key_id)


def _is_first_use(request: PortalRequest) -> bool:
    """A form sent twice, by a double click or a reload, makes one key."""
    used, nonce = request.session.get(USED_FORMS, []), request.POST.get("nonce", "")
    if nonce in used:
        return False
    request.session[USED_FORMS] = [*used, nonce][-REMEMBERED:]
    return True


def _list(request: PortalRequest, *, shown_once: tuple[ApiKey, str] | None = None) -> HttpResponse:
    mine = ApiKey.objects.owned_by(request.user)
    keys = list(mine.usable().select_related("pays_from").order_by("-pk")[:SHOWN])
    money = weigh(keys)
    shown = {
        "section": "keys",
        "rows": [(key, money[key.pk]) for key in keys],
        "ended": [key for key in mine.order_by("-pk")[:SHOWN] if key not in keys],
        "shown_once": shown_once,
    }
    return render(request, "portal/keys.html", shown)


def _show(request: PortalRequest, key: ApiKey, **forms: Any) -> HttpResponse:
    policy = KeyPolicy.objects.filter(api_key=key).first()
    shown = {
        "section": "keys",
        "key": key,
        "money": weigh([key])[key.pk],
        "limits": KeyLimit.objects.filter(api_key=key).order_by("resource", "window"),
        "graces": GRACES,
        "nonce": secrets.token_hex(8),
        "form": KeyForm(initial={"name": key.name, "scopes": key.scopes}),
        "policy_form": PolicyForm(instance=policy),
        "limit_form": LimitForm(),
        "revoke_form": RevokeForm(key=key),
    }
    return render(request, "portal/key.html", shown | forms)


urlpatterns = [
    path("portal/keys", keys_page, name="keys"),
    path("portal/keys/new", new_key, name="new_key"),
    path("portal/keys/<str:key_id>", key_page, name="key"),
    path("portal/keys/<str:key_id>/reroll", reroll, name="reroll_key"),
    path("portal/keys/<str:key_id>/revoke", revoke, name="revoke_key"),
    path("portal/keys/<str:key_id>/policy", set_policy, name="set_key_policy"),
    path("portal/keys/<str:key_id>/limits", set_limit, name="set_key_limit"),
    path("portal/keys/<str:key_id>/limits/<int:limit_id>/remove", remove_limit, name="remove_key_limit"),
]
