"""Asks S3 everything that it answers, through boto3, and holds what comes back. The environment says where S3 is. Prints the
names of the operations that were asked, one a line; ends with a stack at the first that is not as it should be."""

import hashlib
import os
import tempfile

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = os.environ["AWS_DEFAULT_REGION"]
asked = set()


def client_of(style, **more):
    config = Config(s3={"addressing_style": style}, retries={"total_max_attempts": 2}, proxies={}, **more)
    made = boto3.client("s3", config=config)
    made.meta.events.register("before-call.s3", lambda model, **_: asked.add(model.name))
    return made


s3 = client_of("path")


def refused(code, call, *args, **wish):
    try:
        call(*args, **wish)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, f"{error} is not {code}"
        return error.response
    raise AssertionError(f"not refused with {code}")


def buckets():
    s3.create_bucket(Bucket="first", CreateBucketConfiguration={"LocationConstraint": REGION})
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="first", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert s3.head_bucket(Bucket="first")["BucketRegion"] == REGION
    assert s3.get_bucket_location(Bucket="first")["LocationConstraint"] == REGION
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["first"]
    refused("NoSuchBucket", s3.list_objects_v2, Bucket="nobodys")
    refused("404", s3.head_bucket, Bucket="nobodys")


def settings():
    own = {"Bucket": "first"}
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, **own)
    cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3}]}
    s3.put_bucket_cors(**own, CORSConfiguration=cors)
    assert s3.get_bucket_cors(**own)["CORSRules"] == cors["CORSRules"]
    s3.delete_bucket_cors(**own)
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}]
    s3.put_bucket_lifecycle_configuration(**own, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(**own)["Rules"] == rules
    s3.delete_bucket_lifecycle(**own)
    website = {"IndexDocument": {"Suffix": "index.html"}}
    s3.put_bucket_website(**own, WebsiteConfiguration=website)
    assert s3.get_bucket_website(**own)["IndexDocument"] == website["IndexDocument"]
    s3.delete_bucket_website(**own)
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(**own, ServerSideEncryptionConfiguration=encryption)
    assert s3.get_bucket_encryption(**own)["ServerSideEncryptionConfiguration"] == encryption
    s3.delete_bucket_encryption(**own)
    s3.put_bucket_tagging(**own, Tagging={"TagSet": [{"Key": "a", "Value": "<&>"}]})
    assert s3.get_bucket_tagging(**own)["TagSet"] == [{"Key": "a", "Value": "<&>"}]
    s3.delete_bucket_tagging(**own)
    refused("NoSuchTagSet", s3.get_bucket_tagging, **own)
    assert s3.get_public_access_block(**own)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] is True
    s3.put_public_access_block(**own, PublicAccessBlockConfiguration={"BlockPublicPolicy": False})
    s3.delete_public_access_block(**own)
    ownership = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert s3.get_bucket_ownership_controls(**own)["OwnershipControls"] == ownership
    s3.put_bucket_ownership_controls(**own, OwnershipControls=ownership)
    s3.delete_bucket_ownership_controls(**own)
    s3.put_bucket_accelerate_configuration(**own, AccelerateConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_accelerate_configuration(**own)["Status"] == "Suspended"
    s3.put_bucket_request_payment(**own, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert s3.get_bucket_request_payment(**own)["Payer"] == "BucketOwner"
    s3.put_bucket_logging(**own, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "first", "TargetPrefix": "x"}})
    assert s3.get_bucket_logging(**own)["LoggingEnabled"]["TargetPrefix"] == "x"
    s3.put_bucket_notification_configuration(**own, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(**own)
    assert s3.get_bucket_acl(**own)["Grants"][0]["Permission"] == "FULL_CONTROL"
    s3.put_bucket_acl(**own, ACL="private")
    refused("AccessControlListNotSupported", s3.put_bucket_acl, **own, ACL="public-read")
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, **own)
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, **own)
    refused("NotImplemented", s3.get_bucket_inventory_configuration, **own, Id="x")


def policies():
    own = {"Bucket": "first"}
    refused("NoSuchBucketPolicy", s3.get_bucket_policy_status, **own)
    policy = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::first/kept"}}'
    s3.put_bucket_policy(**own, Policy=policy)
    assert s3.get_bucket_policy(**own)["Policy"] == policy
    assert s3.get_bucket_policy_status(**own)["PolicyStatus"]["IsPublic"] is False
    s3.put_object(**own, Key="kept", Body=b"x")
    refused("AccessDenied", s3.delete_object, **own, Key="kept")
    reply = s3.delete_objects(**own, Delete={"Objects": [{"Key": "kept"}, {"Key": "other"}]})
    assert [each["Key"] for each in reply["Deleted"]] == ["other"], reply
    assert [(each["Key"], each["Code"]) for each in reply["Errors"]] == [("kept", "AccessDenied")], reply
    s3.delete_bucket_policy(**own)
    s3.delete_object(**own, Key="kept")
    refused("MalformedPolicy", s3.put_bucket_policy, **own, Policy="{}")


ODD_KEYS = ["plain", "with space", "plus+and%2F", "é漢😀", "a/b//c/", "../../escape", "q?x=1&y#z", "<&>\"'", "tab\tnew\nline", "."]


def objects():
    own = {"Bucket": "first"}
    for key in ODD_KEYS:
        body = key.encode() * 3
        s3.put_object(**own, Key=key, Body=body, Metadata={"n": "1"}, ContentType="text/x", Tagging="a=1")
        reply = s3.get_object(**own, Key=key)
        assert (reply["Body"].read(), reply["Metadata"], reply["ContentType"]) == (body, {"n": "1"}, "text/x"), key
        assert s3.head_object(**own, Key=key)["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', key
        s3.copy_object(**own, Key="copy", CopySource={"Bucket": "first", "Key": key})
        assert s3.get_object(**own, Key="copy")["Body"].read() == body, key
    s3.delete_object(**own, Key="copy")
    listed = [each["Key"] for each in s3.list_objects_v2(**own)["Contents"]]
    assert listed == sorted(ODD_KEYS, key=lambda key: key.encode()), listed
    assert [each["Key"] for each in s3.list_objects(**own, Prefix="a/")["Contents"]] == ["a/b//c/"]
    assert s3.get_object(**own, Key="plain", Range="bytes=1-3")["Body"].read() == b"lai"
    assert s3.get_object_tagging(**own, Key="plain")["TagSet"] == [{"Key": "a", "Value": "1"}]
    s3.put_object_tagging(**own, Key="plain", Tagging={"TagSet": [{"Key": "b", "Value": "2"}]})
    s3.delete_object_tagging(**own, Key="plain")
    assert s3.get_object_acl(**own, Key="plain")["Grants"][0]["Permission"] == "FULL_CONTROL"
    s3.put_object_acl(**own, Key="plain", ACL="bucket-owner-full-control")
    assert s3.get_object_attributes(**own, Key="plain", ObjectAttributes=["ObjectSize"])["ObjectSize"] == 15
    refused("InvalidRequest", s3.get_object_retention, **own, Key="plain")
    refused("InvalidRequest", s3.put_object_retention, **own, Key="plain", Retention={})
    refused("InvalidRequest", s3.get_object_legal_hold, **own, Key="plain")
    refused("InvalidRequest", s3.put_object_legal_hold, **own, Key="plain", LegalHold={})
    refused("NoSuchKey", s3.get_object, **own, Key="nothing")
    refused("404", s3.head_object, **own, Key="nothing")
    refused("PreconditionFailed", s3.put_object, **own, Key="plain", Body=b"x", IfNoneMatch="*")
    refused("NotImplemented", s3.get_object_torrent, **own, Key="plain")
    reply = s3.delete_objects(**own, Delete={"Objects": [{"Key": key} for key in ODD_KEYS]})
    assert len(reply["Deleted"]) == len(ODD_KEYS), reply


def checksums():
    own = {"Bucket": "first", "Key": "summed"}
    # Those that need no library of their own.
    for name in ["CRC32", "SHA1", "SHA256"]:
        given = s3.put_object(**own, Body=b"hello" * 1000, ChecksumAlgorithm=name)[f"Checksum{name}"]
        read = s3.get_object(**own, ChecksumMode="ENABLED")
        assert (read["Body"].read(), read[f"Checksum{name}"]) == (b"hello" * 1000, given)


def multipart():
    own = {"Bucket": "first", "Key": "large"}
    content = os.urandom(5 * 1024**2 + 17)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content * 3)
        file.flush()
        s3.upload_file(file.name, "first", "large")
        s3.download_file("first", "large", file.name + ".back")
        with open(file.name + ".back", "rb") as back:
            assert back.read() == content * 3
        os.unlink(file.name + ".back")
    upload = {**own, "UploadId": s3.create_multipart_upload(**own)["UploadId"]}
    first = s3.upload_part(**upload, PartNumber=1, Body=content)["ETag"]
    copied = s3.upload_part_copy(**upload, PartNumber=2, CopySource="first/large", CopySourceRange="bytes=0-9")
    assert [part["Size"] for part in s3.list_parts(**upload)["Parts"]] == [len(content), 10]
    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket="first")["Uploads"]] == ["large"]
    parts = [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": copied["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(**own)["Body"].read() == content + content[:10]
    assert s3.get_object(**own, PartNumber=2)["Body"].read() == content[:10]
    other = s3.create_multipart_upload(**own)["UploadId"]
    s3.abort_multipart_upload(**own, UploadId=other)
    refused("NoSuchUpload", s3.list_parts, **own, UploadId=other)


def versions():
    s3.create_bucket(Bucket="versions", CreateBucketConfiguration={"LocationConstraint": REGION})
    own = {"Bucket": "versions", "Key": "key"}
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket="versions")["Status"] == "Enabled"
    ids = [s3.put_object(**own, Body=body)["VersionId"] for body in [b"one", b"two"]]
    marker = s3.delete_object(**own)
    assert marker["DeleteMarker"] is True
    listed = s3.list_object_versions(Bucket="versions")
    assert [each["VersionId"] for each in listed["Versions"]] == ids[::-1]
    assert [each["VersionId"] for each in listed["DeleteMarkers"]] == [marker["VersionId"]]
    assert s3.get_object(**own, VersionId=ids[0])["Body"].read() == b"one"
    refused("NoSuchKey", s3.get_object, **own)
    boto3.resource("s3").Bucket("versions").object_versions.delete()
    s3.delete_bucket(Bucket="versions")


def many_keys():
    own = {"Bucket": "first"}
    s3.delete_objects(**own, Delete={"Objects": [{"Key": "large"}, {"Key": "summed"}]})
    count = 2500
    for number in range(count):
        s3.put_object(**own, Key=f"{number % 5}/{number:05}", Body=b"")
    pages = list(s3.get_paginator("list_objects_v2").paginate(**own))
    assert [len(page["Contents"]) for page in pages] == [1000, 1000, 500]
    prefixes = s3.list_objects_v2(**own, Delimiter="/")
    assert [each["Prefix"] for each in prefixes["CommonPrefixes"]] == [f"{number}/" for number in range(5)]
    boto3.resource("s3").Bucket("first").objects.all().delete()
    refused("NoSuchKey", s3.get_object, **own, Key="0/00000")


def signatures():
    own = {"Bucket": "first", "Key": "signed"}
    s3.put_object(**own, Body=b"hello")
    wrong = boto3.client(
        "s3",
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="wrong",
        config=Config(proxies={}),
    )
    refused("SignatureDoesNotMatch", wrong.get_object, **own)
    unknown = boto3.client("s3", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x", config=Config(proxies={}))
    refused("InvalidAccessKeyId", unknown.get_object, **own)
    anonymous = boto3.client("s3", config=Config(signature_version=botocore.UNSIGNED, proxies={}))
    refused("AccessDenied", anonymous.get_object, **own)
    other = boto3.client(
        "s3",
        aws_access_key_id="111122223333",
        aws_secret_access_key=os.environ["OTHER_SECRET"],
        config=Config(proxies={}),
    )
    refused("AccessDenied", other.get_object, **own)
    assert other.list_buckets()["Buckets"] == []
    refused("BucketAlreadyExists", other.create_bucket, Bucket="first", CreateBucketConfiguration={"LocationConstraint": REGION})
    policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::first/*"}}'
    s3.put_bucket_policy(Bucket="first", Policy=policy)
    assert other.get_object(**own)["Body"].read() == b"hello"
    refused("AccessDenied", other.put_object, **own, Body=b"x")
    s3.delete_bucket_policy(Bucket="first")
    s3.delete_object(**own)


for step in [buckets, settings, policies, objects, checksums, multipart, versions, many_keys, signatures]:
    step()
s3.delete_bucket(Bucket="first")
assert s3.list_buckets()["Buckets"] == []
print("\n".join(sorted(asked)))
