"""An S3-compatible server for tests: moto's, on 127.0.0.1, which keeps its buckets while it is away."""

from __future__ import annotations

import logging

import boto3
from moto.server import ThreadedMotoServer

from tests.server import free_port

ACCESS = {"SPOOL_S3_ACCESS_KEY_ID": "spooler", "SPOOL_S3_SECRET_ACCESS_KEY": "of-the-tests"}


class S3:
    """One bucket of it, and what an installation needs to be told to use that."""

    def __init__(self, bucket: str) -> None:
        self.bucket, self.port = bucket, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: ThreadedMotoServer | None = None

    @property
    def environment(self) -> dict[str, str]:
        told = {"SPOOL_URL": f"s3://{self.bucket}/sealed", "SPOOL_S3_ENDPOINT_URL": self.address}
        return {**told, **ACCESS, "SPOOL_S3_REGION": "us-east-1", "SPOOL_S3_ADDRESSING_STYLE": "path"}

    @property
    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id="spooler",
            aws_secret_access_key="of-the-tests",
        )

    def start(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it would tell of each request
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None

    def files(self) -> dict[str, bytes]:
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ())
        return {one["Key"]: self.client.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in found}

    def unfinished(self) -> int:
        return len(self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", ()))
