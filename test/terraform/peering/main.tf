# VPCs of two regions, peered; gateways of IPv6 and VPN.

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
  region = "ap-northeast-2"
}

provider "aws" {
  alias  = "far"
  region = "eu-west-1"
}

resource "aws_vpc" "a" {
  cidr_block                       = "10.81.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
}

resource "aws_vpc" "b" {
  cidr_block           = "10.82.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc" "c" {
  provider   = aws.far
  cidr_block = "10.83.0.0/16"
}

resource "aws_subnet" "a" {
  vpc_id                          = aws_vpc.a.id
  cidr_block                      = "10.81.0.0/24"
  ipv6_cidr_block                 = cidrsubnet(aws_vpc.a.ipv6_cidr_block, 8, 1)
  assign_ipv6_address_on_creation = false
}

resource "aws_vpc_peering_connection" "ab" {
  vpc_id      = aws_vpc.a.id
  peer_vpc_id = aws_vpc.b.id
  auto_accept = true
  accepter {
    allow_remote_vpc_dns_resolution = true
  }
  requester {
    allow_remote_vpc_dns_resolution = true
  }
  tags = { Name = var.changed ? "changed" : "ab" }
}

resource "aws_vpc_peering_connection" "ac" {
  vpc_id      = aws_vpc.a.id
  peer_vpc_id = aws_vpc.c.id
  peer_region = "eu-west-1"
  tags        = { Side = "requester" }
}

resource "aws_vpc_peering_connection_accepter" "ac" {
  provider                  = aws.far
  vpc_peering_connection_id = aws_vpc_peering_connection.ac.id
  auto_accept               = true
  tags                      = { Side = "accepter" }
}

resource "aws_egress_only_internet_gateway" "a" { vpc_id = aws_vpc.a.id }

resource "aws_vpn_gateway" "a" {
  vpc_id          = aws_vpc.a.id
  amazon_side_asn = 64600
}

resource "aws_customer_gateway" "a" {
  bgp_asn    = 65005
  ip_address = "203.0.113.5"
  type       = "ipsec.1"
}

resource "aws_route_table" "a" {
  vpc_id = aws_vpc.a.id

  route {
    cidr_block                = var.changed ? "10.82.0.0/20" : "10.82.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.ab.id
  }
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.a.id
  }
}

resource "aws_route" "c" {
  route_table_id            = aws_route_table.b.id
  destination_cidr_block    = "10.81.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.ab.id
}

resource "aws_route_table" "b" { vpc_id = aws_vpc.b.id }

resource "aws_vpn_gateway_route_propagation" "b" {
  vpn_gateway_id = aws_vpn_gateway.b.id
  route_table_id = aws_route_table.b.id
  depends_on     = [aws_vpn_gateway_attachment.b]
}

resource "aws_vpn_gateway" "b" {}

resource "aws_vpn_gateway_attachment" "b" {
  vpc_id         = aws_vpc.b.id
  vpn_gateway_id = aws_vpn_gateway.b.id
}

resource "aws_security_group" "b" {
  vpc_id = aws_vpc.b.id
  ingress {
    from_port        = 22
    to_port          = 22
    protocol         = "tcp"
    security_groups  = [aws_security_group.a.id]
    ipv6_cidr_blocks = var.changed ? ["fd00::/8"] : ["::/0"]
  }
  depends_on = [aws_vpc_peering_connection.ab]
}

resource "aws_security_group" "a" {
  vpc_id = aws_vpc.a.id
  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_network_acl" "a" {
  vpc_id = aws_vpc.a.id
  ingress {
    rule_no         = 100
    action          = "allow"
    protocol        = "-1"
    from_port       = 0
    to_port         = 0
    ipv6_cidr_block = "::/0"
  }
}

resource "aws_default_network_acl" "a" {
  lifecycle {
    ignore_changes = [subnet_ids]
  }
  default_network_acl_id = aws_vpc.a.default_network_acl_id
  ingress {
    rule_no         = 101
    action          = "allow"
    protocol        = "-1"
    from_port       = 0
    to_port         = 0
    ipv6_cidr_block = "::/0"
  }
}
