"""The S3 test server: it checks signatures and injects faults."""

import http.client
import json
import sys
from pathlib import Path

from process import Process, accepts_connections, free_port, wait_until

SERVER = Path(__file__).resolve().parents[1] / "ObjectStoreTests/S3/s3_server.py"


class S3:
    bucket, region = "pictures", "us-east-1"
    access_key, secret_key = "cluster-access", "cluster-secret"

    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        options = {
            "--port": self.port, "--bucket": self.bucket, "--region": self.region,
            "--access-key": self.access_key, "--secret-key": self.secret_key,
        }  # fmt: skip
        words = [str(word) for pair in options.items() for word in pair]
        self.process = Process("s3", [sys.executable, str(SERVER), *words], folder)
        self.process.start()
        wait_until("S3", lambda: accepts_connections(self.port))

    def break_with(self, **fault):
        """Begins a fault, such as `kind="status", status=503, count=-1`."""
        self._administer("POST", json.dumps(fault))

    def mend(self):
        self._administer("DELETE")

    def _administer(self, method: str, body: str | None = None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, "/_test/faults/*", body=body)
        connection.getresponse().read()
        connection.close()

    def objects(self) -> dict[str, str]:
        """The MD5 of every object by its key."""
        import boto3  # takes a second to load

        client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
