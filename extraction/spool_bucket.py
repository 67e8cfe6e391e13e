"""Sealed files in an S3-compatible bucket (SPOOL_URL), for web servers and workers on several hosts.

Imported only where one is configured. A small file is one request; a larger one goes up in parts while it arrives, and
its parts are dropped again when it is abandoned. Whatever the bucket's server says, callers see `Unavailable`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from extraction.errors import Unavailable

log = logging.getLogger(__name__)
SUFFIX = ".sealed"
PART_BYTES = 8 * 1024 * 1024  # S3 takes none under 5 MiB but the last
GONE = {"NoSuchKey", "NoSuchUpload", "404"}


class BucketFile:
    """One that is being written; nothing can be read of it before `close`."""

    def __init__(self, spool_id: str) -> None:
        self._where = _where(spool_id)
        self._rest, self._parts = bytearray(), list[dict[str, Any]]()
        self._upload: dict[str, Any] = {}
        self._closing = False

    def write(self, data: bytes) -> None:
        self._rest += data
        if len(self._rest) >= PART_BYTES:
            self._send_part()

    def close(self) -> None:
        self._closing = True
        if not self._upload:
            with _translated():
                _client().put_object(**self._where, Body=bytes(self._rest))
            return
        if self._rest:
            self._send_part()
        with _translated():
            _client().complete_multipart_upload(**self._where, **self._upload, MultipartUpload={"Parts": self._parts})
        self._upload = {}

    def discard(self) -> None:
        """Where the bucket does not answer, what is left is the sweep's."""
        self._rest.clear()
        try:
            if self._upload:
                with suppress(FileNotFoundError), _translated():  # swept already
                    _client().abort_multipart_upload(**self._where, **self._upload)
            if self._closing:  # it may be there, though its server never said so
                with _translated():
                    _client().delete_object(**self._where)
        except Unavailable:
            log.warning("an abandoned upload is left to the sweep")

    def _send_part(self) -> None:
        with _translated():
            if not self._upload:
                self._upload = {"UploadId": _client().create_multipart_upload(**self._where)["UploadId"]}
            number = len(self._parts) + 1
            sent = _client().upload_part(**self._where, **self._upload, PartNumber=number, Body=bytes(self._rest))
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._rest.clear()


create = BucketFile


def read(spool_id: str) -> bytes:
    """Raises FileNotFoundError."""
    with _translated():
        return _client().get_object(**_where(spool_id))["Body"].read()


def remove(spool_id: str, *, unfinished: bool = False) -> None:
    """With `unfinished` also the parts of an upload that a crash broke off; asking for them costs a request."""
    where = _where(spool_id)
    with _translated():
        _client().delete_object(**where)
    for upload in _uploads(where["Key"]) if unfinished else ():
        with suppress(FileNotFoundError), _translated():  # another sweep was faster
            _client().abort_multipart_upload(**where, UploadId=upload["UploadId"])


def ages() -> Iterator[tuple[str, float]]:
    """Each file's id, and when it was last touched; uploads that were never finished are files here."""
    for found in _objects():
        if found["Key"].endswith(SUFFIX):
            yield _id_of(found["Key"]), found["LastModified"].timestamp()
    for upload in _uploads(_prefix()):
        yield _id_of(upload["Key"]), upload["Initiated"].timestamp()


def beginnings(count: int) -> Iterator[bytes]:
    """The first bytes of everything that lies there."""
    for found in _objects():
        try:
            with _translated():
                some = _client().get_object(Bucket=_bucket(), Key=found["Key"], Range=f"bytes=0-{count - 1}")
                yield some["Body"].read()
        except FileNotFoundError:
            continue  # removed since it was listed


def count_strangers() -> int:
    """What is there and is no sealed file."""
    return sum(not found["Key"].endswith(SUFFIX) for found in _objects())


def keeps_what_is_removed() -> bool:
    """A bucket with versions only hides what is deleted."""
    with _translated():
        return _client().get_bucket_versioning(Bucket=_bucket()).get("Status") == "Enabled"


def check() -> None:
    """Raises Unavailable where the bucket is not there, or not ours."""
    try:
        with _translated():
            _client().head_bucket(Bucket=_bucket())
    except FileNotFoundError:
        raise Unavailable from None


def _objects() -> Iterator[dict[str, Any]]:
    yield from _listed("list_objects_v2", "Contents", _prefix())


def _uploads(prefix: str) -> Iterator[dict[str, Any]]:
    yield from _listed("list_multipart_uploads", "Uploads", prefix)


def _listed(what: str, member: str, prefix: str) -> Iterator[dict[str, Any]]:
    with _translated():
        for page in _client().get_paginator(what).paginate(Bucket=_bucket(), Prefix=prefix):
            yield from page.get(member, ())


def _bucket() -> str:
    return settings.SPOOL_BUCKET[0]


def _prefix() -> str:
    prefix = settings.SPOOL_BUCKET[1]
    return f"{prefix}/" if prefix else ""


def _where(spool_id: str) -> dict[str, str]:
    return {"Bucket": _bucket(), "Key": f"{_prefix()}{spool_id}{SUFFIX}"}


def _id_of(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(SUFFIX)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise FileNotFoundError(code) from None
        log.warning("the spool's bucket refused: %s", code)
        raise Unavailable from None
    except BotoCoreError as error:
        log.warning("the spool's bucket did not answer: %s", type(error).__name__)
        raise Unavailable from None


@cache
def _client() -> Any:
    """One for all threads: clients may be shared, and a new one takes longer than a small file."""
    config = Config(
        connect_timeout=3,
        read_timeout=20,
        retries={"total_max_attempts": 2, "mode": "standard"},
        max_pool_connections=32,
        s3={"addressing_style": settings.SPOOL_S3_ADDRESSING_STYLE},
        # Many servers that speak S3 do not know the newer checksums; each chunk has its own seal anyway.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    storage = S3Storage(
        bucket_name=_bucket(),
        endpoint_url=settings.SPOOL_S3_ENDPOINT_URL or None,
        region_name=settings.SPOOL_S3_REGION or None,
        access_key=settings.SPOOL_S3_ACCESS_KEY_ID or None,
        secret_key=settings.SPOOL_S3_SECRET_ACCESS_KEY or None,
        client_config=config,
    )
    return storage.connection.meta.client
