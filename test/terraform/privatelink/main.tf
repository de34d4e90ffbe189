# A service behind a network load balancer, and an endpoint to it in another VPC of the same block.

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

resource "aws_vpc" "provider" {
  cidr_block = "10.91.0.0/16"
}

resource "aws_internet_gateway" "provider" {
  vpc_id = aws_vpc.provider.id
}

resource "aws_subnet" "provider" {
  for_each          = { a = "10.91.0.0/24", c = "10.91.1.0/24" }
  vpc_id            = aws_vpc.provider.id
  cidr_block        = each.value
  availability_zone = "ap-northeast-2${each.key}"
}

resource "aws_lb" "front" {
  name                             = "front"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = [for subnet in aws_subnet.provider : subnet.id]
  enable_cross_zone_load_balancing = var.changed
  tags                             = { Name = var.changed ? "changed" : "front" }
}

resource "aws_eip" "public" {
  domain = "vpc"
}

resource "aws_lb" "public" {
  name               = "public"
  load_balancer_type = "network"
  subnet_mapping {
    subnet_id     = aws_subnet.provider["a"].id
    allocation_id = aws_eip.public.id
  }
  depends_on = [aws_internet_gateway.provider]
}

resource "aws_lb_target_group" "servers" {
  name        = "servers"
  port        = 8080
  protocol    = "TCP"
  vpc_id      = aws_vpc.provider.id
  target_type = "ip"
  health_check {
    protocol = "TCP"
    interval = var.changed ? 10 : 30
  }
  tags = { Name = var.changed ? "changed" : "servers" }
}

resource "aws_lb_target_group_attachment" "server" {
  target_group_arn = aws_lb_target_group.servers.arn
  target_id        = "10.91.0.77"
  port             = 8081
}

resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.front.arn
  protocol          = "TCP"
  port              = var.changed ? 81 : 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.servers.arn
  }
}

resource "aws_vpc_endpoint_service" "offer" {
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.front.arn]
  private_dns_name           = var.changed ? "changed.offer.test" : "offer.test"
  tags                       = { Name = var.changed ? "changed" : "offer" }
}

resource "aws_vpc_endpoint_service_private_dns_verification" "offer" {
  service_id            = aws_vpc_endpoint_service.offer.id
  wait_for_verification = true
  lifecycle {
    replace_triggered_by = [aws_vpc_endpoint_service.offer]
  }
}

data "aws_caller_identity" "own" {}

resource "aws_vpc_endpoint_service_allowed_principal" "own" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.offer.id
  principal_arn           = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:root"
}

resource "aws_vpc" "consumer" {
  cidr_block = "10.91.0.0/16"
}

resource "aws_subnet" "consumer" {
  vpc_id            = aws_vpc.consumer.id
  cidr_block        = "10.91.0.0/24"
  availability_zone = "ap-northeast-2a"
}

resource "aws_security_group" "endpoint" {
  name   = "endpoint"
  vpc_id = aws_vpc.consumer.id
}

resource "aws_vpc_endpoint" "offer" {
  vpc_id             = aws_vpc.consumer.id
  vpc_endpoint_type  = "Interface"
  service_name       = aws_vpc_endpoint_service.offer.service_name
  subnet_ids         = [aws_subnet.consumer.id]
  security_group_ids = [aws_security_group.endpoint.id]
}

resource "aws_vpc_endpoint_connection_accepter" "offer" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.offer.id
  vpc_endpoint_id         = aws_vpc_endpoint.offer.id
}
