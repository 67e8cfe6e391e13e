"""The spool in an S3-compatible bucket: through HTTP, worker and sweep, and while the bucket is away."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.flows.conftest import NOTHING, RECEIPT, RECEIPT_SCHEMA, SMALL_SCHEMA, post_extraction
from tests.flows.test_worker_killed import wait_for_end
from tests.s3_server import S3
from tests.server import Product

pytestmark = pytest.mark.engine
LARGE = 20 * 1024 * 1024  # several parts
CANCEL_ALL = "from extraction import jobs, models; [jobs.cancel(job) for job in models.Job.objects.active()]"
SWEEP_NOW = "from extraction import sweeping; print(sweeping.sweep_spool(older_than_seconds=-60))"


@pytest.fixture(scope="module")
def shared_bucket() -> Iterator[S3]:
    server = S3("spool")
    server.start()
    server.client.create_bucket(Bucket=server.bucket)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def web(shared_bucket: S3, static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Without a worker, whose sweeps would take the parts of an upload for old: this server dates them to 2010. For the
    same reason the other one has a place of its own in the bucket."""
    product = Product(tmp_path_factory.mktemp("web"), **shared_bucket.environment, MAX_UPLOAD_BYTES=str(LARGE))
    product.options = ["--no-worker"]
    product.start(ready=False)
    yield product
    product.kill()


@pytest.fixture(scope="module")
def whole(shared_bucket: S3, static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    told = {**shared_bucket.environment, "ENGINE_PRELOAD": "rapidocr", "MAX_ATTEMPTS": "1", "LEASE_SECONDS": "3"}
    place = {"SPOOL_URL": f"s3://{shared_bucket.bucket}/of/the/whole"}
    product = Product(tmp_path_factory.mktemp("whole"), **told | place)
    product.start()
    yield product
    product.kill()


@pytest.fixture
def s3(shared_bucket: S3) -> Iterator[S3]:
    """Empty before and after."""
    assert shared_bucket.files() == {} and shared_bucket.unfinished() == 0
    yield shared_bucket
    assert shared_bucket.files() == {} and shared_bucket.unfinished() == 0


def eventually(what, *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def log_of(product) -> str:
    return product.log.read_text()


def test_media_lies_in_the_bucket_sealed_until_it_is_read(whole, s3):
    with whole.client(whole.create_key(f"{time.monotonic_ns()}@example.com", 10)) as client:
        worker = whole.freeze_worker()
        waiting = post_extraction(client, schema=RECEIPT_SCHEMA, wait=None).json()["id"]
        [sealed] = s3.files().values()
        assert len(sealed) > RECEIPT.stat().st_size and RECEIPT.read_bytes()[1000:1100] not in sealed
        assert "BROKEN" not in whole.manage("check_promises")
        worker.resume()
        ended = wait_for_end(client, waiting)
        assert ended["status"] == "succeeded" and ended["data"]["total"] == 42.05
        assert ended["media_destroyed_at"]
        refused = post_extraction(client, b"\x89PNG but broken", wait=None)
        assert refused.status_code == 415, refused.text
        assert client.get("/v1/account").json()["credits"]["available"] == "9.000000"
    assert s3.files() == {} and s3.unfinished() == 0
    assert not whole.spool.exists()
    assert "Traceback" not in log_of(whole)


def test_what_is_canceled_leaves_the_bucket(web, s3):
    with web.client(web.create_key(f"{time.monotonic_ns()}@example.com", 10)) as client:
        job = post_extraction(client, wait=None).json()["id"]
        assert len(s3.files()) == 1
        assert client.delete(f"/v1/extractions/{job}").json()["status"] == "canceled"
        assert s3.files() == {}
        # With the bucket away it is canceled all the same: its key is gone, and the sweep takes the noise away later.
        job = post_extraction(client, wait=None).json()["id"]
        s3.stop()
        assert client.delete(f"/v1/extractions/{job}").json()["status"] == "canceled"
        assert client.get("/v1/account").json()["credits"] == {**NOTHING, "available": "10.000000"}
        s3.start()
        assert len(s3.files()) == 1
        web.manage("sweep_jobs")
        assert s3.files() == {}


def test_a_large_upload_goes_up_in_parts_and_leaves_none(web, s3):
    noise = random.Random(3).randbytes(LARGE)
    with web.client(web.create_key(f"{time.monotonic_ns()}@example.com", 10)) as client:
        too_large = post_extraction(client, noise + b"!")
        assert (too_large.status_code, too_large.json()["code"]) == (413, "media_too_large")
        unreadable = post_extraction(client, noise)  # it was all there before it was looked at
        assert unreadable.status_code == 415, unreadable.text
    assert s3.files() == {} and s3.unfinished() == 0


def test_an_upload_that_is_broken_off_leaves_no_parts(web, s3):
    key = web.create_key(f"{time.monotonic_ns()}@example.com", 10)
    where = urlsplit(web.base_url)
    head = f"POST /v1/extractions HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {2 * LARGE}\r\n\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    with socket.create_connection((where.hostname, where.port)) as caller:
        caller.sendall((head + part).encode() + random.Random(4).randbytes(LARGE))
        eventually(lambda: s3.unfinished() == 1)
    eventually(lambda: s3.unfinished() == 0)
    assert s3.files() == {}


def test_an_upload_whose_parts_were_swept_meanwhile_is_told_to_come_again(web, s3):
    """As by a sweep that took it for one that a crash left."""
    noise = random.Random(5).randbytes(LARGE // 2)
    key = web.create_key(f"{time.monotonic_ns()}@example.com", 10)
    where = urlsplit(web.base_url)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + noise + noise + b"\r\n--b--\r\n"
    )
    head = f"POST /v1/extractions HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((where.hostname, where.port)) as caller:
        caller.sendall(head.encode() + body[: LARGE // 2])
        eventually(lambda: s3.unfinished() == 1)
        [upload] = s3.client.list_multipart_uploads(Bucket=s3.bucket)["Uploads"]
        s3.client.abort_multipart_upload(Bucket=s3.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        caller.sendall(body[LARGE // 2 :])
        sent = caller.recv(4096)
    assert sent.startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in log_of(web) and "Exception in ASGI" not in log_of(web)


def test_parts_that_a_crash_left_are_swept(web, s3):
    where = {"Bucket": s3.bucket, "Key": f"sealed/{'a' * 32}.sealed"}
    upload = s3.client.create_multipart_upload(**where)["UploadId"]
    s3.client.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"noise" * 2**20)
    s3.client.put_object(Bucket=s3.bucket, Key=f"sealed/{'b' * 32}.sealed", Body=b"noise")
    s3.client.put_object(Bucket=s3.bucket, Key="of-somebody-else.sealed", Body=b"not ours")
    web.manage("sweep_jobs")
    assert s3.unfinished() == 0  # this server dates every upload to 2010
    assert len(s3.files()) == 2  # this one may be under way
    assert web.manage("shell", "-v", "0", "-c", SWEEP_NOW) == "1"
    assert list(s3.files()) == ["of-somebody-else.sealed"]
    s3.client.delete_object(Bucket=s3.bucket, Key="of-somebody-else.sealed")


def test_while_the_bucket_is_away_callers_come_again_and_jobs_wait(whole, s3):
    with whole.client(whole.create_key(f"{time.monotonic_ns()}@example.com", 10)) as client:
        worker = whole.freeze_worker()
        waiting = post_extraction(client, wait=None).json()["id"]
        s3.stop()
        worker.resume()  # it takes the job, and its media is not to be had
        refused = post_extraction(client, wait=None, headers={"Idempotency-Key": "once"})
        assert (refused.status_code, refused.json()["code"]) == (503, "temporarily_unavailable")
        assert refused.headers["retry-after"] == "5"
        fault = client.get("/readyz")
        assert fault.status_code == 503
        assert fault.json()["reasons"] == ["spool: its bucket does not answer, or is not ours"]
        eventually(lambda: "did not answer" in log_of(whole))
        assert client.get(f"/v1/extractions/{waiting}").json()["status"] in {"queued", "running"}
        s3.start()
        assert wait_for_end(client, waiting)["status"] == "succeeded"
        again = post_extraction(client, headers={"Idempotency-Key": "once"})
        assert again.json()["status"] == "succeeded", again.text
        assert client.get("/v1/account").json()["credits"] == {**NOTHING, "available": "8.000000"}
    assert s3.files() == {}
    assert "Traceback" not in log_of(whole)
    whole.manage("check_ledger")


def test_a_batch_of_which_one_cannot_be_stored_keeps_nothing(web, s3):
    with web.client(web.create_key(f"{time.monotonic_ns()}@example.com", 10)) as client:
        files = [("file", ("a", RECEIPT.read_bytes())) for _ in range(3)]
        s3.stop()
        refused = client.post("/v1/extractions/batch", data={"schema": json.dumps(SMALL_SCHEMA)}, files=files)
        assert refused.status_code == 503, refused.text
        s3.start()
        assert s3.files() == {}
        taken = client.post("/v1/extractions/batch", data={"schema": json.dumps(SMALL_SCHEMA)}, files=files)
        assert taken.status_code == 202 and len(s3.files()) == 3
    web.manage("shell", "-v", "0", "-c", CANCEL_ALL)


def test_a_bucket_that_keeps_versions_breaks_a_promise(web, s3):
    before = web.manage("check_promises", "--broken", check=False)
    assert "versions" not in before
    s3.client.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"})
    assert "bucket keeps versions of what is removed" in web.manage("check_promises", "--broken", check=False)
    s3.client.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Suspended"})
