"""Reads with boto3 what Pictor wrote and writes what Pictor will read: PORT BUCKET KEY -> SHA-256, then stores KEY.copy."""

import hashlib
import sys

import boto3

client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{sys.argv[1]}",
    aws_access_key_id="test-access",
    aws_secret_access_key="test-secret",
    region_name="us-east-1",
)
bucket, key = sys.argv[2:4]
body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
client.put_object(Bucket=bucket, Key=key + ".copy", Body=body)
print("sha256", hashlib.sha256(body).hexdigest())
