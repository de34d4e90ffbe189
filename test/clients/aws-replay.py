"""Sends requests through the aws CLI in their order, in one process, for each process of it reads the model anew:
{endpoint, region, credentials, requests} on the standard input, as JSON; what each command printed, parsed, on the
standard output. Ends at the first command that fails, with what it said."""

import contextlib
import io
import json
import os
import sys

from awscli.clidriver import create_clidriver
from botocore import xform_name


class Output(io.TextIOWrapper):
    """A standard output that keeps what is written, as text or as bytes."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode()


def run(driver, request, endpoint):
    words = ["ec2", xform_name(request["action"], "-"), "--cli-input-json", json.dumps(request["input"])]
    printed, said = Output(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        code = driver.main([*words, "--endpoint-url", endpoint, "--output", "json", "--no-paginate"])
    if code != 0:
        sys.exit(f"aws {' '.join(words)}: {said.getvalue()}")
    text = printed.text()
    return json.loads(text) if text.strip() else {}


def main():
    task = json.load(sys.stdin)
    os.environ["AWS_DEFAULT_REGION"] = task["region"]
    drivers = {}
    replies = []
    for request in task["requests"]:
        name = request["by"]
        # A driver reads its account's key when it first sends something, and keeps it.
        os.environ["AWS_ACCESS_KEY_ID"] = task["credentials"][name]["accessKeyId"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = task["credentials"][name]["secretAccessKey"]
        if name not in drivers:
            drivers[name] = create_clidriver()
        replies.append(run(drivers[name], request, task["endpoint"]))
        # After a command with flattened options, a driver expects them of every other one.
        if request["action"].startswith("Modify"):
            del drivers[name]
    json.dump(replies, sys.stdout)


main()
