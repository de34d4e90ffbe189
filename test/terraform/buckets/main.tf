# Buckets with every setting that Cloudcroft keeps, their objects, and parameters beside them.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "changed" {
  type    = bool
  default = false
}

provider "aws" {
  region            = "ap-northeast-2"
  s3_use_path_style = true

  default_tags {
    tags = { Course = "buckets" }
  }
}

resource "aws_s3_bucket" "data" {
  bucket        = "course-data"
  force_destroy = true
  tags          = var.changed ? { Name = "data", Changed = "yes" } : { Name = "data" }
}

resource "aws_s3_bucket" "logs" {
  bucket_prefix = "course-logs-"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id

  versioning_configuration {
    status = var.changed ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = !var.changed
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    id     = "old"
    status = "Enabled"

    filter {
      prefix = "tmp/"
    }

    expiration {
      days = 30
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "data" {
  bucket = aws_s3_bucket.data.id

  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://example.com"]
  }
}

resource "aws_s3_bucket_logging" "data" {
  bucket        = aws_s3_bucket.data.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "data/"
}

data "aws_iam_policy_document" "data" {
  statement {
    sid       = "OnlyByTheEndpoint"
    effect    = "Deny"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/secret/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = [var.changed ? "vpce-0123456789abcdef0" : "vpce-0fedcba9876543210"]
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.data.json
}

resource "aws_s3_object" "page" {
  bucket       = aws_s3_bucket.data.id
  key          = "pages/index one.html"
  content      = var.changed ? "<h1>changed</h1>" : "<h1>hello</h1>"
  content_type = "text/html"
  tags         = { Kind = "page" }
  depends_on   = [aws_s3_bucket_versioning.data]
}

resource "aws_s3_object_copy" "copy" {
  bucket = aws_s3_bucket.logs.id
  key    = "copy.html"
  source = "${aws_s3_bucket.data.id}/${aws_s3_object.page.key}"

  tagging_directive = "REPLACE"
}

resource "aws_ssm_parameter" "bucket" {
  name  = "/course/bucket"
  type  = "String"
  value = aws_s3_bucket.data.bucket
}

data "aws_s3_objects" "pages" {
  bucket     = aws_s3_bucket.data.id
  prefix     = "pages/"
  depends_on = [aws_s3_object.page]
}

output "pages" {
  value = data.aws_s3_objects.pages.keys
}
