"""Receipts: a number without gaps for each payment, a page, and a PDF of the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from billing import receipts
from billing.models import Payment, Product, Receipt
from billing.pricing import MICRO, format_money, parse_money
from littlepull.local_server import manage
from tests.billing.callers import call
from tests.billing.test_payments import paid, wallet_of

ROOT = Path(__file__).resolve().parents[2]
EACH, THREADS = 12, 8


def make_payment(person, **facts) -> Payment:
    told = {
        "user": person.user, "wallet": wallet_of(person), "product": Product.objects.get(pk="credits-500"),
        "provider": "paddle", "purpose": "top_up", "key": "k", "credits": 500 * MICRO, "amount": 500,
        "currency": "USD", "paid": 1190, "paid_currency": "EUR", "status": "succeeded", "ref": "txn_1",
    }  # fmt: skip
    return Payment.objects.create(**{**told, **facts})


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_range().split())


def test_both_forms_say_the_same(bob, settings):
    settings.SELLER_NAME, settings.SELLER_TAX_ID = "LittlePull GmbH", "DE123456789"
    settings.SELLER_ADDRESS = ["Hauptstraße 1", "10115 Berlin", "Germany"]
    bob.user.name = "Zoë Łukasiewicz"
    bob.user.save()
    payment = make_payment(bob, refunded=190, status="partly_refunded")
    receipt = receipts.issue(payment)
    page, pdf = receipts.render_html(receipt), text_of(receipts.render_pdf(receipt))
    for words in (
        "Receipt No. 1", f"{receipt.issued_at:%Y-%m-%d}", "LittlePull GmbH", "Hauptstraße 1", "10115 Berlin",
        "DE123456789", "Zoë Łukasiewicz", bob.user.email, "500 credits", "5.00 USD", "11.90 EUR", "1.90 EUR",
        "10.00 EUR", "Paddle is the merchant of record", "issues the tax invoice", "txn_1", payment.pk,
    ):  # fmt: skip
        assert words in page, words
        assert words in pdf, words


@pytest.mark.parametrize("name", ["山田太郎", "Ольга Петрова", "Ελένη", "김민수", "שרה", "<b>Bob & Co</b>"])
def test_a_name_in_any_script_makes_a_receipt(bob, name):
    bob.user.name = name
    bob.user.save()
    receipt = receipts.issue(make_payment(bob))
    assert text_of(receipts.render_pdf(receipt)).startswith("Receipt No. 1")
    assert "<b>Bob" not in receipts.render_html(receipt)


def test_long_words_stay_on_the_paper(bob, settings):
    settings.SELLER_NAME = "A name that goes on and on, " * 8
    pdf = receipts.render_pdf(receipts.issue(make_payment(bob)))
    page = pypdfium2.PdfDocument(pdf)[0]
    words = page.get_textpage()
    boxes = [words.get_rect(index) for index in range(words.count_rects())]
    assert boxes and max(right for _, _, right, _ in boxes) <= page.get_width() - 40


def test_a_payment_has_one_receipt_and_the_same_file_each_time(bob):
    payment = make_payment(bob)
    receipt = receipts.issue(payment)
    assert receipts.issue(payment) == receipt
    assert receipts.render_pdf(receipt) == receipts.render_pdf(Receipt.objects.get())
    assert [receipts.issue(make_payment(bob, key=str(n), ref=str(n))).number for n in range(3)] == [2, 3, 4]


def test_a_refund_shows_on_the_receipt_that_is_asked_for_next(bob, shop):
    payment = paid(bob, shop)
    shop.hear(*shop.providers.refund(payment.ref, 200))
    page = call(bob, "GET", f"/v1/payments/{payment.pk}/receipt?format=html").content.decode()
    assert "2.00 USD" in page and "3.00 USD" in page
    assert Receipt.objects.count() == 1


def test_money_is_written_in_the_parts_its_currency_has():
    assert [format_money(1190, code) for code in ("EUR", "JPY", "KWD")] == ["11.90 EUR", "1190 JPY", "1.190 KWD"]
    assert [format_money(amount, "USD") for amount in (0, 5, -5, -1190)] == [
        "0.00 USD", "0.05 USD", "-0.05 USD", "-11.90 USD",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "currency", "minor"), [("11.9", "EUR", 1190), ("7", "JPY", 7), ("1.19", "KWD", 1190)]
)
def test_money_is_read_as_it_is_written(amount, currency, minor):
    from decimal import Decimal

    assert parse_money(Decimal(amount), currency) == minor
    with pytest.raises(ValueError):
        parse_money(Decimal(amount) / 1000, currency)


ISSUING = """
import django, json, sys
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import connections, transaction
from accounts.api_keys import create_key
from accounts.models import User
from billing import ledger, receipts
from billing.models import Payment, Product, Receipt

EACH, THREADS = map(int, sys.argv[1:])
user = User.objects.create_user("all@example.com", "x")
wallet = ledger.get_wallet(create_key(user)[0])
product = Product.objects.get(pk="credits-500")


class Undone(Exception):
    pass


def make(name):
    return Payment.objects.create(user=user, wallet=wallet, product=product, provider="dodo", purpose="top_up",
        key=name, ref=name, credits=1, amount=1, currency="USD", paid=1, paid_currency="USD", status="succeeded")


def issue(thread):
    payments = [make(f"{thread}-{n}") for n in range(EACH)]
    for n, payment in enumerate(payments):
        try:
            with transaction.atomic():
                receipts.issue(payment)
                if n % 3 == 0:
                    raise Undone  # what was credited with it was not
        except Undone:
            pass
    connections.close_all()


with ThreadPoolExecutor(THREADS) as pool:
    list(pool.map(issue, range(THREADS)))
print(json.dumps(sorted(Receipt.objects.values_list("number", flat=True))))
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_numbers_have_no_gap_when_many_issue_at_once_and_some_are_undone(database, tmp_path, request):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "LOG_LEVEL": "ERROR"}
    environment["DJANGO_SETTINGS_MODULE"] = "littlepull.settings"
    environment.pop("DATABASE_URL", None)
    if database == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    manage("migrate", "--verbosity", "0", environment=environment)
    command = [sys.executable, "-c", ISSUING, str(EACH), str(THREADS)]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    issued = EACH * 2 // 3 * THREADS
    assert json.loads(ran.stdout) == list(range(1, issued + 1))
