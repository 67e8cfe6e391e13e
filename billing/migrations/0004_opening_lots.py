"""What wallets had before there were lots becomes a lot of each: a gift, since nothing could be bought yet."""

from collections import defaultdict

from django.db import migrations

from billing.movement import PRIORITY
from billing.spending import month_of

LOTTED = ["available", "held"]


def open_lots(apps, schema_editor):
    Wallet, Lot, Entry = (apps.get_model("billing", name) for name in ("Wallet", "Lot", "Entry"))
    for wallet in Wallet.objects.filter(entries__account__in=LOTTED).distinct().iterator():
        lot = Lot.objects.create(
            wallet=wallet, kind="gift", priority=PRIORITY["gift"], left=wallet.available, created_at=wallet.created_at
        )
        Entry.objects.filter(wallet=wallet, account__in=LOTTED).update(lot=lot)


def name_spenders(apps, schema_editor):
    Hold = apps.get_model("billing", "Hold")
    for pk, api_key_id in Hold.objects.values_list("pk", "wallet__api_key_id").iterator():
        Hold.objects.filter(pk=pk).update(spender_id=api_key_id)


def count_spending(apps, schema_editor):
    Hold, Spending = apps.get_model("billing", "Hold"), apps.get_model("billing", "Spending")
    spent = defaultdict(int)
    columns = Hold.objects.values_list("spender_id", "created_at", "status", "credits", "charged")
    for spender_id, created_at, status, credits, charged in columns.iterator():
        spent[spender_id, month_of(created_at)] += credits if status == "open" else charged
    Spending.objects.bulk_create(
        Spending(api_key_id=spender_id, month=month, credits=credits)
        for (spender_id, month), credits in spent.items()
    )


def add_products(apps, schema_editor):
    """What is offered at first; staff edit it, and name the providers' ids of each, in the console."""
    Product = apps.get_model("billing", "Product")
    credit = 1_000_000
    for code, kind, name, credits, amount in [
        ("credits-500", "top_up", "500 credits", 500, 500),
        ("credits-2000", "top_up", "2,000 credits", 2_000, 2_000),
        ("credits-10000", "top_up", "10,000 credits", 10_000, 9_500),
        ("starter", "plan", "Starter: 1,000 credits each month", 1_000, 900),
        ("team", "plan", "Team: 10,000 credits each month", 10_000, 8_500),
    ]:
        Product.objects.create(
            code=code, kind=kind, name=name, credits=credits * credit, amount=amount, currency="USD"
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_lots_and_payments")]
    operations = [
        migrations.RunPython(open_lots, migrations.RunPython.noop),
        migrations.RunPython(name_spenders, migrations.RunPython.noop),
        migrations.RunPython(count_spending, migrations.RunPython.noop),
        migrations.RunPython(add_products, migrations.RunPython.noop),
    ]
