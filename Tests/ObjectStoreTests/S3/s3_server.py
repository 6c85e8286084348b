"""An S3 server for tests: moto keeps the bytes, and a proxy before it checks what moto does not.

moto takes any secret and any expired URL. The proxy computes every signature anew with botocore, compares clocks,
expiry, session token, the body's SHA-256 and Content-MD5, and answers as S3 does. Under `/_test/` it is told of
buckets and faults and tells what it was asked:

    POST   /_test/buckets/NAME      makes a bucket
    POST   /_test/faults/BUCKET     {"kind": "status" | "slow" | "reset" | "truncate" | "lose", "count": 2, …}
    DELETE /_test/faults/BUCKET     ends them
    GET    /_test/requests/BUCKET   the requests so far, as JSON

Faults of the bucket `*` meet every bucket. `count` is how many requests are hit, -1 for all until the fault is ended;
`method` and `query` (a part of the query) choose requests; `status`, `code` and `retry_after` say what `status`
answers; `seconds` is how long `slow` waits before it goes on; `share` hits that part of the requests by chance. `lose`
does what was asked and then closes the connection without an answer.

    python3 Tests/ObjectStoreTests/S3/s3_server.py --port 9000 --bucket pictures
"""

import argparse
import base64
import collections
import datetime
import hashlib
import hmac
import http.client
import json
import logging
import os
import random
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import make_server


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Verifier:
    """Does what S3 does before it looks at a request."""

    def __init__(self, region, keys):
        self.region = region
        self.keys = keys  # access key: (secret, session token or None)

    def check(self, method, target, headers, body):
        path, _, query = target.partition("?")
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        if "X-Amz-Signature" in pairs:
            self.check_presigned(method, path, query, pairs, headers)
        else:
            self.check_signed(method, target, headers, body)
        given = headers.get("Content-MD5")
        if given and given != base64.b64encode(hashlib.md5(body).digest()).decode():
            raise Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")

    def check_signed(self, method, target, headers, body):
        authorization = headers.get("Authorization", "")
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            raise Refusal(403, "AccessDenied", "Access Denied")
        parts = dict(part.strip().split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
        names = parts["SignedHeaders"].split(";")
        for name in headers:
            if name.lower().startswith("x-amz-") and name.lower() not in names:
                raise Refusal(403, "AccessDenied", f"There were headers present in the request which were not signed: {name}")
        moment = headers.get("X-Amz-Date", "")
        if abs((now() - read_time(moment)).total_seconds()) > 900:
            raise Refusal(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        credentials = self.credentials(parts["Credential"], moment, headers.get("X-Amz-Security-Token"))
        self.compare(S3SigV4Auth, credentials, method, target, names, headers, moment, parts["Signature"])
        digest = headers.get("X-Amz-Content-SHA256", "")
        if len(digest) == 64 and digest != hashlib.sha256(body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")

    def check_presigned(self, method, path, query, pairs, headers):
        moment = pairs["X-Amz-Date"]
        expires = int(pairs["X-Amz-Expires"])
        if not 1 <= expires <= 604800:
            raise Refusal(400, "AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week")
        age = (now() - read_time(moment)).total_seconds()
        if age > expires:
            raise Refusal(403, "AccessDenied", "Request has expired")
        if age < -900:
            raise Refusal(403, "AccessDenied", "Request is not valid yet")
        names = pairs["X-Amz-SignedHeaders"].split(";")
        credentials = self.credentials(pairs["X-Amz-Credential"], moment, pairs.get("X-Amz-Security-Token"))
        kept = "&".join(pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
        target = f"{path}?{kept}"
        self.compare(S3SigV4QueryAuth, credentials, method, target, names, headers, moment, pairs["X-Amz-Signature"])

    def credentials(self, scope, moment, token):
        access, date, region, service, end = scope.rsplit("/", 4)
        if access not in self.keys:
            raise Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        if (date, service, end) != (moment[:8], "s3", "aws4_request"):
            raise Refusal(403, "SignatureDoesNotMatch", "The scope of the credential is wrong.")
        if region != self.region:
            raise Refusal(400, "AuthorizationHeaderMalformed", f"the region '{region}' is wrong; expecting '{self.region}'")
        secret, expected = self.keys[access]
        if token != expected:
            raise Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        return Credentials(access, secret, expected)

    def compare(self, kind, credentials, method, target, names, headers, moment, given):
        request = AWSRequest(method, f"http://{headers['Host']}{target}")
        for name in names:
            for value in headers.get_all(name, []):
                request.headers.add_header(name, value)
        request.context["timestamp"] = moment
        auth = kind(credentials, "s3", self.region)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        if not hmac.compare_digest(auth.signature(text, request), given):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def read_time(text):
    try:
        return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.by_bucket = collections.defaultdict(list)

    def add(self, bucket, fault):
        with self.lock:
            self.by_bucket[bucket].append(fault)

    def clear(self, bucket):
        with self.lock:
            self.by_bucket.pop(bucket, None)

    def take(self, bucket, method, query):
        with self.lock:
            for name in (bucket, "*"):
                for fault in self.by_bucket.get(name, []):
                    if self.hits(fault, method, query):
                        fault["count"] = fault.get("count", 1) - 1
                        return dict(fault)
        return None

    @staticmethod
    def hits(fault, method, query):
        return (
            fault.get("count", 1) != 0
            and fault.get("method", method) == method
            and fault.get("query", "") in query
            and random.random() < fault.get("share", 1)
        )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = self.read_chunks()
        if self.path.startswith("/_test/"):
            return self.administer(body)
        bucket, target = self.locate()
        query = target.partition("?")[2]
        self.server.requests[bucket].append(
            {"method": self.command, "target": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}
        )
        fault = self.server.faults.take(bucket, self.command, query) or {"kind": None}
        if fault["kind"] == "reset":
            return self.reset()
        if fault["kind"] == "slow":
            time.sleep(fault.get("seconds", 1))
        if fault["kind"] == "status":
            return self.refuse(fault.get("status", 503), fault.get("code", "SlowDown"), "Please reduce your request rate.", fault)
        try:
            self.server.verifier.check(self.command, self.path, self.headers, body)
        except Refusal as refusal:
            return self.refuse(refusal.status, refusal.code, refusal.message)
        status, headers, answer = self.forward(target, body)
        if fault["kind"] == "lose":
            return self.reset()
        self.answer(status, headers, answer, truncated=fault["kind"] == "truncate")

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()  # the client waits for it
        return True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do

    def locate(self):
        """The bucket, and the target in path style, which moto is asked with."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host.endswith(".localhost"):
            bucket = host.removesuffix(".localhost")
            return bucket, f"/{bucket}{self.path}"
        return self.path.lstrip("/").partition("?")[0].partition("/")[0], self.path

    def read_chunks(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def forward(self, target, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.backend)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "transfer-encoding", "content-length")}
        headers["Content-Length"] = str(len(body))
        connection.request(self.command, target, body=body, headers=headers)
        response = connection.getresponse()
        answer = response.read()
        kept = [(k, v) for k, v in response.getheaders() if k.lower() not in ("connection", "server", "date", "transfer-encoding")]
        if self.command != "HEAD":
            kept = [(k, v) for k, v in kept if k.lower() != "content-length"] + [("Content-Length", str(len(answer)))]
        connection.close()
        return response.status, kept, answer

    def answer(self, status, headers, body, truncated=False):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if truncated else body)
        self.wfile.flush()
        if truncated:
            self.close_connection = True

    def refuse(self, status, code, message, fault={}):
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>'.encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        if "retry_after" in fault:
            headers.append(("Retry-After", str(fault["retry_after"])))
        self.answer(status, headers, b"" if self.command == "HEAD" else body)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def administer(self, body):
        _, _, what, name = self.path.split("/", 3)
        answer = b"{}"
        match (self.command, what):
            case ("POST", "buckets"):
                self.server.make_bucket(name)
            case ("POST", "faults"):
                self.server.faults.add(name, json.loads(body))
            case ("DELETE", "faults"):
                self.server.faults.clear(name)
            case ("GET", "requests"):
                answer = json.dumps(list(self.server.requests[name])).encode()
            case _:
                return self.answer(404, [("Content-Length", "0")], b"")
        self.answer(200, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))], answer)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, verifier, backend):
        super().__init__(("127.0.0.1", port), Handler)
        self.verifier, self.backend, self.faults = verifier, backend, Faults()
        self.requests = collections.defaultdict(lambda: collections.deque(maxlen=50_000))

    def make_bucket(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.backend)
        connection.request("PUT", f"/{name}", headers={"Content-Length": "0"})
        response = connection.getresponse()
        response.read()
        connection.close()

    def handle_error(self, request, address):
        if not isinstance(sys.exception(), (ConnectionError, BrokenPipeError, ValueError)):
            super().handle_error(request, address)


def end_with_parent(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 for a free one, which is printed")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--access-key", default="test-access")
    parser.add_argument("--secret-key", default="test-secret")
    parser.add_argument("--bucket", action="append", default=[], help="a bucket to make at the start")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    options = parser.parse_args()
    if options.with_parent:
        threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=True)
    threading.Thread(target=moto.serve_forever, daemon=True).start()
    keys = {
        options.access_key: (options.secret_key, None),
        "temporary-access": ("temporary-secret", "temporary-token/+=="),
    }
    server = Server(options.port, Verifier(options.region, keys), moto.port)
    for bucket in options.bucket:
        server.make_bucket(bucket)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
