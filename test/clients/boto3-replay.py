"""Sends requests through boto3 in their order: {endpoint, region, credentials, requests} on the standard input, as
JSON; the parsed replies on the standard output. Ends with a stack at the first that is refused."""

import base64
import datetime
import json
import sys

import boto3
from botocore.config import Config


def show(value):
    """What JSON has no form for, as JavaScript's JSON shows it."""
    if isinstance(value, datetime.datetime):
        utc = value.astimezone(datetime.timezone.utc)
        return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no form for {type(value)}")


def main():
    task = json.load(sys.stdin)
    clients = {
        name: boto3.client(
            "ec2",
            endpoint_url=task["endpoint"],
            region_name=task["region"],
            aws_access_key_id=each["accessKeyId"],
            aws_secret_access_key=each["secretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        for name, each in task["credentials"].items()
    }
    methods = {action: method for method, action in clients["owner"].meta.method_to_api_mapping.items()}
    replies = []
    for request in task["requests"]:
        call = getattr(clients[request["by"]], methods[request["action"]])
        reply = call(**request["input"])
        reply.pop("ResponseMetadata")
        replies.append(reply)
    json.dump(replies, sys.stdout, default=show)


main()
