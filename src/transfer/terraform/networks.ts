import type { Route, RouteTable, Subnet, Vpc } from '../../model/records.ts';
import { destinationOf, isRouteActive } from '../../model/routes.ts';
import { ipv6PlaceOf } from '../ipv6.ts';
import { inSelection } from '../selection.ts';
import { type Document, unless } from './document.ts';
import { raw, type Value } from './hcl.ts';

/** Names VPCs, subnets, gateways and tables. */
export function nameNetworks(document: Document): void {
  const { selection, world } = document;
  for (const vpcId of selection.vpcIds) {
    const vpc = world.vpcs.get(vpcId);
    document.name('aws_vpc', vpcId, vpc, 'main');
    if (vpc !== undefined) nameDhcpOptions(document, vpc);
  }
  for (const subnet of inSelection(selection, world.subnets)) {
    document.name('aws_subnet', subnet.subnetId, subnet, (subnet.cidrBlock ?? 'ipv6').replace(/\/\d+$/, ''));
  }
  for (const gateway of inSelection(selection, world.internetGateways)) {
    document.name(
      'aws_internet_gateway',
      gateway.internetGatewayId,
      gateway,
      document.nameOf(gateway.vpcId ?? ''),
    );
  }
  for (const gateway of inSelection(selection, world.egressOnlyInternetGateways)) {
    document.name(
      'aws_egress_only_internet_gateway',
      gateway.egressOnlyInternetGatewayId,
      gateway,
      document.nameOf(gateway.vpcId),
    );
  }
  for (const gateway of inSelection(selection, world.vpnGateways)) {
    document.name('aws_vpn_gateway', gateway.vpnGatewayId, gateway, document.nameOf(gateway.vpcId ?? ''));
  }
  for (const table of inSelection(selection, world.routeTables)) {
    if (isMain(table)) document.bring(table.routeTableId, table.vpcId, 'main_route_table_id');
    else document.name('aws_route_table', table.routeTableId, table, nameBySubnet(document, table));
  }
}

function isMain({ associations }: RouteTable): boolean {
  return associations.some((each) => each.isMain);
}

function nameBySubnet(document: Document, { associations }: RouteTable): string | undefined {
  const subnetId = associations.find((each) => each.subnetId !== undefined)?.subnetId;
  return subnetId === undefined ? undefined : document.nameOf(subnetId);
}

/** The options that AWS gives every region are not written. */
function nameDhcpOptions(document: Document, vpc: Vpc): void {
  const options = document.world.dhcpOptions.get(vpc.dhcpOptionsId);
  if (options === undefined || document.has(vpc.dhcpOptionsId)) return;
  const usual = `${document.world.scope.region}.compute.internal`;
  const isUsual = options.configurations.every(({ key, values }) =>
    key === 'domain-name'
      ? ['ec2.internal', usual].includes(values[0] ?? '')
      : values.join() === 'AmazonProvidedDNS',
  );
  if (!isUsual) document.name('aws_vpc_dhcp_options', vpc.dhcpOptionsId, options, document.nameOf(vpc.vpcId));
}

/** Writes them. */
export function writeNetworks(document: Document): void {
  const { selection, world } = document;
  for (const vpc of inSelection(selection, world.vpcs)) writeVpc(document, vpc);
  for (const subnet of inSelection(selection, world.subnets)) writeSubnet(document, subnet);
  for (const gateway of inSelection(selection, world.internetGateways)) {
    document.add(gateway.internetGatewayId, [
      ['vpc_id', document.ref(gateway.vpcId ?? '')],
      document.tags(gateway),
    ]);
  }
  for (const gateway of inSelection(selection, world.egressOnlyInternetGateways)) {
    document.add(gateway.egressOnlyInternetGatewayId, [
      ['vpc_id', document.ref(gateway.vpcId)],
      document.tags(gateway),
    ]);
  }
  for (const gateway of inSelection(selection, world.vpnGateways)) {
    document.add(gateway.vpnGatewayId, [
      ['vpc_id', document.ref(gateway.vpcId ?? '')],
      ['amazon_side_asn', String(gateway.amazonSideAsn)],
      document.tags(gateway),
    ]);
  }
}

function writeVpc(document: Document, vpc: Vpc): void {
  const isWithIpv6 = vpc.ipv6CidrBlockAssociations.length > 0;
  document.add(vpc.vpcId, [
    ['cidr_block', vpc.cidrBlock],
    ['assign_generated_ipv6_cidr_block', unless(false, isWithIpv6)],
    ['instance_tenancy', unless('default', vpc.instanceTenancy)],
    ['enable_dns_support', unless(true, vpc.enableDnsSupport)],
    ['enable_dns_hostnames', unless(false, vpc.enableDnsHostnames)],
    document.tags(vpc),
  ]);
  const name = document.nameOf(vpc.vpcId);
  if (isWithIpv6) document.tell(`${name} gets another IPv6 block of Amazon’s.`);
  for (const { cidrBlock, state } of vpc.cidrBlockAssociations.slice(1)) {
    if (state !== 'associated' && state !== 'associating') continue;
    document.addUnnamed('aws_vpc_ipv4_cidr_block_association', `${name}_${cidrBlock}`, [
      ['vpc_id', document.ref(vpc.vpcId)],
      ['cidr_block', cidrBlock],
    ]);
  }
  if (document.has(vpc.dhcpOptionsId)) writeDhcpOptions(document, vpc);
}

function writeDhcpOptions(document: Document, vpc: Vpc): void {
  const options = document.world.dhcpOptions.get(vpc.dhcpOptionsId);
  if (options === undefined) return;
  const valuesOf = (key: string): Value | undefined =>
    options.configurations.find((each) => each.key === key)?.values;
  document.add(vpc.dhcpOptionsId, [
    ['domain_name', options.configurations.find(({ key }) => key === 'domain-name')?.values[0]],
    ['domain_name_servers', valuesOf('domain-name-servers')],
    ['ntp_servers', valuesOf('ntp-servers')],
    ['netbios_name_servers', valuesOf('netbios-name-servers')],
    ['netbios_node_type', options.configurations.find(({ key }) => key === 'netbios-node-type')?.values[0]],
    document.tags(options),
  ]);
  document.addUnnamed('aws_vpc_dhcp_options_association', document.nameOf(vpc.vpcId), [
    ['vpc_id', document.ref(vpc.vpcId)],
    ['dhcp_options_id', document.ref(vpc.dhcpOptionsId)],
  ]);
}

function writeSubnet(document: Document, subnet: Subnet): void {
  const vpc = document.world.vpcs.get(subnet.vpcId);
  const ipv6 = ipv6PlaceOf(vpc, subnet);
  const name = document.nameOf(subnet.vpcId);
  document.add(subnet.subnetId, [
    ['vpc_id', document.ref(subnet.vpcId)],
    ['cidr_block', subnet.cidrBlock],
    ['ipv6_native', subnet.cidrBlock === undefined ? true : undefined],
    [
      'ipv6_cidr_block',
      ipv6 === undefined
        ? undefined
        : raw(`cidrsubnet(aws_vpc.${name}.ipv6_cidr_block, ${ipv6.newBits}, ${ipv6.number})`),
    ],
    ['availability_zone', subnet.availabilityZone],
    ['map_public_ip_on_launch', unless(false, subnet.mapPublicIpOnLaunch)],
    ['assign_ipv6_address_on_creation', unless(false, subnet.assignIpv6AddressOnCreation)],
    ['enable_dns64', unless(false, subnet.enableDns64)],
    ['private_dns_hostname_type_on_launch', unless('ip-name', subnet.privateDnsHostnameType)],
    ['enable_resource_name_dns_a_record_on_launch', unless(false, subnet.enableResourceNameDnsARecord)],
    ['enable_resource_name_dns_aaaa_record_on_launch', unless(false, subnet.enableResourceNameDnsAaaaRecord)],
    ['depends_on', laterBlocksOf(document, [subnet.vpcId])],
    document.tags(subnet),
  ]);
}

/** The resources that give VPCs the blocks after their first one; undefined where they have none. */
export function laterBlocksOf(document: Document, vpcIds: readonly string[]): Value | undefined {
  const blocks = vpcIds.flatMap((vpcId) =>
    (document.world.vpcs.get(vpcId)?.cidrBlockAssociations ?? [])
      .slice(1)
      .map(({ cidrBlock }) =>
        raw(
          `aws_vpc_ipv4_cidr_block_association.${document.nameOf(vpcId)}_${cidrBlock.replaceAll(/[./]/g, '_')}`,
        ),
      ),
  );
  return blocks.length === 0 ? undefined : blocks;
}

/** Writes route tables with their routes one by one, and which subnet uses which. */
export function writeRoutes(document: Document): void {
  for (const table of inSelection(document.selection, document.world.routeTables)) {
    const name = isMain(table) ? nameOfMain(document, table) : document.nameOf(table.routeTableId);
    if (isMain(table)) writeTags(document, table, name);
    else document.add(table.routeTableId, [['vpc_id', document.ref(table.vpcId)], document.tags(table)]);
    for (const route of table.routes) writeRoute(document, table, route, name);
    for (const { subnetId, gatewayId } of table.associations) {
      const place = subnetId ?? gatewayId;
      if (place === undefined) continue;
      document.addUnnamed('aws_route_table_association', document.nameOf(place), [
        [subnetId === undefined ? 'gateway_id' : 'subnet_id', document.ref(place)],
        ['route_table_id', document.ref(table.routeTableId)],
      ]);
    }
    for (const id of table.propagatingVpnGatewayIds) {
      document.addUnnamed('aws_vpn_gateway_route_propagation', name, [
        ['vpn_gateway_id', document.ref(id)],
        ['route_table_id', document.ref(table.routeTableId)],
      ]);
    }
  }
}

function nameOfMain(document: Document, { vpcId }: RouteTable): string {
  const name = document.nameOf(vpcId);
  return name === 'main' ? name : `${name}_main`;
}

/** A main table cannot be made, but its tags can. */
function writeTags(document: Document, table: RouteTable, name: string): void {
  for (const { key, value } of table.tags) {
    document.addUnnamed('aws_ec2_tag', `${name}_${key}`, [
      ['resource_id', document.ref(table.routeTableId)],
      ['key', key],
      ['value', value],
    ]);
  }
}

function writeRoute(document: Document, table: RouteTable, route: Route, name: string): void {
  const { destination, target } = route;
  // A gateway endpoint writes its routes itself.
  if (target.kind === 'local' || target.kind === 'vpc-endpoint') return;
  if (route.origin === 'CreateRouteTable') {
    document.tell(`${name} has ${target.id} in the place of a local route: it is left out.`);
    return;
  }
  if (!isRouteActive(document.world, table, route)) {
    document.tell(
      `${name} has a route from ${destinationOf(route)} to ${target.id}, which is a blackhole: it is left out.`,
    );
    return;
  }
  const wish =
    { '0.0.0.0/0': 'default', '::/0': 'default_ipv6' }[destinationOf(route)] ?? destinationOf(route);
  document.addUnnamed('aws_route', `${name}_${wish}`, [
    ['route_table_id', document.ref(table.routeTableId)],
    destination.kind === 'cidr'
      ? ['destination_cidr_block', destination.cidrBlock]
      : destination.kind === 'cidr-ipv6'
        ? ['destination_ipv6_cidr_block', destination.ipv6CidrBlock]
        : ['destination_prefix_list_id', listRef(document, destination.prefixListId)],
    [TARGETS[target.kind], document.ref(target.id)],
    // The gateway takes routes once it is attached to the VPC.
    [
      'depends_on',
      target.kind === 'transit-gateway' ? attachmentsOf(document, target.id, table.vpcId) : undefined,
    ],
  ]);
}

function attachmentsOf(document: Document, transitGatewayId: string, vpcId: string): Value {
  return document.world.transitGatewayVpcAttachments
    .where('transitGatewayId', transitGatewayId)
    .filter((each) => each.vpcId === vpcId && document.has(each.transitGatewayAttachmentId))
    .map((each) => raw(document.address(each.transitGatewayAttachmentId)));
}

const TARGETS = {
  'internet-gateway': 'gateway_id',
  'nat-gateway': 'nat_gateway_id',
  'network-interface': 'network_interface_id',
  'vpc-peering-connection': 'vpc_peering_connection_id',
  'egress-only-internet-gateway': 'egress_only_gateway_id',
  'vpn-gateway': 'gateway_id',
  'transit-gateway': 'transit_gateway_id',
} as const;

/** A prefix list of the user's own by reference, one of AWS's looked up by its name. */
export function listRef(document: Document, prefixListId: string): Value {
  const list = document.world.prefixLists.get(prefixListId);
  if (list?.ownerId !== 'AWS') return document.ref(prefixListId);
  const wish = list.prefixListName.split('.').at(-1) ?? 'service';
  return raw(`${document.data('aws_prefix_list', wish, [['name', list.prefixListName]])}.id`);
}
