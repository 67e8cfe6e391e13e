"""make bench-pages: what each page weighs and how long the server takes for it, on an account with much history.

The budget of a page is 300 kB with all it loads (before compression), and 200 ms of server time with 10,000
extractions and 10,000 gateway requests behind it. Exits 1 where a page is over.
"""

from __future__ import annotations

import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from littlepull.local_server import manage, running_server  # noqa: E402

BUDGET_BYTES, BUDGET_MS, REPEATS = 300_000, 200.0, 7
EMAIL, PASSWORD = "bench@example.com", "a long enough pass phrase"
PUBLIC = (
    "/",
    "/docs",
    "/docs/quick-start",
    "/docs/errors",
    "/docs/api",
    "/docs/api/extractions",
    "/status",
    "/security",
    "/privacy/attestation",
    "/privacy/ask",
    "/pricing",
    "/statistics/models",
    "/privacy",
    "/privacy/cookies",
    "/privacy/processors",
)
PUBLIC += ("/accounts/login/", "/accounts/signup/")
SIGNED_IN = (
    "/portal",
    "/portal?days=90",
    "/portal/jobs",
    "/portal/gateway",
    "/portal/playground",
    "/portal/keys",
    "/portal/keys/new",
    "/portal/billing",
    "/portal/billing/ledger",
)
SIGNED_IN += ("/portal/privacy", "/portal/privacy/delete", "/portal/settings", "/portal/settings/sign-ins")
SIGNED_IN += ("/accounts/2fa/", "/accounts/email/")
ASSET = re.compile(r"""(?:src|href)="(/static/[^"]+)"|import\s[^"']*["'](\.{1,2}/[^"']+)["']""")
FILL = """
import random
from datetime import timedelta
from django.utils import timezone
from allauth.account.models import EmailAddress
from accounts.models import ApiKey, User
from extraction.models import Job
from privacy import policies
from routing.models import Generation, LanguageModel
user = User.objects.get(email="bench@example.com")
user.set_password("a long enough pass phrase")
user.save(update_fields=["password"])
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
policies.accept(user, policies.find_required())
key, model = ApiKey.objects.get(user=user), LanguageModel.objects.first()
now, kinds = timezone.now(), ("image/jpeg", "application/pdf", "audio/wav")
tasks = ("coding", "math", "open_qa", "translation")
chance = random.Random(7)
jobs, generations = [], []
for number in range(10_000):
    at = now - timedelta(minutes=number * 12)
    took = timedelta(milliseconds=chance.randrange(400, 9000))
    failed = number % 37 == 0
    jobs.append(Job(
        api_key=key, status="failed" if failed else "succeeded", media_type=kinds[number % 3], media_bytes=90_000,
        pages=1, stage="done", estimated=2_000_000, charged=0 if failed else 1_000_000, created_at=at,
        started_at=at + timedelta(milliseconds=30), finished_at=at + took, media_destroyed_at=at + took,
    ))
    generations.append(Generation(
        api_key=key, created_at=at, status="succeeded", task=tasks[number % 4], cause="training", confidence=900,
        policy="auto", model=model, input_tokens=900, output_tokens=300, cost=40_000,
        latency_ms=chance.randrange(200, 4000), first_token_ms=150,
    ))
Job.objects.bulk_create(jobs, batch_size=500)
Generation.objects.bulk_create(generations, batch_size=500)
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as folder:
        environment = {**os.environ, "VAR_DIR": folder, "LOG_LEVEL": "ERROR", "ENGINE_PRELOAD": ""}
        manage("migrate", "--verbosity", "0", environment=environment)
        manage("collectstatic", "--noinput", "--verbosity", "0", environment=environment)
        manage("createkey", "--email", EMAIL, "--credits", "100000", environment=environment)
        command = [sys.executable, "manage.py", "shell", "-c", FILL]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        with sqlite3.connect(Path(folder) / "littlepull.sqlite3") as database:
            database.execute("analyze")
        with running_server(environment) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
            over = [page for page in PUBLIC if not measure(client, page)]
            sign_in(client)
            over += [page for page in SIGNED_IN if not measure(client, page)]
    print(f"over the budget: {', '.join(over) or 'none'}")
    return 1 if over else 0


def sign_in(client: httpx.Client) -> None:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/accounts/login/").text)
    assert token
    sent = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert client.post("/accounts/login/", data=sent).status_code == 302


def measure(client: httpx.Client, page: str) -> bool:
    """Prints the page's line; whether it is within the budget."""
    client.get(page)
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        answer = client.get(page)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, f"{page}: {answer.status_code}"
    weight = len(answer.content) + sum(weigh(client, answer.text, page, set()))
    milliseconds = statistics.median(took)
    within = weight <= BUDGET_BYTES and milliseconds <= BUDGET_MS
    print(f"{page:32} {milliseconds:7.1f} ms  {weight / 1000:7.1f} kB{'' if within else '  OVER'}", flush=True)
    return within


def weigh(client: httpx.Client, text: str, base: str, seen: set[str]) -> list[int]:
    """Bytes of everything that the text loads, and what that imports."""
    sizes = []
    for absolute, relative in ASSET.findall(text):
        path = absolute or urljoin(base, relative)
        if path in seen or not path.endswith((".css", ".js", ".svg", ".webp", ".jpg", ".png", ".json")):
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        sizes.append(len(answer.content))
        if path.endswith(".js"):
            sizes += weigh(client, answer.text, path, seen)
    return sizes


if __name__ == "__main__":
    sys.exit(main())
