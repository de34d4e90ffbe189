# The course's network, by Terraform: what there shall be, not how to come there. Terraform finds the order from the references.
#
# Which cloud it goes to is said by the environment alone: eval "$(croft env)" for Cloudcroft, your own profile for AWS.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

# Region, endpoint and keys come from the environment.
provider "aws" {}

variable "laptop" {
  description = "Who may log into the bastion. At AWS: your own address, as checkip.amazonaws.com says it, with /32."
  type        = string
  default     = "198.51.100.10/32"
}

variable "public_key_file" {
  description = "The public half of the key to log in with. The other half never leaves your folder."
  type        = string
  default     = "course.pem.pub"
}

data "aws_region" "current" {}

# The newest image has a parameter of AWS's own that says its id.
data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

# 1. A VPC, and two subnets

resource "aws_vpc" "course" {
  cidr_block = "10.0.0.0/16"
  # An interface endpoint's private DNS name needs it.
  enable_dns_hostnames = true

  tags = { Name = "course" }
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.course.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true

  tags = { Name = "public" }
}

resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.course.id
  cidr_block = "10.0.1.0/24"

  tags = { Name = "private" }
}

# 2. An internet gateway, and the route that makes a subnet public

resource "aws_internet_gateway" "course" {
  vpc_id = aws_vpc.course.id

  tags = { Name = "course" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.course.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.course.id
  }

  tags = { Name = "public" }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

# 3. A NAT gateway with an Elastic IP: the way out of the private subnet, and no way in

resource "aws_eip" "nat" {
  domain = "vpc"

  tags = { Name = "nat" }
}

resource "aws_nat_gateway" "course" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
  # No reference says so, but its packets leave by the internet gateway.
  depends_on = [aws_internet_gateway.course]

  tags = { Name = "nat" }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.course.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.course.id
  }

  tags = { Name = "private" }
}

resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.private.id
}

# 4. Security groups: stateful, of an interface; they can name each other

resource "aws_security_group" "bastion" {
  name        = "bastion"
  description = "SSH from the laptop"
  vpc_id      = aws_vpc.course.id
}

resource "aws_vpc_security_group_ingress_rule" "bastion_ssh" {
  security_group_id = aws_security_group.bastion.id
  cidr_ipv4         = var.laptop
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_security_group" "private" {
  name        = "private"
  description = "the bastion"
  vpc_id      = aws_vpc.course.id
}

# Everything from the bastion. That is too much, and the network ACL of step 5 narrows it.
resource "aws_vpc_security_group_ingress_rule" "private_bastion" {
  security_group_id            = aws_security_group.private.id
  referenced_security_group_id = aws_security_group.bastion.id
  ip_protocol                  = "-1"
}

resource "aws_security_group" "endpoint" {
  name        = "endpoint"
  description = "HTTPS from inside"
  vpc_id      = aws_vpc.course.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoint_https" {
  security_group_id            = aws_security_group.endpoint.id
  referenced_security_group_id = aws_security_group.private.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# Terraform takes away the rule that lets everything out of a new group, so who shall speak outwards says so.
resource "aws_vpc_security_group_egress_rule" "out" {
  for_each = { bastion = aws_security_group.bastion.id, private = aws_security_group.private.id }

  security_group_id = each.value
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

# 5. A network ACL: stateless, of a subnet; the lowest number that fits decides

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.course.id
  subnet_ids = [aws_subnet.private.id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 22
    to_port    = 22
    cidr_block = aws_subnet.public.cidr_block
  }

  # Answers to what the private instance asks come back to high ports: an ACL remembers no connection.
  ingress {
    rule_no    = 110
    action     = "allow"
    protocol   = "tcp"
    from_port  = 1024
    to_port    = 65535
    cidr_block = "0.0.0.0/0"
  }

  # No mail from here, though rule 100 would allow it.
  egress {
    rule_no    = 90
    action     = "deny"
    protocol   = "tcp"
    from_port  = 25
    to_port    = 25
    cidr_block = "0.0.0.0/0"
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }

  tags = { Name = "private" }
}

# 6. Endpoints: AWS's services without the Internet

# A gateway endpoint is a route to a prefix list; it costs nothing.
resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id          = aws_vpc.course.id
  service_name    = "com.amazonaws.${data.aws_region.current.id}.${each.value}"
  route_table_ids = [aws_route_table.private.id]

  tags = { Name = "${each.value}-endpoint" }
}

# An interface endpoint is an address in the subnet, to which the service's own name resolves in the VPC.
resource "aws_vpc_endpoint" "sts" {
  vpc_id              = aws_vpc.course.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${data.aws_region.current.id}.sts"
  subnet_ids          = [aws_subnet.private.id]
  security_group_ids  = [aws_security_group.endpoint.id]
  private_dns_enabled = true

  tags = { Name = "sts-endpoint" }
}

# 7. A key pair, and an instance in each subnet

resource "aws_key_pair" "course" {
  key_name   = "course"
  public_key = file(var.public_key_file)
}

resource "aws_instance" "bastion" {
  ami                    = data.aws_ssm_parameter.image.value
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.course.key_name
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.bastion.id]

  tags = { Name = "bastion" }
}

resource "aws_instance" "private" {
  ami                    = data.aws_ssm_parameter.image.value
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.course.key_name
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.private.id]

  tags = { Name = "private" }
}

output "bastion_ip" {
  value = aws_instance.bastion.public_ip
}

output "private_ip" {
  value = aws_instance.private.private_ip
}
