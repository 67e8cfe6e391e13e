"""Customer records at the payment providers: masked there when somebody is erased here, whatever happens on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.erasure import mask_user
from billing import customers
from billing.attention import gather
from billing.customers import forget_due, masked_address, place_erasure
from billing.erasure import mask_late_references, mask_payment_events, mask_subscriptions
from billing.models import CustomerErasure, Payment, PaymentEvent, Product, Subscription
from billing.rehearsal.books import Customer
from tests.people import make_person

pytestmark = pytest.mark.django_db
REFS = {"dodo": "cus_Zebulon1", "paddle": "ctm_zebulon1"}
both = pytest.mark.parametrize("name", ["dodo", "paddle"])


@pytest.fixture
def held(providers) -> dict[str, Customer]:
    """What each provider holds of Zebulon, and of somebody else."""
    made = {name: Customer(ref, "zebulon@example.com", "Zebulon Quux") for name, ref in REFS.items()}
    for customer in made.values():
        customer.notes, customer.methods = {"who": "zebulon"}, ["pm_1", "pm_2"]
    made["dodo"].phone_number = "+1 555 0100 zebulon"
    address = {"id": "add_1", "description": "of zebulon", "first_line": "Zebulon Street 1", "second_line": None}
    address |= {"city": "Zebulon", "postal_code": "27597", "region": "NC", "country_code": "US"}
    made["paddle"].addresses["add_1"] = address | {"custom_data": {"who": "zebulon"}, "status": "active"}
    business = {"id": "biz_1", "name": "Zebulon Ltd", "company_number": "zeb-1", "tax_identifier": "zeb-2"}
    contacts = [{"name": "Zebulon", "email": "zebulon@example.com"}]
    made["paddle"].businesses["biz_1"] = business | {"contacts": contacts, "custom_data": None, "status": "archived"}
    providers.books.customers |= {customer.ref: customer for customer in made.values()}
    providers.books.customers["cus_other"] = Customer("cus_other")
    return made


def waiting(**changes) -> CustomerErasure:
    CustomerErasure.objects.update(next_try_at=timezone.now(), **changes)
    return CustomerErasure.objects.get()


@both
def test_all_that_can_be_masked_is_and_ways_to_pay_are_deleted(providers, held, name):
    row = place_erasure(name, REFS[name])
    assert forget_due() == 1
    assert "zebulon" not in repr(held[name]).replace(REFS[name], "").replace(masked_address(REFS[name]), "").lower()
    assert held[name].email == masked_address(REFS[name]) and held[name].methods == []
    row.refresh_from_db()
    assert (row.status, row.customer_ref) == ("done", "") and row.done_at
    assert providers.books.customers["cus_other"].name == "Ada Lovelace"
    assert forget_due() == 0


@both
@pytest.mark.parametrize("trouble", [500, 429, "hang", "garble"])
def test_a_provider_that_does_not_answer_is_asked_again(providers, held, name, trouble):
    row = place_erasure(name, REFS[name])
    providers.trouble += [trouble] * 3  # the SDKs try again by themselves
    forget_due()
    row.refresh_from_db()
    assert (row.status, row.tries) == ("waiting", 1) and row.next_try_at > timezone.now()
    assert forget_due() == 0 and held[name].name == "Zebulon Quux"
    providers.trouble.clear()
    waiting()
    assert forget_due() == 1 and waiting().status == "done"


@both
def test_broken_off_in_the_middle_it_is_taken_up_again(providers, held, name):
    place_erasure(name, REFS[name])
    held[name].methods = ["pm_2"]  # the first is deleted already
    providers.trouble += [None, None, *[500] * 3]  # type: ignore[list-item]
    forget_due()
    waiting()
    providers.trouble.clear()
    forget_due()
    assert waiting().status == "done" and held[name].methods == []


def test_whoever_died_at_it_has_lost_it_after_a_while(providers, held, monkeypatch):
    place_erasure("dodo", REFS["dodo"])
    monkeypatch.setitem(customers.ADAPTERS, "dodo", None)
    with pytest.raises(AttributeError):
        forget_due()
    monkeypatch.undo()
    assert forget_due() == 0 and CustomerErasure.objects.get().status == "waiting"
    CustomerErasure.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert forget_due() == 1 and CustomerErasure.objects.get().status == "done"


@both
def test_what_a_provider_refuses_is_left_to_staff(providers, held, name):
    row = place_erasure(name, REFS[name])
    providers.trouble += [422]
    forget_due()
    row.refresh_from_db()
    assert (row.status, row.why, row.customer_ref) == ("by_hand", "refused", REFS[name])
    assert forget_due() == 0
    customers.close_by_hand(row)
    row.refresh_from_db()
    assert (row.status, row.customer_ref) == ("done", "")


def test_a_customer_who_is_known_there_no_more_is_looked_at_by_staff(providers):
    place_erasure("paddle", "ctm_gone")
    forget_due()
    assert waiting().status == "by_hand"


def test_without_the_providers_key_it_waits(providers, held, settings):
    settings.DODO_PAYMENTS_API_KEY = ""
    place_erasure("dodo", REFS["dodo"])
    forget_due()
    assert waiting().status == "waiting" and not providers.asked


@pytest.mark.parametrize("by", ["plan", "payment"])
def test_a_customer_whom_another_account_pays_as_is_left_alone(providers, held, by):
    other = make_person("yolanda")
    owned = {"user": other.user, "wallet": other.wallet, "provider": "dodo", "key": "k", "ref": "r1"}
    told = {"provider": "dodo", "event_id": "e", "type": "t", "kind": "other", "occurred_at": timezone.now()}
    if by == "plan":
        Subscription.objects.create(customer_ref=REFS["dodo"], **owned)
    else:
        product = Product.objects.get(pk="credits-500")
        facts = {"credits": 1, "amount": 1, "currency": "USD", "purpose": "top_up", "product": product}
        Payment.objects.create(**owned, **facts)
        PaymentEvent.objects.create(**told, digest="d", payment_ref="r1", customer_ref=REFS["dodo"])
    place_erasure("dodo", REFS["dodo"])
    forget_due()
    row = waiting()
    assert (row.status, row.why) == ("by_hand", "shared") and held["dodo"].name == "Zebulon Quux"
    other.user.is_active = False
    other.user.save()
    waiting(status="waiting")
    forget_due()
    assert waiting().status == "done"


def test_an_erasure_writes_each_down_once_before_the_reference_is_gone(held):
    person = make_person("zebulon")
    owned = {"user": person.user, "wallet": person.wallet, "status": "canceled"}
    Subscription.objects.create(**owned, provider="paddle", key="a", ref="s1", customer_ref=REFS["paddle"])
    told = {"type": "t", "kind": "other", "occurred_at": timezone.now(), "digest": "d"}
    PaymentEvent.objects.create(
        **told, provider="paddle", event_id="e1", subscription_ref="s1", customer_ref=REFS["paddle"]
    )
    PaymentEvent.objects.create(**told, provider="dodo", event_id="e2", customer_ref=REFS["dodo"])  # of nobody known
    for _ in range(2):
        mask_payment_events(person.user)
        mask_subscriptions(person.user)
    (row,) = CustomerErasure.objects.all()
    assert (row.provider, row.customer_ref) == ("paddle", REFS["paddle"])
    assert forget_due() == 1 and held["paddle"].name is None
    assert PaymentEvent.objects.get(event_id="e2").customer_ref == REFS["dodo"]


def test_what_a_provider_tells_after_the_erasure_is_masked_too(held):
    erased, other = make_person("zebulon"), make_person("yolanda")
    for person, ref in ((erased, "s1"), (other, "s2")):
        owned = {"user": person.user, "wallet": person.wallet, "status": "canceled", "key": "k"}
        plan = Subscription.objects.create(**owned, provider="paddle", ref=ref)
        product = Product.objects.get(pk="starter")
        facts = {"credits": 1, "amount": 1, "currency": "USD", "purpose": "plan", "product": product}
        Payment.objects.create(**owned | {"status": "succeeded"}, provider="paddle", subscription=plan, **facts)
        told = {"type": "t", "kind": "subscription_changed", "occurred_at": timezone.now(), "digest": "d"}
        PaymentEvent.objects.create(
            **told, provider="paddle", event_id=ref, subscription_ref=ref, customer_ref=f"ctm_{ref}"
        )
    assert mask_late_references() == 0
    mask_user(erased.user)
    assert mask_late_references() == 1 and mask_late_references() == 0
    assert {one.event_id: one.customer_ref for one in PaymentEvent.objects.all()} == {"s1": "", "s2": "ctm_s2"}
    assert CustomerErasure.objects.get().customer_ref == "ctm_s1"


def test_staff_see_what_is_left_to_them_and_close_it(client, providers):
    place_erasure("paddle", "ctm_gone")
    forget_due()
    (matter,) = [one for one in gather() if "not forgotten" in one.title]
    assert matter.lines[0].text == "paddle: ctm_gone" and "said no" in matter.lines[0].detail
    staff = make_person("staff").user
    staff.is_staff = staff.is_superuser = True
    staff.save()
    client.force_login(staff)
    row = CustomerErasure.objects.get()
    asked = {"action": "close", "_selected_action": row.pk, "audit_reason": "masked by hand"}
    page = client.post("/admin/billing/customererasure/", asked, follow=True)
    row.refresh_from_db()
    assert page.status_code == 200 and (row.status, row.customer_ref) == ("done", "")
    assert not [one for one in gather() if "not forgotten" in one.title]
    assert "ctm_gone" not in LogEntry.objects.get().object_repr
