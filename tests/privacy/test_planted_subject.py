"""A person with traces in every place is erased in the portal: nothing is left in the database, in files, in logs, nor
in a backup from before, once it is restored and `reapply_erasures` has run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from accounts import counts
from accounts.signing import read_statement
from billing import rehearsal
from billing.rehearsal import Rehearsal
from billing.rehearsal.books import Customer
from privacy import erase
from privacy.preview import reckon
from tests.fakes import FakeVendor, Says
from tests.flows.conftest import RECEIPT
from tests.flows.gateways import ASKED
from tests.postgresql import find_binaries
from tests.privacy.planted import find_traces, plant_everything
from tests.privacy.residue import find_in, find_in_dump, find_in_files, find_in_sqlite
from tests.server import PASSWORD, Product, submit

NAME, ADDRESS = "zebulon", "zebulon.quux@example.org"
SEEN_FROM = "203.0.113.77"
WORDS = [NAME, "quux", ADDRESS, SEEN_FROM, "203.0.113.7"]
FURNISH = """
from accounts.models import ApiKey, User
from tests.people import Person
from tests.privacy.planted import furnish, furnish_the_rest
user = User.objects.get(email="{address}")
person = Person(user, ApiKey.objects.get(user=user), "")
furnish(person, "{name}")
furnish_the_rest(person, "{name}")
"""


class Sqlite:
    def __init__(self, product: Product) -> None:
        self.product = product

    def search(self, words: list[str]) -> list[str]:
        return find_in_sqlite(self.product.database, words)

    def search_backup(self, file: str, words: list[str]) -> list[str]:
        return find_in_sqlite(Path(file), words)


class Postgresql:
    def __init__(self, product: Product) -> None:
        self.url = product.environment["DATABASE_URL"]
        self.binaries = find_binaries() or Path()

    def run(self, program: str, *options: str) -> bytes:
        command = [str(self.binaries / program), *options]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout

    def search(self, words: list[str]) -> list[str]:
        return find_in_dump(self.run("pg_dump", self.url), words)

    def search_backup(self, file: str, words: list[str]) -> list[str]:
        return find_in_dump(self.run("pg_restore", "--file=-", file), words)


@pytest.fixture
def providers() -> Iterator[Rehearsal]:
    """The payment providers, who know them too."""
    running = rehearsal.start()
    for ref in (f"cus-{NAME}", f"ctm-{NAME}"):
        running.books.customers[ref] = Customer(ref, ADDRESS, f"{NAME} Quux", methods=["pm_1"])
    yield running
    running.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, own_product, providers, tmp_path) -> Iterator[tuple[Product, Sqlite | Postgresql]]:
    """Without a worker: what is queued stays so. Its mails go to files beside it: they are the person's, not ours."""
    settings = {
        "EMAIL_URL": f"filemail:///{tmp_path}/mails",
        "OUTBOUND_TRUSTED_HOSTS": f"{NAME}.example",
        "TRUSTED_PROXIES": "1",
        "LOG_LEVEL": "DEBUG",
    }
    with FakeVendor("openai", Says("Bonjour")) as vendor:
        settings |= {"GROQ_API_KEY": vendor.settings()["api_key"], "GROQ_BASE_URL": vendor.base_url}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
        elif "DATABASE_URL" in os.environ:
            pytest.skip("this run is on PostgreSQL")
        product = own_product(**settings, **providers.settings)
        product.options = ["--no-worker"]
        product.start(ready=False)
        yield product, (Sqlite if request.param == "sqlite" else Postgresql)(product)


def plant_through_the_doors(product: Product, browser: httpx.Client, key: str) -> None:
    with product.client(key) as client:
        said = {"type": "object", "title": f"Papers of {NAME}", "properties": {NAME: {"type": "string"}}}
        hook = {"url": f"https://{NAME}.example/hook", "description": f"{NAME} listens"}
        chat = {"model": "groq/openai/gpt-oss-20b", "messages": [*ASKED, {"role": "user", "content": f"I am {NAME}"}]}
        upload = {"files": {"file": (f"{NAME}.jpg", RECEIPT.read_bytes())}}
        options = {"metadata": {"who": NAME}, "webhook_url": f"https://{NAME}.example/once"}
        answers = [
            client.post("/v1/schemas", json={"name": f"{NAME}-receipts", "schema": said}),
            client.post("/v1/webhook-endpoints", json=hook),
            client.post("/v1/privacy/requests", json={"kind": "access", "details": f"I am {NAME}"}),
            client.post("/v1/keys", json={"name": f"{NAME} at work"}),
            client.post("/v1/chat/completions", json=chat, headers={"X-LittlePull-Session": NAME}),
            client.post(
                "/v1/extractions",
                **upload,
                data={"schema": json.dumps(said), "options": json.dumps(options)},
                headers={"Idempotency-Key": f"{NAME}-1"},
            ),
        ]
        assert [answer.is_success for answer in answers] == [True] * len(answers), [one.text for one in answers]
    forms = {"/portal/privacy/name": {"name": f"{NAME.title()} Quux"}}
    forms["/portal/privacy/requests"] = {"kind": "rectification", "note": f"I am {NAME}, not Quux"}
    for path, fields in forms.items():
        assert post(browser, "/portal/privacy", path, **fields).status_code == 200


def post(browser: httpx.Client, page: str, path: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(page).text)
    assert token
    return browser.post(path, data={**fields, "csrfmiddlewaretoken": token[1]})


def erase_in_the_portal(browser: httpx.Client) -> str:
    """As its owner sees and confirms it; the erasure's number."""
    page = browser.get("/portal/privacy/delete").text
    digest = re.search(r'name="digest" value="(\w{64})"', page)
    assert digest, page
    answer = post(browser, "/portal/privacy/delete", "/portal/privacy/delete", digest=digest[1], email=ADDRESS)
    assert answer.status_code == 200 and answer.url.path.startswith("/privacy/erased/"), answer.text
    return answer.url.path.rpartition("/")[2]


def fail_to_sign_in(product: Product) -> None:
    with httpx.Client(base_url=product.base_url, trust_env=False) as stranger:
        submit(stranger, "/accounts/login/", login=ADDRESS, password="not theirs")


def ask_providers(product: Product, providers: Rehearsal) -> None:
    """What the worker does within a minute."""
    providers.asked.clear()
    product.manage("shell", "-v", "0", "-c", "from billing.customers import forget_due; forget_due()")
    assert {path.split("/")[1] for _, path, _ in providers.asked} == {f"cus-{NAME}", f"ctm-{NAME}"}
    held = [(one.email.partition("@")[2], one.name, one.methods) for one in providers.books.customers.values()]
    assert held == [("erased.invalid", "Erased", []), ("erased.invalid", None, [])]


def faults(said: str) -> list[str]:
    """Of the audit log; its last line says how far it goes."""
    *found, last = [line for line in said.splitlines() if "goes on from" not in line]
    assert int(last.split()[0]) >= 3, last  # their requests, their erasure
    return found


@pytest.mark.engine
def test_nothing_is_left_of_them_anywhere_and_no_backup_brings_them_back(installation, providers):
    product, database = installation
    words = list(WORDS)

    def residue() -> str:
        return "\n".join(database.search(words) + find_in_files([product.folder], words))

    key = product.create_key(ADDRESS, 100, "--name", f"Key of {NAME}")
    words += key.split("_")[2:4]
    with product.sign_in(ADDRESS) as browser:
        browser.headers["X-Forwarded-For"] = SEEN_FROM
        fail_to_sign_in(product)
        product.manage("shell", "-v", "0", "-c", FURNISH.format(address=ADDRESS, name=NAME))
        plant_through_the_doors(product, browser, key)
        submit(browser, "/accounts/reauthenticate/", password=PASSWORD)
        assert len({found.partition(":")[0] for found in database.search(words)}) > 12  # tables or columns
        assert any(product.spool.iterdir())
        backup = product.manage("back_up", str(product.folder.parent / "backups"))  # of a server that runs
        erasure = erase_in_the_portal(browser)
    ask_providers(product, providers)
    assert not residue()  # while it runs: its write-ahead log, journals, spool and log with it
    assert not any(product.spool.iterdir())
    assert product.stop() == 0 and not residue()
    assert not faults(product.manage("verify_audit"))

    assert len(database.search_backup(backup, words)) > 12  # it has them, or what follows proves nothing
    said = product.manage("restore", backup, "--reason", "the disk broke")
    ask_providers(product, providers)
    assert f"erasure {erasure}" in said and "1 of them were done again" in said
    assert "Ledger clean" in said and "0 extractions were under way" in said  # theirs was ended by their erasure
    assert not residue() and not faults(product.manage("verify_audit"))
    assert "0 of them were done again" in product.manage("reapply_erasures")

    again = re.search(r"done again as (era_\w+)", said)
    assert again
    product.start(ready=False)
    with product.client(key) as client:
        assert client.get("/v1/account").status_code == 401
        receipt = client.get(f"/privacy/erased/{again[1]}/receipt.jws").text
        statement = read_statement(receipt, client.get("/.well-known/littlepull-keys.json").json())
    assert [one["processor"] for one in statement["elsewhere"]] == ["dodo", "paddle"]
    assert statement["reapplies"]["erasure"] == erasure and statement["erasure"] == again[1]
    assert product.stop() == 0 and not residue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table",
    [
        "accounts.SignIn",
        "accounts.ApiKey",
        "accounts.WebhookEndpoint",
        "accounts.User",
        "account.EmailAddress",
        "admin.LogEntry",
        "socialaccount.SocialAccount",
        "mfa.Authenticator",
        "billing.Payment",
        "billing.PaymentEvent",
        "billing.Refund",
        "billing.Subscription",
        "extraction.SavedSchema",
        "privacy.SubjectRequest",
    ],
)
def test_a_single_table_left_out_is_noticed(monkeypatch, table):
    """Or the test above could not fail."""
    person = plant_everything(NAME)
    real = erase._erase
    monkeypatch.setattr(erase, "_erase", lambda row, user: row.table == table or real(row, user))
    erase.erase_at_once(person.user, reckon(person.user).digest, source="portal")
    assert {one.rpartition(".")[0].lower() for one in find_traces(NAME)} >= {table.lower()}
    monkeypatch.undo()
    erase.erase_rows(person.user)
    assert not find_traces(NAME, person.user.email, "Quux", "203.0.113.7")


def everything_in_the_cache() -> bytes:
    """Names and values, as they lie in memory or in Redis, the counts among them."""
    if not settings.REDIS_URL:
        counted = repr(counts._sums).encode()
        return b"\n".join([counted, *(name.encode() for name in cache._cache), *cache._cache.values()])
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        return b"\n".join(part for name in server.scan_iter() for part in (name, server.get(name)))


@pytest.mark.django_db
def test_the_cache_names_nobody(client):
    """It counts requests by key and tries at signing in, for minutes; it is never asked whose they were."""
    person = plant_everything(NAME)
    for password in ("not theirs", "correct horse battery"):
        client.post("/accounts/login/", {"login": person.user.email, "password": password})
    for _ in range(3):
        client.get("/v1/account", headers=person.headers)
    kept = everything_in_the_cache()
    assert kept and find_in(kept, [NAME, person.user.email, "quux"]) == []
    assert not find_in(kept, person.plaintext.split("_")[2:])
