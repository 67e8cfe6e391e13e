"""Half of a top-up in a process of its own: python -m tests.billing.killed order|webhook [MODULE.FUNCTION before|after]

Killed (SIGKILL) before or after the named function's first call. Run without a name it goes through.
"""

# ruff: noqa: E402 (Django first)
from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from functools import wraps
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "littlepull.settings")
django.setup()

from accounts.models import ApiKey
from billing import intake, ledger, payments
from billing.audit import find_faults
from billing.models import Payment, PaymentEvent, Product, Receipt, Wallet


def kill_at(name: str, when: str) -> None:
    module_name, _, function_name = name.rpartition(".")
    module = importlib.import_module(module_name)
    function = getattr(module, function_name)

    @wraps(function)
    def killed(*args: object, **kwargs: object) -> object:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, function_name, killed)


def order() -> None:
    key = ApiKey.objects.select_related("user").get()
    wallet, product = ledger.get_wallet(key), Product.objects.get(pk="credits-500")
    payment = payments.place_order(wallet, product, user=key.user, provider="dodo", key="once")
    print(payments.open_checkout(payment).checkout_ref)


def webhook() -> None:
    """The provider delivers until it is answered; the worker looks when it is started. Prints what that came to."""
    delivery = json.loads(Path(os.environ["DELIVERY"]).read_text())
    intake.take_in("dodo", delivery["headers"], delivery["body"].encode())
    intake.process_waiting()
    come_to = {
        "available": Wallet.objects.get().available,
        "payments": list(Payment.objects.values_list("status", flat=True)),
        "receipts": list(Receipt.objects.values_list("number", flat=True)),
        "events": PaymentEvent.objects.count(),
        "faults": list(find_faults()),
    }
    print(json.dumps(come_to))


if __name__ == "__main__":
    if sys.argv[2:]:
        kill_at(*sys.argv[2:])
    {"order": order, "webhook": webhook}[sys.argv[1]]()
