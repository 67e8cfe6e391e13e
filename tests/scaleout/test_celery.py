"""What is posted to a web server is run by Celery's workers elsewhere: once, whatever happens to them or the broker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
import redis

from tests.flows.conftest import NOTHING, post_extraction
from tests.postgresql import find_binaries, running_cluster
from tests.redis_server import RedisServer, find_redis, running_redis
from tests.s3_server import S3
from tests.server import ROOT, Product

pytestmark = pytest.mark.engine
ENDED = {"succeeded", "failed", "canceled"}


class CeleryWorker:
    """A process group of its own, with folders and sockets of its own: another host."""

    def __init__(self, web: Product, folder: Path, *, queues: str = "cpu") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "celery.log"
        own = {"VAR_DIR": str(folder / "var"), "DOORBELL_DIR": str(folder / "bell")}
        command = [sys.executable, "-m", "celery", "-A", "littlepull", "worker", "-Q", queues, "-c", "1"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**web.environment, **own}, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """kill -9: it cannot say goodbye to the broker, nor end its job."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def end(self) -> None:
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            self.kill()


@dataclass
class Site:
    """One web server without a worker; PostgreSQL, a broker and a bucket that it shares with workers elsewhere."""

    web: Product
    broker: RedisServer
    bucket: S3
    folder: Path
    workers: list[CeleryWorker] = field(default_factory=list)

    def start_worker(self, queues: str = "cpu") -> CeleryWorker:
        worker = CeleryWorker(self.web, self.folder / f"host-{os.urandom(4).hex()}", queues=queues)
        self.workers.append(worker)
        return worker

    def tickets(self, queue: str = "cpu") -> int:
        with redis.Redis.from_url(self.broker.url) as client:
            return client.llen(queue)


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Site]:
    binaries, redis_binary = find_binaries(), find_redis()
    if binaries is None or redis_binary is None:
        pytest.skip("no PostgreSQL or no Redis binary on this machine")
    folder = tmp_path_factory.mktemp("site")
    bucket = S3("spool-celery")
    bucket.start()
    bucket.client.create_bucket(Bucket=bucket.bucket)
    with running_cluster(binaries) as cluster, running_redis(redis_binary) as broker:
        web = Product(
            folder / "web", DATABASE_URL=cluster.url, QUEUE_URL=broker.url, ENGINE_QUEUES="rapidocr=gpu",
            ENGINE_PRELOAD="rapidocr", LEASE_SECONDS="3", MAX_ATTEMPTS="5", **bucket.environment,
        )  # fmt: skip
        web.options = ["--no-worker"]
        try:
            web.start(ready=False)
            yield Site(web, broker, bucket, folder)
        finally:
            web.kill()
            bucket.stop()


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    yield whole_site
    logs = [worker.log for worker in whole_site.workers]
    for worker in whole_site.workers:
        worker.end()
    whole_site.workers.clear()
    assert whole_site.bucket.files() == {}
    for log in logs:
        assert "Traceback" not in log.read_text(), log.read_text()[-4000:]


@pytest.fixture
def client(site: Site, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with site.web.client(site.web.create_key(f"{request.node.name}@example.com", 20)) as client:
        yield client


def post(client: httpx.Client, **options: object) -> str:
    answer = post_extraction(client, wait=None, options=options)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def statuses(client: httpx.Client, jobs: list[str]) -> list[str]:
    return [client.get(f"/v1/extractions/{job}").json()["status"] for job in jobs]


def wait_for_ends(site: Site, client: httpx.Client, jobs: list[str], *, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while set(now := statuses(client, jobs)) - ENDED:
        logs = "".join(worker.log.read_text()[-2000:] for worker in site.workers)
        assert time.monotonic() < deadline, f"{now}\n{logs}"
        time.sleep(0.25)
    assert set(now) == {"succeeded"}


def assert_charged(client: httpx.Client, credits: int) -> None:
    assert client.get("/v1/account").json()["credits"] == {**NOTHING, "available": f"{20 - credits}.000000"}


def test_workers_of_other_hosts_run_what_was_posted(site, client):
    jobs = [post(client) for _ in range(4)]
    assert site.tickets() == 4 and len(site.bucket.files()) == 4
    worker, other = site.start_worker(), site.start_worker()
    wait_for_ends(site, client, jobs)
    assert_charged(client, 4)
    assert (worker.stop(), other.stop()) == (0, 0)
    site.web.manage("check_ledger")


def test_a_worker_killed_under_way_costs_nobody_anything(site, client):
    """Its lease runs out, and the sweep sends another ticket; the broker would have kept the old one for hours."""
    jobs = [post(client) for _ in range(5)]
    first = site.start_worker()
    wait_until(lambda: "running" in statuses(client, jobs))
    first.kill()
    assert "running" in statuses(client, jobs)
    site.start_worker()
    wait_for_ends(site, client, jobs)
    assert_charged(client, 5)
    site.web.manage("check_ledger")


def test_a_broker_that_forgot_everything_lost_no_job(site, client):
    jobs = [post(client) for _ in range(2)]
    site.broker.stop()
    jobs += [post(client) for _ in range(2)]  # accepted while there is no broker
    site.broker.start()
    assert site.tickets() == 0
    site.start_worker()
    wait_for_ends(site, client, jobs)
    site.broker.stop()  # under the eyes of a worker
    site.broker.start()
    more = [post(client) for _ in range(2)]
    wait_for_ends(site, client, more)
    assert_charged(client, 6)


def test_a_ticket_that_comes_more_than_once_runs_nothing_twice(site, client):
    job = post(client)
    site.web.manage("shell", "-v", "0", "-c", "from extraction import tickets; assert tickets.publish('cpu', 6) == 6")
    assert site.tickets() == 7
    worker, other = site.start_worker(), site.start_worker()
    wait_for_ends(site, client, [job])
    wait_until(lambda: site.tickets() == 0)
    told = "from extraction.models import Job; print(Job.objects.get(pk='{}').attempts)"
    assert site.web.manage("shell", "-v", "0", "-c", told.format(job)) == "1"
    assert_charged(client, 1)
    assert (worker.stop(), other.stop()) == (0, 0)


def test_engines_that_need_a_gpu_have_a_queue_of_their_own(site, client):
    """Here rapidocr, asked for by name, plays the engine that needs one."""
    special, plain = post(client, ocr_engine="rapidocr"), post(client)
    assert (site.tickets("gpu"), site.tickets("cpu")) == (1, 1)
    site.start_worker("cpu")
    wait_for_ends(site, client, [plain])
    assert statuses(client, [special]) == ["queued"]
    site.start_worker("gpu")
    wait_for_ends(site, client, [special])
    assert_charged(client, 2)


def test_tickets_keep_the_fair_order(site, client):
    noisy = [post(client) for _ in range(5)]
    with site.web.client(site.web.create_key("quiet@example.com", 20)) as quiet:
        only = post(quiet)  # the last to come, and its ticket the last
        site.start_worker()
        wait_for_ends(site, quiet, [only])
        assert statuses(client, noisy).count("succeeded") <= 2
        wait_for_ends(site, client, noisy)


def wait_until(what, *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)
