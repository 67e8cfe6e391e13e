from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.api_keys import parse_key
from accounts.models import ApiKey, User
from billing.models import Wallet

pytestmark = pytest.mark.django_db


def create(*options: str) -> str:
    output = StringIO()
    call_command("createkey", *options, stdout=output)
    return output.getvalue()


def test_it_prints_the_key_alone_and_grants_credits():
    plaintext = create("--email", "dora@example.com", "--credits", "12.5").strip()
    key = ApiKey.objects.get(public_id=parse_key(plaintext).public_id)
    assert key.user.email == "dora@example.com"
    assert Wallet.objects.get(api_key=key).available == 12_500_000


def test_it_uses_the_account_that_is_there():
    for email in ("dora@example.com", "Dora@Example.com"):
        create("--email", email)
    assert User.objects.count() == 1
    assert ApiKey.objects.count() == 2


def test_it_makes_test_keys_with_chosen_scopes():
    plaintext = create("--email", "dora@example.com", "--mode", "test", "--scopes", "account:read").strip()
    assert plaintext.startswith("lp_test_")
    assert ApiKey.objects.get().scopes == ["account:read"]


@pytest.mark.parametrize("options", [("--credits", "-1"), ("--credits", "1.2345678"), ("--credits", "x")])
def test_it_refuses_credits_that_are_none(options):
    with pytest.raises(CommandError):
        create("--email", "dora@example.com", *options)


def test_it_refuses_what_is_no_address():
    with pytest.raises(CommandError):
        create("--email", "dora")
