"""make bench-console: the console's pages over a million extractions and gateway requests; milliseconds of each.

A list is asked for as it is, filtered, and searched by what there is and by what there is not. Exits 1 where a page
takes longer than a second.

    python benchmarks/console.py [--rows 1000000]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from littlepull.local_server import manage  # noqa: E402

ROWS = 1_000_000
MEASURE = """
import os, statistics, sys, time
from django.db import connection
from django.test import Client
from django.utils import timezone
from accounts.api_keys import create_key
from accounts.models import ApiKey, User
from extraction.models import Job
from routing.models import Generation, LanguageModel
ROWS, PEOPLE, MOST_MS = int(os.environ["ROWS"]), int(os.environ["ROWS"]) // 10, 1000.0
began = time.perf_counter()
def many(one, count, **told):
    # The row again and again, but for what SQLite is told to say of row i.
    table, fields = one._meta.db_table, one._meta.concrete_fields
    columns = [field.column for field in fields if field.column in told or not field.primary_key]
    said = ", ".join(told.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) WITH RECURSIVE n(i) AS "
            f"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT {said} FROM n, {table} "
            f"WHERE {table}.{one._meta.pk.column} = %s", [one.pk])
user = User.objects.create(email="first@example.com")
key, _ = create_key(user)
many(user, PEOPLE, id="printf('usr_%026d', i)", email="printf('person%d@example.com', i)")
many(key, PEOPLE, id="printf('key_%026d', i)", user_id="printf('usr_%026d', i)",
    public_id="printf('%012d', i)", digest="printf('%064d', i)")
job = Job.objects.create(id="ext_", api_key=key, status="succeeded", media_type="image/jpeg", media_bytes=1, turn=1,
    estimated=0, finished_at=timezone.now(), spool_id="first")
state = "CASE i % 100 WHEN 98 THEN 'failed' WHEN 99 THEN 'canceled' ELSE 'succeeded' END"
one_of = f"printf('key_%026d', 1 + i % {PEOPLE})"
many(job, ROWS, id="printf('ext_%026d', i)", api_key_id=one_of, status=state, spool_id="printf('%032d', i)")
asked = Generation.objects.create(id="gen_", api_key=key, status="succeeded", task="coding",
    model=LanguageModel.objects.first(), cause="training", confidence=900, policy="auto", latency_ms=900)
many(asked, ROWS, id="printf('gen_%026d', i)", api_key_id=one_of)
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
took = time.perf_counter() - began
print(f"{ROWS:,} extractions and as many gateway requests of {PEOPLE:,} accounts, made in {took:.0f} s")
staff = User.objects.create_superuser("chief@example.com")
client = Client()
client.force_login(staff)
job, request, user = "/admin/extraction/job/", "/admin/routing/generation/", "/admin/accounts/user/"
somebody, key = f"person{PEOPLE // 2}@example.com", f"{PEOPLE // 2:012}"
pages = ["/admin/", job, request, user, "/admin/accounts/apikey/", "/admin/privacy/subjectrequest/",
    "/admin/privacy/purgerun/", "/admin/accounts/auditentry/",
    f"{job}?status__exact=failed", f"{job}?status__exact=queued", f"{job}?p=50", f"{job}?q=ext_{ROWS // 2:026}",
    f"{job}?q={somebody}", f"{job}?q={key}", f"{job}?q=nobody@example.com", f"{request}?task__exact=coding",
    f"{request}?q=gen_{ROWS // 2:026}", f"{user}?q={somebody.upper()}", f"{user}?q=nobody",
    f"{job}ext_{ROWS // 2:026}/change/"]
slow = 0
for page in pages:
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        answer = client.get(page, headers={"host": "127.0.0.1"})
        took.append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, (page, answer.status_code)
    middle = statistics.median(took)
    slow += middle > MOST_MS
    print(f"  {middle:7.0f} ms  {page}")
print(f"{len(pages) - slow} of {len(pages)} within {MOST_MS:.0f} ms")
sys.exit(1 if slow else 0)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as folder:
        environment = os.environ | {"VAR_DIR": folder, "LOG_LEVEL": "ERROR", "ROWS": str(rows)}
        manage("migrate", "--verbosity", "0", environment=environment)
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", MEASURE]
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
