# Everything that a data source can look up, made here and looked up by id, by filter, and by tag.

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
    tags = { Course = var.changed ? "lookups, changed" : "lookups" }
  }
}

locals {
  zone = "ap-northeast-2a"
}

resource "aws_vpc" "main" {
  cidr_block                       = "10.60.0.0/16"
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = true
}

# A VPC's own block is the provider's; only those besides it are associations of their own.
resource "aws_vpc_ipv6_cidr_block_association" "second" {
  vpc_id                           = aws_vpc.main.id
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  ipv6_cidr_block   = cidrsubnet(aws_vpc_ipv6_cidr_block_association.second.ipv6_cidr_block, 8, count.index)
  availability_zone = count.index == 0 ? local.zone : "ap-northeast-2c"
}

resource "aws_vpc" "peer" {
  cidr_block = "10.61.0.0/16"
}

resource "aws_vpc_peering_connection" "peer" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.peer.id
  auto_accept = true
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_eip" "main" {
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.main.id
  subnet_id     = aws_subnet.main[0].id
  depends_on    = [aws_internet_gateway.main]
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route" "out6" {
  route_table_id              = aws_route_table.main.id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.main.id
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main[0].id
  route_table_id = aws_route_table.main.id
}

resource "aws_security_group" "main" {
  name        = "lookups"
  description = "looked up"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.main.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_network_acl" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_dhcp_options" "main" {
  domain_name         = "lookups.test"
  domain_name_servers = ["AmazonProvidedDNS"]
  ntp_servers         = ["169.254.169.123"]
}

# The provider writes no tags when it adopts the region's own options: the next apply would.
resource "aws_default_vpc_dhcp_options" "default" {
  lifecycle {
    ignore_changes = [tags, tags_all]
  }
}

resource "aws_default_subnet" "c" {
  availability_zone       = "ap-northeast-2c"
  map_public_ip_on_launch = true
  tags                    = { Name = "default in c" }
}

resource "aws_customer_gateway" "main" {
  bgp_asn    = 65010
  ip_address = "203.0.113.10"
  type       = "ipsec.1"
}

resource "aws_vpn_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_key_pair" "main" {
  key_name   = "lookups"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKKRo9SVZ/8wm9s7r7O/QRRxC3FvrBl6IZmGZ4a4jWAX course"
}

resource "aws_launch_template" "main" {
  name          = "lookups"
  image_id      = data.aws_ami.main.id
  instance_type = "t3.nano"
  key_name      = aws_key_pair.main.key_name
}

resource "aws_instance" "main" {
  subnet_id = aws_subnet.main[0].id
  launch_template {
    id      = aws_launch_template.main.id
    version = aws_launch_template.main.default_version
  }
  vpc_security_group_ids = [aws_security_group.main.id]
}

resource "aws_ec2_managed_prefix_list" "main" {
  name           = "lookups"
  address_family = "IPv4"
  max_entries    = 2
  entry {
    cidr        = "198.51.100.0/24"
    description = "first"
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.ap-northeast-2.s3"
}

resource "aws_vpc_endpoint_route_table_association" "s3" {
  route_table_id  = aws_route_table.main.id
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.ap-northeast-2.ssm"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_subnet_association" "ssm" {
  vpc_endpoint_id = aws_vpc_endpoint.ssm.id
  subnet_id       = aws_subnet.main[1].id
}

resource "aws_vpc_endpoint_private_dns" "ssm" {
  vpc_endpoint_id     = aws_vpc_endpoint.ssm.id
  private_dns_enabled = var.changed
}

resource "aws_ec2_transit_gateway" "main" {
  auto_accept_shared_attachments = "enable"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.main.id
  subnet_ids         = [aws_subnet.main[0].id]
  depends_on = [
    aws_ec2_transit_gateway_default_route_table_association.other,
    aws_ec2_transit_gateway_default_route_table_propagation.other,
  ]
}

resource "aws_ec2_transit_gateway_route_table" "other" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
}

resource "aws_ec2_transit_gateway_default_route_table_association" "other" {
  transit_gateway_id             = aws_ec2_transit_gateway.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.other.id
}

resource "aws_ec2_transit_gateway_default_route_table_propagation" "other" {
  transit_gateway_id             = aws_ec2_transit_gateway.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.other.id
}

resource "aws_ec2_transit_gateway_route" "nowhere" {
  destination_cidr_block         = "192.0.2.0/24"
  blackhole                      = true
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.other.id
}

resource "aws_ec2_network_insights_path" "main" {
  source           = aws_internet_gateway.main.id
  destination      = aws_instance.main.id
  protocol         = "tcp"
  destination_port = 22
}

resource "aws_ec2_network_insights_analysis" "main" {
  network_insights_path_id = aws_ec2_network_insights_path.main.id
}

data "aws_ami" "main" {
  owners      = ["amazon"]
  most_recent = true
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

data "aws_ami_ids" "main" {
  owners = ["amazon"]
}

data "aws_availability_zone" "main" { name = local.zone }

data "aws_regions" "all" {}

data "aws_region" "here" {}

data "aws_default_tags" "all" {}

data "aws_vpc" "main" { id = aws_vpc.main.id }

data "aws_vpc" "default" { default = true }

data "aws_vpc" "by_tag" {
  cidr_block = aws_vpc.main.cidr_block
  tags       = aws_vpc.main.tags_all
}

data "aws_vpcs" "all" {
  filter {
    name   = "vpc-id"
    values = [aws_vpc.main.id, aws_vpc.peer.id]
  }
}

data "aws_subnet" "main" {
  vpc_id            = aws_vpc.main.id
  availability_zone = aws_subnet.main[0].availability_zone
}

data "aws_subnets" "main" {
  filter {
    name   = "subnet-id"
    values = aws_subnet.main[*].id
  }
}

data "aws_vpc_peering_connection" "main" {
  id = aws_vpc_peering_connection.peer.id
}

data "aws_vpc_peering_connections" "main" {
  filter {
    name   = "requester-vpc-info.vpc-id"
    values = [aws_vpc_peering_connection.peer.vpc_id]
  }
}

data "aws_internet_gateway" "main" {
  filter {
    name   = "attachment.vpc-id"
    values = [aws_internet_gateway.main.vpc_id]
  }
}

data "aws_eip" "main" { id = aws_eip.main.id }

data "aws_eips" "main" {
  filter {
    name   = "allocation-id"
    values = [aws_eip.main.id]
  }
}

data "aws_nat_gateway" "main" {
  subnet_id = aws_nat_gateway.main.subnet_id
  state     = "available"
}

data "aws_nat_gateways" "main" {
  vpc_id = aws_vpc.main.id
  filter {
    name   = "nat-gateway-id"
    values = [aws_nat_gateway.main.id]
  }
}

data "aws_route_table" "main" { subnet_id = aws_route_table_association.main.subnet_id }

data "aws_route_tables" "main" {
  vpc_id = aws_route_table_association.main.subnet_id == "" ? "" : aws_vpc.main.id
  filter {
    name   = "association.main"
    values = ["true"]
  }
}

data "aws_route" "out" {
  route_table_id         = aws_route.out.route_table_id
  destination_cidr_block = "0.0.0.0/0"
}

data "aws_security_group" "main" {
  vpc_id = aws_vpc.main.id
  name   = aws_security_group.main.name
}

data "aws_security_groups" "main" {
  filter {
    name   = "group-id"
    values = [aws_security_group.main.id]
  }
}

data "aws_vpc_security_group_rule" "ssh" {
  security_group_rule_id = aws_vpc_security_group_ingress_rule.ssh.id
}

data "aws_vpc_security_group_rules" "main" {
  filter {
    name   = "group-id"
    values = [aws_vpc_security_group_ingress_rule.ssh.security_group_id]
  }
}

data "aws_network_acls" "main" {
  vpc_id = aws_network_acl.main.vpc_id
  filter {
    name   = "default"
    values = ["false"]
  }
}

data "aws_vpc_dhcp_options" "main" { dhcp_options_id = aws_vpc_dhcp_options.main.id }

data "aws_vpc_dhcp_options" "by_key" {
  filter {
    name   = "value"
    values = [aws_vpc_dhcp_options.main.domain_name]
  }
}

data "aws_customer_gateway" "main" { id = aws_customer_gateway.main.id }

data "aws_vpn_gateway" "main" { attached_vpc_id = aws_vpn_gateway.main.vpc_id }

data "aws_key_pair" "main" {
  key_name           = aws_key_pair.main.key_name
  include_public_key = true
}

data "aws_launch_template" "main" { name = aws_launch_template.main.name }

data "aws_instance" "main" { instance_id = aws_instance.main.id }

data "aws_instances" "main" {
  filter {
    name   = "subnet-id"
    values = [aws_instance.main.subnet_id]
  }
}

data "aws_network_interface" "main" { id = aws_instance.main.primary_network_interface_id }

data "aws_network_interfaces" "main" {
  filter {
    name   = "attachment.instance-id"
    values = [aws_instance.main.id]
  }
}

data "aws_ebs_volume" "root" {
  filter {
    name   = "attachment.instance-id"
    values = [aws_instance.main.id]
  }
}

data "aws_ebs_volumes" "root" {
  filter {
    name   = "volume-id"
    values = [data.aws_ebs_volume.root.id]
  }
}

data "aws_ec2_instance_types" "small" {
  filter {
    name   = "instance-type"
    values = ["t3.nano", "t3.micro"]
  }
}

data "aws_ec2_instance_type_offering" "small" {
  preferred_instance_types = ["t3.nano"]
  filter {
    name   = "instance-type"
    values = ["t3.nano", "t3.micro"]
  }
}

data "aws_ec2_managed_prefix_list" "main" { id = aws_ec2_managed_prefix_list.main.id }

data "aws_ec2_managed_prefix_list" "s3" { name = "com.amazonaws.ap-northeast-2.s3" }

data "aws_ec2_managed_prefix_lists" "main" {
  filter {
    name   = "prefix-list-name"
    values = [aws_ec2_managed_prefix_list.main.name]
  }
}

data "aws_prefix_list" "s3" { prefix_list_id = aws_vpc_endpoint.s3.prefix_list_id }

data "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = aws_vpc_endpoint.s3.service_name
}

data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

data "aws_ec2_transit_gateway" "main" { id = aws_ec2_transit_gateway.main.id }

data "aws_ec2_transit_gateway_vpc_attachment" "main" { id = aws_ec2_transit_gateway_vpc_attachment.main.id }

data "aws_ec2_transit_gateway_vpc_attachments" "main" {
  filter {
    name   = "vpc-id"
    values = [aws_ec2_transit_gateway_vpc_attachment.main.vpc_id]
  }
}

data "aws_ec2_transit_gateway_attachment" "main" {
  transit_gateway_attachment_id = aws_ec2_transit_gateway_vpc_attachment.main.id
}

data "aws_ec2_transit_gateway_attachments" "main" {
  filter {
    name   = "resource-id"
    values = [aws_ec2_transit_gateway_vpc_attachment.main.vpc_id]
  }
}

data "aws_ec2_transit_gateway_route_table" "other" { id = aws_ec2_transit_gateway_route_table.other.id }

data "aws_ec2_transit_gateway_route_tables" "main" {
  filter {
    name   = "transit-gateway-route-table-id"
    values = [aws_ec2_transit_gateway_route_table.other.id]
  }
}

data "aws_ec2_transit_gateway_route_table_associations" "other" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.other.id
  filter {
    name   = "resource-id"
    values = [aws_ec2_transit_gateway_vpc_attachment.main.vpc_id]
  }
}

data "aws_ec2_transit_gateway_route_table_propagations" "other" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.other.id
  filter {
    name   = "resource-id"
    values = [aws_ec2_transit_gateway_vpc_attachment.main.vpc_id]
  }
}

data "aws_ec2_transit_gateway_route_table_routes" "other" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route.nowhere.transit_gateway_route_table_id
  filter {
    name   = "type"
    values = ["static"]
  }
}

data "aws_ec2_network_insights_path" "main" {
  network_insights_path_id = aws_ec2_network_insights_path.main.id
}

data "aws_ec2_network_insights_analysis" "main" {
  network_insights_analysis_id = aws_ec2_network_insights_analysis.main.id
}

locals {
  # What each lookup found, and what it had to find.
  lookups = {
    region                  = [data.aws_region.here.name, "ap-northeast-2"]
    region_listed           = [contains(data.aws_regions.all.names, "ap-northeast-2"), true]
    zone                    = [data.aws_availability_zone.main.region, "ap-northeast-2"]
    image                   = [contains(data.aws_ami_ids.main.ids, data.aws_ami.main.id), true]
    vpc                     = [data.aws_vpc.main.cidr_block, aws_vpc.main.cidr_block]
    vpc_by_tag              = [data.aws_vpc.by_tag.id, aws_vpc.main.id]
    vpc_default             = [data.aws_vpc.default.cidr_block, "172.31.0.0/16"]
    vpcs                    = [length(data.aws_vpcs.all.ids), 2]
    subnet                  = [data.aws_subnet.main.id, aws_subnet.main[0].id]
    subnets                 = [length(data.aws_subnets.main.ids), 2]
    peering                 = [data.aws_vpc_peering_connection.main.peer_cidr_block, aws_vpc.peer.cidr_block]
    peerings                = [data.aws_vpc_peering_connections.main.ids[0], aws_vpc_peering_connection.peer.id]
    internet_gateway        = [data.aws_internet_gateway.main.id, aws_internet_gateway.main.id]
    address                 = [data.aws_eip.main.public_ip, aws_eip.main.public_ip]
    addresses               = [data.aws_eips.main.public_ips[0], aws_eip.main.public_ip]
    nat_gateway             = [data.aws_nat_gateway.main.public_ip, aws_eip.main.public_ip]
    nat_gateways            = [data.aws_nat_gateways.main.ids[0], aws_nat_gateway.main.id]
    route_table             = [data.aws_route_table.main.id, aws_route_table.main.id]
    route_tables            = [data.aws_route_tables.main.ids[0], aws_vpc.main.main_route_table_id]
    route                   = [data.aws_route.out.gateway_id, aws_internet_gateway.main.id]
    security_group          = [data.aws_security_group.main.id, aws_security_group.main.id]
    security_groups         = [data.aws_security_groups.main.vpc_ids[0], aws_vpc.main.id]
    rule                    = [data.aws_vpc_security_group_rule.ssh.cidr_ipv4, "10.0.0.0/8"]
    rules                   = [data.aws_vpc_security_group_rules.main.ids[0], aws_vpc_security_group_ingress_rule.ssh.id]
    network_acls            = [data.aws_network_acls.main.ids[0], aws_network_acl.main.id]
    dhcp_options            = [data.aws_vpc_dhcp_options.main.ntp_servers[0], "169.254.169.123"]
    dhcp_options_by_key     = [data.aws_vpc_dhcp_options.by_key.id, aws_vpc_dhcp_options.main.id]
    customer_gateway        = [data.aws_customer_gateway.main.ip_address, "203.0.113.10"]
    vpn_gateway             = [data.aws_vpn_gateway.main.id, aws_vpn_gateway.main.id]
    key_pair                = [data.aws_key_pair.main.fingerprint, aws_key_pair.main.fingerprint]
    launch_template         = [data.aws_launch_template.main.image_id, data.aws_ami.main.id]
    instance                = [data.aws_instance.main.private_ip, aws_instance.main.private_ip]
    instances               = [data.aws_instances.main.private_ips[0], aws_instance.main.private_ip]
    interface               = [data.aws_network_interface.main.private_ip, aws_instance.main.private_ip]
    interfaces              = [data.aws_network_interfaces.main.ids[0], aws_instance.main.primary_network_interface_id]
    volume                  = [data.aws_ebs_volume.root.id, aws_instance.main.root_block_device[0].volume_id]
    volumes                 = [data.aws_ebs_volumes.root.ids[0], data.aws_ebs_volume.root.id]
    instance_types          = [length(data.aws_ec2_instance_types.small.instance_types), 2]
    offering                = [data.aws_ec2_instance_type_offering.small.instance_type, "t3.nano"]
    prefix_list             = [one(data.aws_ec2_managed_prefix_list.main.entries).cidr, "198.51.100.0/24"]
    prefix_list_of_s3       = [data.aws_ec2_managed_prefix_list.s3.id, aws_vpc_endpoint.s3.prefix_list_id]
    prefix_lists            = [data.aws_ec2_managed_prefix_lists.main.ids[0], aws_ec2_managed_prefix_list.main.id]
    prefix_list_of_endpoint = [data.aws_prefix_list.s3.name, "com.amazonaws.ap-northeast-2.s3"]
    endpoint                = [data.aws_vpc_endpoint.s3.id, aws_vpc_endpoint.s3.id]
    endpoint_service        = [data.aws_vpc_endpoint_service.s3.service_name, "com.amazonaws.ap-northeast-2.s3"]
    transit_gateway         = [data.aws_ec2_transit_gateway.main.amazon_side_asn, aws_ec2_transit_gateway.main.amazon_side_asn]
    vpc_attachment          = [data.aws_ec2_transit_gateway_vpc_attachment.main.vpc_id, aws_vpc.main.id]
    vpc_attachments         = [data.aws_ec2_transit_gateway_vpc_attachments.main.ids[0], aws_ec2_transit_gateway_vpc_attachment.main.id]
    attachment              = [data.aws_ec2_transit_gateway_attachment.main.resource_id, aws_vpc.main.id]
    attachments             = [data.aws_ec2_transit_gateway_attachments.main.ids[0], aws_ec2_transit_gateway_vpc_attachment.main.id]
    transit_table           = [data.aws_ec2_transit_gateway_route_table.other.transit_gateway_id, aws_ec2_transit_gateway.main.id]
    transit_tables          = [data.aws_ec2_transit_gateway_route_tables.main.ids[0], aws_ec2_transit_gateway_route_table.other.id]
    transit_associations    = [length(data.aws_ec2_transit_gateway_route_table_associations.other.ids), 1]
    transit_propagations    = [length(data.aws_ec2_transit_gateway_route_table_propagations.other.ids), 1]
    transit_routes          = [data.aws_ec2_transit_gateway_route_table_routes.other.routes[0].state, "blackhole"]
    insights_path           = [data.aws_ec2_network_insights_path.main.destination, aws_instance.main.id]
    insights_analysis       = [data.aws_ec2_network_insights_analysis.main.status, "succeeded"]
  }
  wrong = [for name, values in local.lookups : name if tostring(values[0]) != tostring(values[1])]
}

output "wrong" {
  value = local.wrong

  precondition {
    condition     = length(local.wrong) == 0
    error_message = "Another thing was found by: ${join(", ", local.wrong)}"
  }
}
