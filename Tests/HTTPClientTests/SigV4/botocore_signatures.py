"""Signs the requests of a JSON file with botocore and prints a JSON list: what our signer must give, too."""

import datetime
import json
import sys
from unittest import mock
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials


def sign(case):
    url = case["endpoint"] + "/" + quote(case["key"], safe="/-_.~")
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in case["query"])
    url += "?" + query if query else ""
    request = AWSRequest(case["method"], url, data=case.get("body", "").encode())
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    credentials = Credentials(case["access"], case["secret"], case.get("token"))
    moment = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", lambda: moment):
        if expires := case.get("expires"):
            S3SigV4QueryAuth(credentials, "s3", case["region"], expires=expires).add_auth(request)
            return request.url
        request.context["client_config"] = Config(s3={"payload_signing_enabled": "body" in case})
        S3SigV4Auth(credentials, "s3", case["region"]).add_auth(request)
    return f"{url} {request.headers['X-Amz-Date']} {request.headers['X-Amz-Content-SHA256']} {request.headers['Authorization']}"


print(json.dumps([sign(case) for case in json.load(open(sys.argv[1]))]))
