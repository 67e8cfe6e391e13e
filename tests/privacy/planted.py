"""A person with rows in every table that may hold something about somebody, and the means to look for their traces."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from accounts import api_keys, audit, webhooks
from accounts.audit_words import AuditAct
from accounts.models import IdempotentRequest, SignIn, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.webhook_secrets import create_secret
from billing import receipts
from billing.models import (
    AutoTopUp,
    BalanceAlert,
    CustomerErasure,
    Payment,
    PaymentEvent,
    Product,
    ReconciliationDifference,
    Refund,
    SpendingCap,
    Subscription,
)
from billing.pricing import MICRO
from extraction import jobs
from extraction.models import Batch, Job
from extraction.saved_schemas import create_schema
from privacy import export, identity, policies, subject_requests
from privacy.models import PolicyNotice, SubjectRequest
from routing.models import Attempt, KeyLimit, KeyPolicy, KeyUsage, LanguageModel, Weighed
from tests.extraction.jobs_in_hand import OUTCOME, submit
from tests.people import Person, make_person
from tests.routing.offers import make_generation, make_model

PAID = {"credits": 500 * MICRO, "amount": 500, "currency": "USD", "paid": 595, "paid_currency": "USD"}


def plant(name: str) -> Person:
    """Somebody called `name`, whose own words all have it in them."""
    return furnish(make_person(name, credits=100), name)


def plant_everything(name: str) -> Person:
    """The same, with more than one of a kind, and jobs in every state."""
    person = plant(name)
    furnish_the_rest(person, name)
    return person


def furnish(person: Person, name: str) -> Person:
    person.user.name = f"{name.title()} Quux"
    person.user.save(update_fields=["name"])
    _plant_account(person, name)
    _plant_keys(person, name)
    _plant_billing(person, name)
    _plant_gateway(person)
    _plant_jobs(person, name)
    _plant_privacy(person, name)
    return person


def furnish_the_rest(person: Person, name: str) -> None:
    """What tests that count rows do not need."""
    user = person.user
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": f"Passkey of {name}", "credential": f"cred-{name}"}
    )
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": f"seed-{name}"})
    _plant_dodo(person, name)
    claimed = submit(person, metadata={"who": f"{name} read"})
    claim = jobs.claim()
    assert claim and claim.job_id == claimed.pk
    jobs.finish(claim, jobs.Outcome(result={"data": {"who": name}}, charge=1, engines={}, timings={}))
    running = submit(person, metadata={"who": f"{name} running"}, webhook_url=f"https://{name}.example/once")
    claim = jobs.claim()
    assert claim and claim.job_id == running.pk
    Job.objects.filter(pk=running.pk).update(lease_expires_at=timezone.now() + timedelta(hours=1))
    stranger = subject_requests.open_request("access", email=user.email, source="written", note=f"Yours, {name}")
    identity.send_code(stranger)
    subject_requests.open_request("rectification", user=user, source="portal", identity="session", note=f"not {name}")


def _plant_dodo(person: Person, name: str) -> None:
    """A mandate and what was paid by it; and an event of theirs that no order of ours is named in."""
    user, wallet, product = person.user, person.wallet, Product.objects.get(pk="credits-500")
    number = hashlib.sha256(name.encode()).hexdigest()[20:40]
    mandate = Subscription.objects.create(
        user=user, wallet=wallet, provider="dodo", key="mandate", ref=f"sub-{number}", customer_ref=f"cus-{name}",
        status="canceled", checkout_url=f"https://pay.example/mandate/{name}",
    )  # fmt: skip
    payment = Payment.objects.create(
        user=user, wallet=wallet, product=product, subscription=mandate, provider="dodo", purpose="auto_top_up",
        key="d", status="succeeded", ref=f"pay-{number}", checkout_url=f"https://dodo.example/{name}", **PAID,
    )  # fmt: skip
    receipts.issue(payment)
    told = {"provider": "dodo", "occurred_at": timezone.now(), "digest": "d", "customer_ref": f"cus-{name}"}
    PaymentEvent.objects.create(
        event_id=f"msg-{number}", type="payment.succeeded", kind="payment_succeeded", order_id=payment.pk,
        payment_ref=payment.ref, **told,
    )  # fmt: skip
    PaymentEvent.objects.create(event_id=f"msg-2-{number}", type="t", kind="other", outcome="ignored", **told)


def _plant_account(person: Person, name: str) -> None:
    user = person.user
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True})
    EmailConfirmation.create(address)
    app, _ = SocialApp.objects.get_or_create(provider="github", name="GitHub", client_id="c")
    social = SocialAccount.objects.create(
        user=user, provider="github", uid=f"uid-{name}", extra_data={"name": user.name, "email": user.email}
    )
    SocialToken.objects.create(app=app, account=social, token=f"token-{name}")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": f"sealed-{name}"})
    SignIn.objects.create(user=user, ip="203.0.113.7", browser=f"Browser of {name}", device="X")
    user.groups.add(Group.objects.get_or_create(name="testers")[0])
    user.user_permissions.add(Permission.objects.first())
    with transaction.atomic():
        audit.record(AuditAct.RECTIFIED, actor=None, subject=user, on=user, fields="name")
    LogEntry.objects.create(
        user=make_person("staff").user,
        content_type=ContentType.objects.get_for_model(EmailAddress),
        object_id=str(address.pk),
        object_repr=str(address),
        action_flag=CHANGE,
    )


def _plant_keys(person: Person, name: str) -> None:
    key, _ = api_keys.create_key(person.user, name=f"Key of {name}")
    api_keys.reroll_key(key, grace=timedelta(hours=1))
    IdempotentRequest.objects.create(api_key=key, route="r", key=f"idem-{name}", fingerprint="f")
    endpoint = WebhookEndpoint.objects.create(user=person.user, url=f"https://{name}.example/hook")
    create_secret(person.user, endpoint)
    (delivery,) = webhooks.enqueue(person.user, "credits.low", {"label": name})
    WebhookAttempt.objects.create(delivery=delivery, number=1)
    assert WebhookDelivery.objects.owned_by(person.user).exists()


def _plant_billing(person: Person, name: str) -> None:
    user, wallet, product = person.user, person.wallet, Product.objects.get(pk="credits-500")
    number = hashlib.sha256(name.encode()).hexdigest()[:20]  # the books keep references, which name nobody
    plan = Subscription.objects.create(
        user=user, wallet=wallet, provider="paddle", key="plan", ref=f"sub-{number}", customer_ref=f"ctm-{name}",
        status="canceled",
    )  # fmt: skip
    payment = Payment.objects.create(
        user=user, wallet=wallet, product=product, subscription=plan, provider="paddle", purpose="top_up", key="k",
        status="succeeded", ref=f"txn-{number}", checkout_url=f"https://pay.example/{name}", **PAID,
    )  # fmt: skip
    receipts.issue(payment)
    Refund.objects.create(payment=payment, key="r", amount=1, reason=f"{name} asked")
    PaymentEvent.objects.create(
        provider="paddle", event_id=f"evt-{number}", type="t", kind="payment_succeeded", occurred_at=timezone.now(),
        digest="d", order_id=payment.pk, payment_ref=payment.ref, customer_ref=f"ctm-{name}",
    )  # fmt: skip
    ReconciliationDifference.objects.create(provider="paddle", kind="amount", order_id=payment.pk)
    BalanceAlert.objects.create(wallet=wallet, credits=5)
    AutoTopUp.objects.create(wallet=wallet, subscription=plan, product=product, threshold=1)
    SpendingCap.objects.create(api_key=person.key, credits=10**12)


def _plant_gateway(person: Person) -> None:
    if not LanguageModel.objects.filter(pk="one/model").exists():
        make_model("one/model")
    generation = make_generation(person.key, "one/model", minutes_ago=5)
    Attempt.objects.create(generation=generation, number=1, model_id="one/model", outcome="ok", latency_ms=5)
    Weighed.objects.create(generation=generation, model_id="one/model", rank=0)
    KeyPolicy.objects.create(api_key=person.key, explore=False)
    KeyLimit.objects.create(api_key=person.key, resource="cost", window="day", limit=7)
    KeyUsage.objects.create(api_key=person.key, window="day", starts_at=timezone.now())


def _plant_jobs(person: Person, name: str) -> None:
    done = submit(person, metadata={"who": name})
    claim = jobs.claim()
    assert claim and claim.job_id == done.pk
    jobs.finish(claim, OUTCOME)
    batch = Batch.objects.create(api_key=person.key)
    Job.objects.filter(pk=done.pk).update(batch=batch, batch_index=0)
    waiting = submit(person, metadata={"who": name})  # with its media in the spool
    Job.objects.filter(pk=waiting.pk).update(run_after=timezone.now() + timedelta(hours=1))
    create_schema(person.user, f"papers-{name}", {"type": "object", "title": f"Papers of {name}"})


def _plant_privacy(person: Person, name: str) -> None:
    user = person.user
    subject_requests.open_request("access", user=user, source="portal", identity="session", note=f"I am {name}")
    identity.send_code(subject_requests.open_request("portability", user=user, source="written"))
    export.place_export(user, source=SubjectRequest.Source.PORTAL)
    current = policies.find_current()
    assert current
    policies.accept(user, current)
    PolicyNotice.objects.create(version=current, user=user, tries=1, sent_at=timezone.now())


def find_traces(*words: str) -> list[str]:
    """Every column of every table, third-party ones too, in which one of the words stands.

    But for what waits to be told to the payment providers: their id of a customer, until they have masked it.
    """
    found = []
    for model in set(apps.get_models(include_auto_created=True)) - {CustomerErasure}:
        for row in model._base_manager.values():
            said = [column for column, value in row.items() for word in words if word.lower() in _text(value)]
            found += [f"{model._meta.label}.{column}" for column in said]
    return sorted(set(found))


def _text(value: object) -> str:
    return (bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)).lower()
