# The walk-through of the README, and everything else that stands around it in a VPC.

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

  default_tags {
    tags = { Course = "walk-through" }
  }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_ami" "al2023" {
  most_recent = true
  owners      = ["amazon"]

  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}

data "aws_prefix_list" "s3" {
  prefix_list_id = aws_vpc_endpoint.s3.prefix_list_id
}

resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = true

  tags = {
    Name  = var.changed ? "changed" : "main"
    Owner = data.aws_caller_identity.current.account_id
  }
}

resource "aws_vpc_ipv4_cidr_block_association" "second" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "public" {
  vpc_id                          = aws_vpc.main.id
  cidr_block                      = "10.0.0.0/24"
  ipv6_cidr_block                 = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 0)
  availability_zone               = data.aws_availability_zones.available.names[0]
  map_public_ip_on_launch         = true
  assign_ipv6_address_on_creation = true

  tags = { Name = "public" }
}

resource "aws_subnet" "private" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = data.aws_availability_zones.available.names[1]

  tags = { Name = "private" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id

  tags = { Name = "main" }
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id

  ingress {
    protocol  = "-1"
    self      = true
    from_port = 0
    to_port   = 0
  }
}

resource "aws_default_network_acl" "main" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id
  subnet_ids             = [aws_subnet.public.id]

  ingress {
    protocol   = "-1"
    rule_no    = 100
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  egress {
    protocol   = "-1"
    rule_no    = 100
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_vpc_dhcp_options" "main" {
  domain_name         = "course.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  ntp_servers         = ["169.254.169.123"]
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.main.id
  }

  tags = { Name = "public" }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "private" }
}

resource "aws_route" "private_nat" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route" "private_ipv6" {
  route_table_id              = aws_route_table.private.id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.main.id
}

# A route to the same place by another way, once changed.
resource "aws_route" "private_partner" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "192.168.0.0/16"
  nat_gateway_id         = var.changed ? null : aws_nat_gateway.main.id
  network_interface_id   = var.changed ? aws_network_interface.appliance.id : null
}

resource "aws_route" "private_office" {
  route_table_id             = aws_route_table.private.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.office.id
  nat_gateway_id             = aws_nat_gateway.main.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.private.id
}

resource "aws_ec2_managed_prefix_list" "office" {
  name           = "office"
  address_family = "IPv4"
  max_entries    = 5

  entry {
    cidr        = "203.0.113.0/24"
    description = "headquarters"
  }

  dynamic "entry" {
    for_each = var.changed ? ["203.0.112.0/24"] : []
    content {
      cidr = entry.value
    }
  }
}

resource "aws_key_pair" "course" {
  key_name   = "course"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKKRo9SVZ/8wm9s7r7O/QRRxC3FvrBl6IZmGZ4a4jWAX course"
}

resource "aws_security_group" "bastion" {
  name        = "bastion"
  description = "SSH from outside"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "the laptop"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.changed ? ["198.51.100.10/32", "203.0.113.0/24"] : ["198.51.100.10/32"]
  }

  ingress {
    from_port   = -1
    to_port     = -1
    protocol    = "icmp"
    cidr_blocks = ["10.0.0.0/8"]
    self        = true
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_security_group" "private" {
  name_prefix = "private-"
  vpc_id      = aws_vpc.main.id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "private_ssh" {
  security_group_id            = aws_security_group.private.id
  referenced_security_group_id = aws_security_group.bastion.id
  description                  = var.changed ? "changed" : "from the bastion"
  ip_protocol                  = "tcp"
  from_port                    = 22
  to_port                      = var.changed ? 23 : 22

  tags = { Name = "ssh" }
}

resource "aws_vpc_security_group_ingress_rule" "private_office" {
  security_group_id = aws_security_group.private.id
  prefix_list_id    = aws_ec2_managed_prefix_list.office.id
  ip_protocol       = "udp"
  from_port         = 53
  to_port           = 53
}

resource "aws_vpc_security_group_egress_rule" "private_all" {
  security_group_id = aws_security_group.private.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_egress_rule" "private_all_ipv6" {
  security_group_id = aws_security_group.private.id
  cidr_ipv6         = "::/0"
  ip_protocol       = "-1"
}

resource "aws_security_group_rule" "private_s3" {
  security_group_id = aws_security_group.private.id
  type              = "egress"
  prefix_list_ids   = [data.aws_prefix_list.s3.id]
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.private.id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.0.0.0/16"
    from_port  = 22
    to_port    = 22
  }

  ingress {
    rule_no    = 110
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 1024
    to_port    = 65535
  }

  ingress {
    rule_no    = 120
    action     = var.changed ? "deny" : "allow"
    protocol   = "icmp"
    cidr_block = "10.0.0.0/16"
    from_port  = 0
    to_port    = 0
    icmp_type  = 8
    icmp_code  = -1
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_eip" "nat" {
  domain = "vpc"

  tags = { Name = "nat" }
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public.id
  depends_on    = [aws_internet_gateway.main]

  tags = { Name = "nat" }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${data.aws_region.current.name}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.changed ? [aws_route_table.private.id, aws_route_table.public.id] : [aws_route_table.private.id]
}

resource "aws_network_interface" "appliance" {
  subnet_id         = aws_subnet.public.id
  private_ips       = ["10.0.0.50"]
  security_groups   = [aws_security_group.bastion.id]
  source_dest_check = false
  description       = "appliance"
}

resource "aws_launch_template" "private" {
  name_prefix            = "private-"
  image_id               = data.aws_ami.al2023.id
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.course.key_name
  vpc_security_group_ids = [aws_security_group.private.id]
  update_default_version = true
  description            = var.changed ? "the second version" : "the first version"

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  tag_specifications {
    resource_type = "network-interface"
    tags          = { From = "template" }
  }
}

data "aws_ssm_parameter" "al2023" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_vpc_endpoint" "sts" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.${data.aws_region.current.name}.sts"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.private.id]
  security_group_ids  = var.changed ? [aws_security_group.private.id, aws_security_group.bastion.id] : [aws_security_group.private.id]
  private_dns_enabled = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = var.changed ? "*" : "sts:GetCallerIdentity"
      Resource  = "*"
    }]
  })
}

resource "aws_ssm_parameter" "bastion" {
  name  = "/course/bastion"
  type  = "String"
  value = var.changed ? aws_instance.bastion.id : "unknown"
}

resource "aws_instance" "bastion" {
  ami                    = data.aws_ssm_parameter.al2023.value
  iam_instance_profile   = "course"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public.id
  key_name               = aws_key_pair.course.key_name
  vpc_security_group_ids = [aws_security_group.bastion.id]
  user_data              = <<-EOT
    #!/bin/sh
    echo made by terraform > /etc/motd
  EOT

  metadata_options {
    http_tokens                 = var.changed ? "optional" : "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "enabled"
  }

  root_block_device {
    volume_size = 8
    volume_type = "gp3"
  }

  tags = { Name = var.changed ? "jump host" : "bastion" }
}

resource "aws_instance" "private" {
  subnet_id = aws_subnet.private.id

  launch_template {
    id      = aws_launch_template.private.id
    version = "$Latest"
  }

  tags = { Name = "private" }

  lifecycle {
    ignore_changes = [launch_template]
  }
}

resource "aws_eip" "bastion" {
  domain   = "vpc"
  instance = aws_instance.bastion.id
}

resource "aws_flow_log" "vpc" {
  vpc_id               = aws_vpc.main.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "arn:aws:s3:::course-flow-logs/vpc/"
  depends_on           = [aws_subnet.public]

  tags = { Name = "flows" }
}

output "bastion_ip" {
  value = aws_eip.bastion.public_ip
}

output "private_ip" {
  value = aws_instance.private.private_ip
}
