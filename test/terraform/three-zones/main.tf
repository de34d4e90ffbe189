# A network as people write it for AWS: three zones of three tiers each, in the manner of terraform-aws-modules/vpc.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "changed" {
  type    = bool
  default = false
}

variable "name" {
  type    = string
  default = "prod"
}

variable "cidr" {
  type    = string
  default = "10.20.0.0/16"
}

variable "single_nat_gateway" {
  type    = bool
  default = false
}

provider "aws" {
  region = "ap-northeast-2"
}

data "aws_availability_zones" "available" {
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  azs               = slice(data.aws_availability_zones.available.names, 0, 3)
  nat_gateway_count = var.single_nat_gateway ? 1 : length(local.azs)
  tags              = { Terraform = "true", Environment = var.changed ? "staging" : "prod" }

  database_subnets = { for index, az in local.azs : az => cidrsubnet(var.cidr, 8, index + 20) }

  public_inbound = [
    { number = 100, protocol = "tcp", from = 80, to = 80, cidr = "0.0.0.0/0" },
    { number = 110, protocol = "tcp", from = 443, to = 443, cidr = "0.0.0.0/0" },
    { number = 120, protocol = "tcp", from = 1024, to = 65535, cidr = "0.0.0.0/0" },
    { number = 130, protocol = "udp", from = 1024, to = 65535, cidr = "0.0.0.0/0" },
  ]
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  instance_tenancy     = "default"
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = merge({ Name = var.name }, local.tags)
}

resource "aws_vpc_dhcp_options" "this" {
  domain_name         = "service.consul"
  domain_name_servers = ["127.0.0.1", "10.20.0.2"]
}

resource "aws_vpc_dhcp_options_association" "this" {
  vpc_id          = aws_vpc.this.id
  dhcp_options_id = aws_vpc_dhcp_options.this.id
}

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge({ Name = "${var.name}-default" }, local.tags)
}

resource "aws_default_network_acl" "this" {
  default_network_acl_id = aws_vpc.this.default_network_acl_id
  subnet_ids             = null

  ingress {
    rule_no    = 100
    action     = "allow"
    from_port  = 0
    to_port    = 0
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no         = 101
    action          = "allow"
    from_port       = 0
    to_port         = 0
    protocol        = "-1"
    ipv6_cidr_block = "::/0"
  }

  egress {
    rule_no    = 100
    action     = "allow"
    from_port  = 0
    to_port    = 0
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
  }

  egress {
    rule_no         = 101
    action          = "allow"
    from_port       = 0
    to_port         = 0
    protocol        = "-1"
    ipv6_cidr_block = "::/0"
  }

  tags = merge({ Name = "${var.name}-default" }, local.tags)

  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_default_route_table" "default" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  tags                   = merge({ Name = "${var.name}-default" }, local.tags)

  timeouts {
    create = "5m"
    update = "5m"
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge({ Name = var.name }, local.tags)
}

resource "aws_subnet" "public" {
  count = length(local.azs)

  vpc_id                                      = aws_vpc.this.id
  cidr_block                                  = cidrsubnet(var.cidr, 8, count.index)
  availability_zone                           = element(local.azs, count.index)
  map_public_ip_on_launch                     = true
  private_dns_hostname_type_on_launch         = "ip-name"
  enable_resource_name_dns_a_record_on_launch = false

  tags = merge({ Name = "${var.name}-public-${element(local.azs, count.index)}" }, local.tags)
}

resource "aws_subnet" "private" {
  count = length(local.azs)

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 8, count.index + 10)
  availability_zone = element(local.azs, count.index)

  tags = merge({ Name = "${var.name}-private-${element(local.azs, count.index)}" }, local.tags)
}

resource "aws_subnet" "database" {
  for_each = local.database_subnets

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = each.key

  tags = merge({ Name = "${var.name}-db-${each.key}" }, local.tags)
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = merge({ Name = "${var.name}-public" }, local.tags)
}

resource "aws_route" "public_internet_gateway" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id

  timeouts {
    create = "5m"
  }
}

resource "aws_route_table_association" "public" {
  count = length(local.azs)

  subnet_id      = element(aws_subnet.public[*].id, count.index)
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  count = local.nat_gateway_count

  vpc_id = aws_vpc.this.id
  tags   = merge({ Name = "${var.name}-private-${element(local.azs, count.index)}" }, local.tags)
}

resource "aws_route_table_association" "private" {
  count = length(local.azs)

  subnet_id      = element(aws_subnet.private[*].id, count.index)
  route_table_id = element(aws_route_table.private[*].id, var.single_nat_gateway ? 0 : count.index)
}

resource "aws_route_table" "database" {
  vpc_id = aws_vpc.this.id
  tags   = merge({ Name = "${var.name}-db" }, local.tags)
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  subnet_id      = each.value.id
  route_table_id = aws_route_table.database.id
}

resource "aws_eip" "nat" {
  count = local.nat_gateway_count

  domain = "vpc"
  tags   = merge({ Name = "${var.name}-${element(local.azs, count.index)}" }, local.tags)

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  count = local.nat_gateway_count

  allocation_id = element(aws_eip.nat[*].id, count.index)
  subnet_id     = element(aws_subnet.public[*].id, count.index)
  tags          = merge({ Name = "${var.name}-${element(local.azs, count.index)}" }, local.tags)

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "private_nat_gateway" {
  count = local.nat_gateway_count

  route_table_id         = element(aws_route_table.private[*].id, count.index)
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = element(aws_nat_gateway.this[*].id, count.index)

  timeouts {
    create = "5m"
  }
}

data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.this.id
  service_name = data.aws_vpc_endpoint_service.s3.service_name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyRead"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = "*"
    }]
  })

  tags = merge({ Name = "${var.name}-s3" }, local.tags)
}

resource "aws_vpc_endpoint_route_table_association" "private_s3" {
  count = local.nat_gateway_count

  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = element(aws_route_table.private[*].id, count.index)
}

resource "aws_network_acl" "public" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = aws_subnet.public[*].id
  tags       = merge({ Name = "${var.name}-public" }, local.tags)
}

resource "aws_network_acl_rule" "public_inbound" {
  for_each = { for rule in local.public_inbound : rule.number => rule }

  network_acl_id = aws_network_acl.public.id
  egress         = false
  rule_number    = each.value.number
  rule_action    = "allow"
  protocol       = each.value.protocol
  from_port      = each.value.from
  to_port        = each.value.to
  cidr_block     = each.value.cidr
}

resource "aws_network_acl_rule" "public_outbound" {
  network_acl_id = aws_network_acl.public.id
  egress         = true
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "-1"
  from_port      = 0
  to_port        = 0
  cidr_block     = "0.0.0.0/0"
}

resource "aws_network_acl" "database" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = values(aws_subnet.database)[*].id

  dynamic "ingress" {
    for_each = { for index, subnet in aws_subnet.private : index => subnet.cidr_block }
    content {
      rule_no    = 100 + ingress.key
      action     = "allow"
      protocol   = "tcp"
      from_port  = var.changed ? 3306 : 5432
      to_port    = var.changed ? 3306 : 5432
      cidr_block = ingress.value
    }
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 1024
    to_port    = 65535
    cidr_block = var.cidr
  }

  tags = merge({ Name = "${var.name}-db" }, local.tags)
}

resource "aws_security_group" "web" {
  name   = "${var.name}-web"
  vpc_id = aws_vpc.this.id

  dynamic "ingress" {
    for_each = var.changed ? [80, 443, 8443] : [80, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = local.tags
}

resource "aws_security_group" "database" {
  name   = "${var.name}-db"
  vpc_id = aws_vpc.this.id
  tags   = local.tags
}

resource "aws_security_group_rule" "database_from_web" {
  security_group_id        = aws_security_group.database.id
  type                     = "ingress"
  from_port                = 5432
  to_port                  = 5432
  protocol                 = "tcp"
  source_security_group_id = aws_security_group.web.id
}

resource "aws_security_group_rule" "database_own" {
  security_group_id = aws_security_group.database.id
  type              = "ingress"
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  self              = true
}

resource "aws_flow_log" "this" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = "arn:aws:logs:ap-northeast-2:000000000000:log-group:/aws/vpc-flow-log/prod"
  iam_role_arn             = "arn:aws:iam::000000000000:role/vpc-flow-log"
  max_aggregation_interval = 60

  tags = merge({ Name = var.name }, local.tags)
}

output "private_subnets" {
  value = aws_subnet.private[*].id
}

output "nat_public_ips" {
  value = aws_eip.nat[*].public_ip
}
