# What configurations written for AWS often set and read back: volumes, credits, monitoring and metadata of instances,
# options of endpoints, further addresses of NAT gateways, the internet gateway's route table, and the resources that hold one
# association each.

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

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

data "aws_ec2_instance_type" "small" {
  instance_type = "t3.micro"
}

data "aws_ec2_instance_type_offerings" "small" {
  location_type = "availability-zone"
  filter {
    name   = "instance-type"
    values = [data.aws_ec2_instance_type.small.instance_type]
  }
}

# S3 has endpoints of both types, so its service is asked for by type.
data "aws_vpc_endpoint_service" "s3" {
  service = "s3"
  filter {
    name   = "service-type"
    values = ["Interface"]
  }
}

data "aws_vpc_endpoint_service" "streams" {
  service = "kinesis-streams"
}

# The oldest of Amazon Linux that is still looked up, by the type of its volume.
data "aws_ami" "linux2" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["amzn2-ami-hvm-*"]
  }
  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
  filter {
    name   = "block-device-mapping.volume-type"
    values = ["gp2"]
  }
}

resource "aws_default_subnet" "first" {
  availability_zone = data.aws_availability_zones.available.names[0]
}

resource "aws_default_vpc_dhcp_options" "default" {}

resource "aws_vpc" "main" {
  cidr_block                       = "10.40.0.0/16"
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "zones" {
  count                           = 2
  vpc_id                          = aws_vpc.main.id
  cidr_block                      = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  ipv6_cidr_block                 = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, count.index)
  availability_zone               = data.aws_availability_zones.available.names[count.index]
  assign_ipv6_address_on_creation = var.changed
}

resource "aws_subnet" "ipv6_only" {
  vpc_id                                         = aws_vpc.main.id
  ipv6_native                                    = true
  ipv6_cidr_block                                = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 10)
  assign_ipv6_address_on_creation                = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  enable_dns64                                   = var.changed
}

resource "aws_security_group" "web" {
  vpc_id      = aws_vpc.main.id
  name_prefix = "web-"
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["10.0.0.0/8"]
    ipv6_cidr_blocks = ["::/0"]
    description      = var.changed ? "from within" : "web"
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_instance" "disks" {
  ami                    = data.aws_ssm_parameter.ami.value
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.zones[0].id
  vpc_security_group_ids = [aws_security_group.web.id]
  monitoring             = !var.changed
  user_data              = "#!/bin/sh\necho hello\n"
  root_block_device {
    volume_size = 20
    volume_type = "gp3"
    encrypted   = true
    tags        = { Name = var.changed ? "system" : "root" }
  }
  ebs_block_device {
    device_name           = "/dev/sdf"
    volume_size           = 100
    volume_type           = "io2"
    iops                  = 1000
    delete_on_termination = true
  }
  credit_specification {
    cpu_credits = var.changed ? "unlimited" : "standard"
  }
  cpu_options {
    core_count       = 1
    threads_per_core = 1
  }
  maintenance_options {
    auto_recovery = var.changed ? "disabled" : "default"
  }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = var.changed ? 3 : 2
    instance_metadata_tags      = "enabled"
  }
  tags = { Name = var.changed ? "b" : "a" }
}

resource "aws_instance" "stopped" {
  ami                = data.aws_ami.linux2.id
  instance_type      = "t3.micro"
  subnet_id          = aws_subnet.zones[1].id
  ipv6_address_count = 1
  private_dns_name_options {
    hostname_type                        = "resource-name"
    enable_resource_name_dns_a_record    = !var.changed
    enable_resource_name_dns_aaaa_record = false
  }
  volume_tags = { Name = var.changed ? "disk" : "volume" }
}

resource "aws_ec2_instance_state" "stopped" {
  instance_id = aws_instance.stopped.id
  state       = var.changed ? "stopped" : "running"
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.ap-northeast-2.ssm"
  vpc_endpoint_type   = "Interface"
  ip_address_type     = "ipv4"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.zones[0].id]
  security_group_ids  = [aws_security_group.web.id]
  dns_options {
    dns_record_ip_type = "ipv4"
  }
  subnet_configuration {
    subnet_id = aws_subnet.zones[0].id
    ipv4      = var.changed ? "10.40.0.51" : "10.40.0.50"
  }
}

resource "aws_vpc_endpoint" "sts" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.ap-northeast-2.sts"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_security_group_association" "sts" {
  vpc_endpoint_id             = aws_vpc_endpoint.sts.id
  security_group_id           = aws_security_group.web.id
  replace_default_association = true
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.ap-northeast-2.s3"
}

resource "aws_vpc_endpoint_policy" "s3" {
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.changed ? "Read" : "All"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = var.changed ? ["s3:GetObject", "s3:ListBucket"] : ["s3:*"]
      Resource  = "*"
    }]
  })
}

resource "aws_network_acl" "second" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_association" "second" {
  network_acl_id = aws_network_acl.second.id
  subnet_id      = aws_subnet.zones[1].id
}

resource "aws_internet_gateway" "main" {}

resource "aws_internet_gateway_attachment" "main" {
  internet_gateway_id = aws_internet_gateway.main.id
  vpc_id              = aws_vpc.main.id
}

resource "aws_nat_gateway" "private" {
  connectivity_type              = "private"
  private_ip                     = "10.40.0.60"
  secondary_private_ip_addresses = var.changed ? ["10.40.0.62", "10.40.0.63"] : ["10.40.0.61", "10.40.0.62"]
  subnet_id                      = aws_subnet.zones[0].id
}

resource "aws_nat_gateway" "counted" {
  connectivity_type                  = "private"
  secondary_private_ip_address_count = 3
  subnet_id                          = aws_subnet.zones[1].id
}

resource "aws_eip" "nat" {
  count = 3
}

resource "aws_nat_gateway" "public" {
  allocation_id            = aws_eip.nat[0].id
  secondary_allocation_ids = [var.changed ? aws_eip.nat[2].id : aws_eip.nat[1].id]
  subnet_id                = aws_subnet.zones[0].id
  depends_on               = [aws_internet_gateway_attachment.main]
}

resource "aws_vpc" "other" {
  cidr_block = "10.50.0.0/16"
}

resource "aws_vpc_peering_connection" "other" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.other.id
  auto_accept = true
}

resource "aws_vpc_peering_connection_options" "other" {
  vpc_peering_connection_id = aws_vpc_peering_connection.other.id
  requester {
    allow_remote_vpc_dns_resolution = !var.changed
  }
}

resource "aws_network_interface" "middlebox" {
  subnet_id         = aws_subnet.zones[0].id
  source_dest_check = false
}

resource "aws_route_table" "edge" {
  count  = 2
  vpc_id = aws_vpc.main.id
  # Of the second one the local routes, too, of which one comes to lead all of the VPC to the middlebox.
  dynamic "route" {
    for_each = count.index == 1 ? [aws_vpc.main.ipv6_cidr_block] : []
    content {
      ipv6_cidr_block = route.value
      gateway_id      = "local"
    }
  }
  dynamic "route" {
    for_each = count.index == 1 ? [aws_vpc.main.cidr_block] : []
    content {
      cidr_block           = route.value
      gateway_id           = var.changed ? null : "local"
      network_interface_id = var.changed ? aws_network_interface.middlebox.id : null
    }
  }
}

resource "aws_route" "edge" {
  route_table_id         = aws_route_table.edge[0].id
  destination_cidr_block = aws_subnet.zones[1].cidr_block
  network_interface_id   = aws_network_interface.middlebox.id
}

resource "aws_route_table_association" "edge" {
  gateway_id     = aws_internet_gateway.main.id
  route_table_id = aws_route_table.edge[var.changed ? 1 : 0].id
  depends_on     = [aws_internet_gateway_attachment.main]
}
