"""The console by its addresses: each of the four roles at every one of them, against the table of roles.

What no role of the table allows is refused. `tests/littlepull/test_console.py` tells what each does with what it may.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from billing.models import Payment
from littlepull.console.roles import ROLES
from tests.privacy.planted import plant
from tests.security.walking import addresses

pytestmark = pytest.mark.django_db
PLAIN = {"changelist": "view", "add": "add", "change": "view", "history": "view", "delete": "delete"}
# Addresses that are no model's usual five: the permission each asks for. Empty: open to all staff.
OF_THEIR_OWN = {
    "billing_wallet_adjust": "billing.adjust_wallet",
    "billing_payment_refund": "billing.refund_payment",
    "billing_payment_attention": "billing.view_payment",
}
ALL_STAFF = {"index", "login", "logout", "password_change", "password_change_done", "jsi18n", "autocomplete"}
ALL_STAFF |= {"view_on_site", "app_list"}  # lists only what one may see
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def enter(client, role: str) -> User:
    call_command("make_roles", verbosity=0)
    user = User.objects.create_user(f"{role.replace(' ', '-')}@example.com", "correct horse battery", is_staff=True)
    if role != "nothing":
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def may(role: str, permission: str) -> bool:
    """Django's own rule: who may change something may see it."""
    app, _, word = permission.partition(".")
    also = {permission, f"{app}.{word.replace('view_', 'change_', 1)}"} if word.startswith("view_") else {permission}
    return bool(also & set(ROLES.get(role, ())))


def test_every_address_of_the_console_is_on_the_table():
    usual = {f"{model._meta.app_label}_{model._meta.model_name}_{page}" for model in MODELS for page in PLAIN}
    named = {url.name for pattern, url in addresses() if pattern.startswith("admin/") and url.name}
    assert named == usual | set(OF_THEIR_OWN) | ALL_STAFF


def pages_of(model: type[Model]) -> Iterator[tuple[str, str]]:
    row = model._base_manager.first()
    for page, verb in PLAIN.items():
        if page in ("changelist", "add"):
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"), verb
        elif row is not None:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[row.pk]), verb


@pytest.mark.parametrize("role", [*ROLES, "nothing"])
def test_a_role_opens_what_is_its_own_and_nothing_else(client, role):
    plant("alice")
    enter(client, role)
    walked = refused = 0
    for model in MODELS:
        for page, verb in pages_of(model):
            allowed = may(role, f"{model._meta.app_label}.{verb}_{model._meta.model_name}")
            for ask in (client.get,) if allowed or verb == "view" else (client.get, client.post):
                status = ask(page).status_code
                assert (status == 403) is not allowed, (page, status)
                walked, refused = walked + 1, refused + (not allowed)
    assert walked > 100 and refused > 50


@pytest.mark.parametrize("role", [*ROLES, "nothing"])
@pytest.mark.parametrize("name", OF_THEIR_OWN)
def test_an_act_of_its_own_asks_for_its_own_permission(client, role, name):
    alice = plant("alice")
    enter(client, role)
    target = {
        "billing_wallet_adjust": [alice.wallet.pk],
        "billing_payment_refund": [Payment.objects.filter(user=alice.user).earliest("created_at").pk],
    }
    page = reverse(f"admin:{name}", args=target.get(name, []))
    for ask in (client.get, client.post):
        status = ask(page).status_code
        assert (status == 403) is not may(role, OF_THEIR_OWN[name]), (name, role, status)


@pytest.mark.parametrize("role", [*ROLES, "nothing"])
def test_the_search_of_fields_tells_nobody_what_they_may_not_see(client, role):
    plant("alice")
    enter(client, role)
    for model in MODELS:
        for field in model._meta.fields:
            target = field.related_model
            if target is None or target not in admin.site._registry:
                continue
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
            status = client.get(reverse("admin:autocomplete"), {**asked, "term": "a"}).status_code
            if not may(role, f"{target._meta.app_label}.view_{target._meta.model_name}"):
                assert status in (403, 404), (asked, status)


@pytest.mark.parametrize("who", ["nobody", "customer"])
def test_who_is_not_staff_finds_only_the_door(client, who, alice):
    if who == "customer":
        client.force_login(alice.user)
    for model in MODELS:
        for page, _verb in pages_of(model):
            answer = client.get(page)
            assert answer.status_code == 302 and answer["Location"].startswith("/admin/login/"), page


def test_no_role_can_give_rights_away():
    rights = {f"auth.{verb}_{what}" for verb in ("add", "change", "delete") for what in ("group", "permission")}
    assert not rights & {one for some in ROLES.values() for one in some}
    assert Permission not in admin.site._registry


def test_every_action_of_the_console_names_its_permission():
    unguarded = [
        f"{model._meta.label}.{name}"
        for model, console in admin.site._registry.items()
        for name, action in _actions(console)
        if not getattr(action, "allowed_permissions", ())
    ]
    assert unguarded == []


def _actions(console: admin.ModelAdmin) -> Iterator[tuple[str, object]]:
    for action, name, _description in console._get_base_actions():
        yield name, action
