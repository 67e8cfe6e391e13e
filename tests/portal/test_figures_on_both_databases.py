"""Days and durations are reckoned by the database itself: SQLite and PostgreSQL say the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from littlepull.local_server import manage

ROOT = Path(__file__).resolve().parents[2]
RECKONING = """
import json
from datetime import UTC, date, datetime, timedelta
import django
django.setup()
from accounts.api_keys import create_key
from accounts.models import User
from extraction.models import Job
from littlepull.portal.day_range import Days
from littlepull.portal.durations import measure
from littlepull.usage import sum_by_period
from routing.models import Generation

user = User.objects.create_user("ada@example.com")
key, _ = create_key(user, mode="live")
begin = datetime(2026, 3, 1, 23, 59, 59, 999000, tzinfo=UTC)
for number in range(40):
    at = begin + timedelta(minutes=number)
    Job.objects.create(api_key=key, status="succeeded", media_type="image/png", media_bytes=1, estimated=0, charged=3,
                       created_at=at, finished_at=at + timedelta(milliseconds=100 * (number + 1)))
    Generation.objects.create(api_key=key, status="succeeded", task="math", cause="content", confidence=1,
                              policy="auto", cost=5, created_at=at, latency_ms=7 * (number + 1))
days = Days(date(2026, 3, 1), date(2026, 3, 2))
sums = sum_by_period(user, days.since, days.until, by="media_type")
hours = sum_by_period(user, days.since, days.until, by="day", hourly=True)
timed = measure(user, days)
print(json.dumps([
    sorted([*slot, one.requests, one.credits, one.milliseconds] for slot, one in sums.items()),
    sorted(slot.period for slot in hours),
    [[one.half, one.median, one.p95] for one in timed],
]))
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_figures_are_the_same_on_both(database, tmp_path, request):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "LOG_LEVEL": "ERROR", "TZ": "Asia/Tokyo"}
    environment["DJANGO_SETTINGS_MODULE"] = "littlepull.settings"
    environment.pop("DATABASE_URL", None)
    if database == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    manage("migrate", "--verbosity", "0", environment=environment)
    command = [sys.executable, "-c", RECKONING]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    sums, hours, timed = json.loads(ran.stdout)
    assert sums == [
        ["2026-03-01", "extraction", "image/png", 1, 3, 100],
        ["2026-03-01", "gateway", "", 1, 5, 7],
        ["2026-03-02", "extraction", "image/png", 39, 117, 81_900],
        ["2026-03-02", "gateway", "", 39, 195, 5733],
    ]
    assert hours == ["2026-03-01 23", "2026-03-01 23", "2026-03-02 00", "2026-03-02 00"]
    assert timed == [["extraction", 2000, 3800], ["gateway", 140, 270]]
