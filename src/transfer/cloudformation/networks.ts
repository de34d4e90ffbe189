import { gatewaysOf } from '../../model/gateway-route-tables.ts';
import type { Route, RouteTable, Subnet, Vpc } from '../../model/records.ts';
import { destinationOf, isRouteActive } from '../../model/routes.ts';
import { ipv6PlaceOf } from '../ipv6.ts';
import { inSelection } from '../selection.ts';
import type { Json, Properties, Template } from './template.ts';

/** Names VPCs, subnets, gateways and tables. */
export function nameNetworks(template: Template): void {
  const { selection, world } = template;
  for (const vpc of inSelection(selection, world.vpcs)) template.name('Vpc', vpc.vpcId, vpc);
  for (const subnet of inSelection(selection, world.subnets)) {
    template.name(
      'Subnet',
      subnet.subnetId,
      subnet,
      (subnet.cidrBlock ?? 'Ipv6 only').replace(/\/\d+$/, '').replaceAll('.', ' x '),
    );
  }
  for (const gateway of inSelection(selection, world.internetGateways)) {
    template.name('InternetGateway', gateway.internetGatewayId, gateway);
  }
  for (const gateway of inSelection(selection, world.egressOnlyInternetGateways)) {
    template.name('EgressOnlyInternetGateway', gateway.egressOnlyInternetGatewayId, gateway);
  }
  for (const gateway of inSelection(selection, world.vpnGateways))
    template.name('VpnGateway', gateway.vpnGatewayId, gateway);
  for (const table of inSelection(selection, world.routeTables))
    template.name('RouteTable', table.routeTableId, table);
}

/** Writes them. */
export function writeNetworks(template: Template): void {
  const { selection, world } = template;
  for (const vpc of inSelection(selection, world.vpcs)) writeVpc(template, vpc);
  for (const subnet of inSelection(selection, world.subnets)) writeSubnet(template, subnet);
  for (const gateway of inSelection(selection, world.internetGateways)) {
    const { internetGatewayId: id, vpcId = '' } = gateway;
    template.add(id, 'AWS::EC2::InternetGateway', { Tags: template.tags(gateway) });
    template.addUnnamed('GatewayAttachment', template.logicalId(vpcId), 'AWS::EC2::VPCGatewayAttachment', {
      VpcId: template.ref(vpcId),
      InternetGatewayId: template.ref(id),
    });
  }
  for (const gateway of inSelection(selection, world.egressOnlyInternetGateways)) {
    const { egressOnlyInternetGatewayId: id, vpcId } = gateway;
    template.add(id, 'AWS::EC2::EgressOnlyInternetGateway', {
      VpcId: template.ref(vpcId),
      Tags: template.tags(gateway),
    });
  }
  for (const gateway of inSelection(selection, world.vpnGateways)) {
    const { vpnGatewayId: id, vpcId = '', amazonSideAsn } = gateway;
    template.add(id, 'AWS::EC2::VPNGateway', {
      Type: 'ipsec.1',
      AmazonSideAsn: amazonSideAsn,
      Tags: template.tags(gateway),
    });
    template.addUnnamed('VpnGatewayAttachment', template.logicalId(vpcId), 'AWS::EC2::VPCGatewayAttachment', {
      VpcId: template.ref(vpcId),
      VpnGatewayId: template.ref(id),
    });
  }
}

/** What has to be there before an address or a route to the Internet is of use: the attachment of the VPC's gateway. */
export function gatewayAttachmentOf(template: Template, vpcId: string): readonly string[] {
  const hasGateway = template.world.internetGateways.where('vpcId', vpcId).length > 0;
  return hasGateway ? [`${template.logicalId(vpcId)}GatewayAttachment`] : [];
}

/** A VPN gateway takes routes once it is attached. */
function vpnAttachmentOf(template: Template, vpcId: string): string {
  return `${template.logicalId(vpcId)}VpnGatewayAttachment`;
}

function writeVpc(template: Template, vpc: Vpc): void {
  const name = template.logicalId(vpc.vpcId);
  template.add(vpc.vpcId, 'AWS::EC2::VPC', {
    CidrBlock: vpc.cidrBlock,
    InstanceTenancy: vpc.instanceTenancy === 'default' ? undefined : vpc.instanceTenancy,
    EnableDnsSupport: vpc.enableDnsSupport ? undefined : false,
    EnableDnsHostnames: vpc.enableDnsHostnames ? true : undefined,
    Tags: template.tags(vpc),
  });
  for (const { cidrBlock } of vpc.cidrBlockAssociations.slice(1)) {
    template.addUnnamed('CidrBlock', `${name} ${cidrBlock}`, 'AWS::EC2::VPCCidrBlock', {
      VpcId: template.ref(vpc.vpcId),
      CidrBlock: cidrBlock,
    });
  }
  if (vpc.ipv6CidrBlockAssociations.length > 0) {
    template.tell(`${name} gets another IPv6 block of Amazon’s.`);
    template.addUnnamed('Ipv6CidrBlock', name, 'AWS::EC2::VPCCidrBlock', {
      VpcId: template.ref(vpc.vpcId),
      AmazonProvidedIpv6CidrBlock: true,
    });
  }
  const options = template.world.dhcpOptions.get(vpc.dhcpOptionsId);
  const servers = options?.configurations.find(({ key }) => key === 'domain-name-servers')?.values ?? [];
  if (options === undefined || servers.join() === 'AmazonProvidedDNS') return;
  const valuesOf = (key: string): readonly string[] | undefined =>
    options.configurations.find((each) => each.key === key)?.values;
  const made = template.addUnnamed('DhcpOptions', name, 'AWS::EC2::DHCPOptions', {
    DomainName: valuesOf('domain-name')?.[0],
    DomainNameServers: valuesOf('domain-name-servers'),
    NtpServers: valuesOf('ntp-servers'),
    NetbiosNameServers: valuesOf('netbios-name-servers'),
    NetbiosNodeType: numberIn(valuesOf('netbios-node-type')),
    Tags: template.tags(options),
  });
  template.addUnnamed('DhcpOptionsAssociation', name, 'AWS::EC2::VPCDHCPOptionsAssociation', {
    VpcId: template.ref(vpc.vpcId),
    DhcpOptionsId: { Ref: made },
  });
}

function numberIn(values: readonly string[] | undefined): number | undefined {
  return values?.[0] === undefined ? undefined : Number(values[0]);
}

function writeSubnet(template: Template, subnet: Subnet): void {
  const vpc = template.world.vpcs.get(subnet.vpcId);
  const name = template.logicalId(subnet.vpcId);
  const ipv6 = ipv6PlaceOf(vpc, subnet);
  const dependsOn = [
    ...laterBlocksOf(template, subnet.vpcId),
    ...(ipv6 === undefined ? [] : [`${name}Ipv6CidrBlock`]),
  ];
  template.add(
    subnet.subnetId,
    'AWS::EC2::Subnet',
    {
      VpcId: template.ref(subnet.vpcId),
      CidrBlock: subnet.cidrBlock,
      Ipv6Native: subnet.cidrBlock === undefined ? true : undefined,
      Ipv6CidrBlock:
        ipv6 === undefined
          ? undefined
          : {
              'Fn::Select': [
                ipv6.number,
                {
                  'Fn::Cidr': [
                    { 'Fn::Select': [0, template.attribute(subnet.vpcId, 'Ipv6CidrBlocks')] },
                    2 ** ipv6.newBits,
                    128 - ipv6.prefixLength,
                  ],
                },
              ],
            },
      AvailabilityZone: subnet.availabilityZone,
      MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch ? true : undefined,
      AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation ? true : undefined,
      EnableDns64: subnet.enableDns64 ? true : undefined,
      PrivateDnsNameOptionsOnLaunch: unusualNamesOf(subnet),
      Tags: template.tags(subnet),
    },
    dependsOn,
  );
}

/** The resources that give a VPC the blocks after its first one. */
export function laterBlocksOf(template: Template, vpcId: string): string[] {
  const name = template.logicalId(vpcId);
  return (template.world.vpcs.get(vpcId)?.cidrBlockAssociations ?? [])
    .slice(1)
    .map(({ cidrBlock }) => `${name}${cidrBlock.replaceAll(/[./]/g, '')}CidrBlock`);
}

/** How the names of a subnet's instances are made, where that is not as usual. */
function unusualNamesOf({
  privateDnsHostnameType,
  enableResourceNameDnsARecord,
  enableResourceNameDnsAaaaRecord,
}: Subnet): Json | undefined {
  if (
    privateDnsHostnameType === 'ip-name' &&
    !enableResourceNameDnsARecord &&
    !enableResourceNameDnsAaaaRecord
  ) {
    return undefined;
  }
  return {
    HostnameType: privateDnsHostnameType,
    EnableResourceNameDnsARecord: enableResourceNameDnsARecord,
    EnableResourceNameDnsAAAARecord: enableResourceNameDnsAaaaRecord,
  };
}

/**
 * Writes route tables with their routes one by one. CloudFormation has no hold of the main table of a VPC: what is in it is
 * written to a table of its own, with which the subnets that use it are associated.
 */
export function writeRoutes(template: Template): void {
  for (const table of inSelection(template.selection, template.world.routeTables)) {
    const users = usersOf(template, table);
    const isMain = table.associations.some((each) => each.isMain);
    const isBare =
      table.routes.every(({ target }) => target.kind === 'local') &&
      endpointsAt(template, table).length === 0;
    if (isMain && isBare && table.tags.length === 0) continue;
    template.add(table.routeTableId, 'AWS::EC2::RouteTable', {
      VpcId: template.ref(table.vpcId),
      Tags: template.tags(table),
    });
    if (isMain)
      template.tell(
        `${template.logicalId(table.routeTableId)} is no main route table: its subnets are associated with it.`,
      );
    for (const route of table.routes) writeRoute(template, table, route);
    for (const id of table.propagatingVpnGatewayIds.filter((each) => template.has(each))) {
      template.addUnnamed(
        'Propagation',
        template.logicalId(table.routeTableId),
        'AWS::EC2::VPNGatewayRoutePropagation',
        { VpnGatewayId: template.ref(id), RouteTableIds: [template.ref(table.routeTableId)] },
        [vpnAttachmentOf(template, table.vpcId)],
      );
    }
    for (const subnetId of users) {
      template.addUnnamed(
        'RouteTableAssociation',
        template.logicalId(subnetId),
        'AWS::EC2::SubnetRouteTableAssociation',
        {
          SubnetId: template.ref(subnetId),
          RouteTableId: template.ref(table.routeTableId),
        },
      );
    }
    for (const gatewayId of gatewaysOf(table)) {
      template.addUnnamed(
        'RouteTableAssociation',
        template.logicalId(gatewayId),
        'AWS::EC2::GatewayRouteTableAssociation',
        { GatewayId: template.ref(gatewayId), RouteTableId: template.ref(table.routeTableId) },
        gatewayAttachmentOf(template, table.vpcId),
      );
    }
  }
}

function endpointsAt({ world }: Template, { routeTableId }: RouteTable) {
  return world.vpcEndpoints.where('routeTableIds', routeTableId).filter(({ state }) => state === 'available');
}

function usersOf({ world }: Template, table: RouteTable): string[] {
  const own = table.associations.flatMap(({ subnetId }) => subnetId ?? []);
  if (!table.associations.some(({ isMain }) => isMain)) return own;
  const taken = new Set(
    world.routeTables
      .where('vpcId', table.vpcId)
      .flatMap(({ associations }) => associations.map(({ subnetId }) => subnetId)),
  );
  const others = world.subnets.where('vpcId', table.vpcId).filter(({ subnetId }) => !taken.has(subnetId));
  return [...own, ...others.map(({ subnetId }) => subnetId)];
}

const TARGETS = {
  'internet-gateway': 'GatewayId',
  'nat-gateway': 'NatGatewayId',
  'network-interface': 'NetworkInterfaceId',
  'vpc-peering-connection': 'VpcPeeringConnectionId',
  'egress-only-internet-gateway': 'EgressOnlyInternetGatewayId',
  'vpn-gateway': 'GatewayId',
  'transit-gateway': 'TransitGatewayId',
} as const;

function writeRoute(template: Template, table: RouteTable, route: Route): void {
  const { destination, target } = route;
  // A gateway endpoint writes its routes itself.
  if (target.kind === 'local' || target.kind === 'vpc-endpoint') return;
  const name = template.logicalId(table.routeTableId);
  if (route.origin === 'CreateRouteTable') {
    template.tell(`${name} has ${target.id} in the place of a local route: it is left out.`);
    return;
  }
  if (!isRouteActive(template.world, table, route)) {
    template.tell(
      `${name} has a route from ${destinationOf(route)} to ${target.id}, which is a blackhole: it is left out.`,
    );
    return;
  }
  const wish =
    { '0.0.0.0/0': 'Default', '::/0': 'DefaultIpv6' }[destinationOf(route)] ?? destinationOf(route);
  const dependsOn =
    target.kind === 'internet-gateway'
      ? gatewayAttachmentOf(template, table.vpcId)
      : target.kind === 'vpn-gateway'
        ? [vpnAttachmentOf(template, table.vpcId)]
        : [];
  template.addUnnamed(
    'Route',
    `${name} ${wish}`,
    'AWS::EC2::Route',
    {
      RouteTableId: template.ref(table.routeTableId),
      DestinationCidrBlock: destination.kind === 'cidr' ? destination.cidrBlock : undefined,
      DestinationIpv6CidrBlock: destination.kind === 'cidr-ipv6' ? destination.ipv6CidrBlock : undefined,
      DestinationPrefixListId:
        destination.kind === 'prefix-list' ? listRef(template, destination.prefixListId) : undefined,
      ...targetOf(template, target.kind, target.id),
    },
    target.kind === 'transit-gateway' ? attachmentsOf(template, target.id, table.vpcId) : dependsOn,
  );
}

/** The property that names a route's target: the first interface of an instance has no name of its own, so that is named. */
function targetOf(template: Template, kind: keyof typeof TARGETS, id: string): Properties {
  const { attachment } = template.world.networkInterfaces.get(id) ?? {};
  const instanceId = attachment?.deviceIndex === 0 ? attachment.instanceId : undefined;
  return instanceId !== undefined && template.has(instanceId)
    ? { InstanceId: template.ref(instanceId) }
    : { [TARGETS[kind]]: template.ref(id) };
}

function attachmentsOf(template: Template, transitGatewayId: string, vpcId: string): readonly string[] {
  return template.world.transitGatewayVpcAttachments
    .where('transitGatewayId', transitGatewayId)
    .filter((each) => each.vpcId === vpcId && template.has(each.transitGatewayAttachmentId))
    .map((each) => template.logicalId(each.transitGatewayAttachmentId));
}

/** A prefix list of the user's own by reference; AWS's own are not to be looked up: whoever makes the stack says their ids. */
export function listRef(template: Template, prefixListId: string): Json {
  const list = template.world.prefixLists.get(prefixListId);
  if (list?.ownerId !== 'AWS') return template.ref(prefixListId);
  const service = (list.prefixListName.split('.').at(-1) ?? 'Service').replaceAll(/[^A-Za-z0-9]/g, '');
  return template.parameter(
    `${service}PrefixList`,
    `The id of ${list.prefixListName}, as describe-managed-prefix-lists says it`,
  );
}
