import { explainFlow } from '../../src/analyze/explain.ts';
import type { NetworkAcl, NetworkInterface, RouteTable, Taggable } from '../../src/model/records.ts';
import type { World } from '../../src/model/world.ts';
import { PUBLIC_HOSTS } from '../differential/random-flows.ts';

type Line = readonly unknown[];

/** Records that are over, or about to be. */
const OVER: ReadonlySet<unknown> = new Set(['deleted', 'deleting', 'terminated', 'shutting-down', 'failed']);

/**
 * What there is in a world, line by line and in order, without an id: things are called by what they are, a subnet by its
 * block, an interface by its address, a table by who uses it. Two worlds that say the same carry packets alike. The default VPC,
 * and what came by itself and is not used, is left out.
 */
export function describeWorld(world: World): string[] {
  const teller = new Teller(world);
  return teller
    .lines()
    .map((line) => JSON.stringify(line))
    .toSorted();
}

const PORTS = [22, 443, 45_000];

/** Who reaches whom, by private addresses: all that people made, and the Internet. */
export function allVerdictsOf(world: World): string[] {
  const own = [...world.networkInterfaces.values()].filter(
    ({ interfaceType, attachment }) => interfaceType === 'interface' && attachment !== undefined,
  );
  const ends = [
    { word: 'internet', name: 'internet' },
    ...own.map((eni) => ({ word: eni.networkInterfaceId, name: eni.privateIpAddresses[0] ?? '' })),
  ];
  return ends
    .flatMap((source) =>
      ends.flatMap((destination) =>
        source === destination
          ? []
          : PORTS.map((port) => {
              const question = {
                source: source.word,
                destination: destination.word,
                port,
                protocol: 'tcp',
              } as const;
              const { result } = explainFlow([world], question, PUBLIC_HOSTS);
              return `${source.name} ${destination.name} ${port} ${result.isAllowed}`;
            }),
      ),
    )
    .toSorted();
}

class Teller {
  readonly #world: World;
  readonly #vpcIds: ReadonlySet<string>;

  constructor(world: World) {
    this.#world = world;
    this.#vpcIds = new Set(
      [...world.vpcs.values()].filter(({ isDefault }) => !isDefault).map(({ vpcId }) => vpcId),
    );
  }

  lines(): Line[] {
    return [
      ...this.#networks(),
      ...this.#gateways(),
      ...this.#tables(),
      ...this.#groups(),
      ...this.#acls(),
      ...this.#machines(),
      ...this.#connections(),
      ...this.#transit(),
      ...this.#others(),
    ];
  }

  #own<T extends { readonly vpcId?: string }>(table: { values(): Iterable<T> }): T[] {
    return living(table).filter(({ vpcId = '' }) => this.#vpcIds.has(vpcId));
  }

  #networks(): Line[] {
    const world = this.#world;
    const vpcs = this.#own(world.vpcs).map((vpc) => [
      'vpc',
      this.#vpc(vpc.vpcId),
      vpc.cidrBlockAssociations.map(({ cidrBlock }) => cidrBlock),
      vpc.ipv6CidrBlockAssociations.length,
      vpc.enableDnsSupport,
      vpc.enableDnsHostnames,
      vpc.instanceTenancy,
      world.dhcpOptions
        .get(vpc.dhcpOptionsId)
        ?.configurations.map(({ key, values }) => `${key} ${values.join()}`)
        .toSorted(),
      tagsOf(vpc),
    ]);
    const subnets = this.#own(world.subnets).map((subnet) => [
      'subnet',
      this.#subnet(subnet.subnetId),
      this.#vpc(subnet.vpcId),
      subnet.availabilityZone,
      subnet.mapPublicIpOnLaunch,
      subnet.assignIpv6AddressOnCreation,
      subnet.enableDns64,
      subnet.privateDnsHostnameType,
      subnet.enableResourceNameDnsARecord,
      subnet.enableResourceNameDnsAaaaRecord,
      // The last byte of the /56 is the subnet's to choose.
      subnet.ipv6CidrBlockAssociations.map(({ ipv6CidrBlock }) => [
        Number.parseInt(ipv6CidrBlock.split(':')[3]?.slice(-2) ?? '0', 16),
        ipv6CidrBlock.split('/')[1],
      ]),
      tagsOf(subnet),
    ]);
    return [...vpcs, ...subnets];
  }

  #gateways(): Line[] {
    const world = this.#world;
    return [
      ...this.#own(world.internetGateways).map((each) => ['igw', this.#vpc(each.vpcId), tagsOf(each)]),
      ...this.#own(world.egressOnlyInternetGateways).map((each) => [
        'eigw',
        this.#vpc(each.vpcId),
        tagsOf(each),
      ]),
      ...this.#own(world.vpnGateways).map((each) => [
        'vgw',
        this.#vpc(each.vpcId),
        each.amazonSideAsn,
        tagsOf(each),
      ]),
      ...this.#own(world.natGateways).map((each) => [
        'nat',
        this.#id(each.natGatewayId),
        each.connectivityType,
        this.#subnet(each.subnetId),
        each.allocationId === undefined ? undefined : this.#id(each.allocationId),
        tagsOf(each),
      ]),
    ];
  }

  /** The subnets that use a table: of the main one those without another. */
  #usersOf(table: RouteTable): string[] {
    const tables = this.#world.routeTables.where('vpcId', table.vpcId);
    const taken = new Set(tables.flatMap(({ associations }) => associations.map(({ subnetId }) => subnetId)));
    const others = this.#world.subnets.where('vpcId', table.vpcId).map(({ subnetId }) => subnetId);
    const users = [
      ...table.associations.flatMap(({ subnetId }) => subnetId ?? []),
      ...(table.associations.some(({ isMain }) => isMain) ? others.filter((id) => !taken.has(id)) : []),
    ];
    return users.map((id) => this.#subnet(id)).toSorted();
  }

  #table(routeTableId: string): Line {
    const table = this.#world.routeTables.get(routeTableId);
    return table === undefined ? ['gone'] : [this.#vpc(table.vpcId), this.#usersOf(table), tagsOf(table)];
  }

  #tables(): Line[] {
    return this.#own(this.#world.routeTables)
      .filter((table) => this.#usersOf(table).length > 0 || !table.associations.some(({ isMain }) => isMain))
      .map((table) => [
        'table',
        ...this.#table(table.routeTableId),
        table.routes
          .map(({ destination, target }) => [
            destination.kind === 'prefix-list'
              ? this.#list(destination.prefixListId)
              : destination.kind === 'cidr'
                ? destination.cidrBlock
                : destination.ipv6CidrBlock.replace(/^[0-9a-f:]*::\/56$/, 'the VPC’s'),
            target.kind,
            target.kind === 'local' ? '' : this.#id(target.id),
          ])
          .map((each) => each.join(' '))
          .toSorted(),
        table.propagatingVpnGatewayIds.length,
      ]);
  }

  #groups(): Line[] {
    return this.#own(this.#world.securityGroups).map((group) => [
      'group',
      this.#group(group.groupId),
      group.description,
      this.#world.securityGroupRules
        .where('groupId', group.groupId)
        .map(({ isEgress, ipProtocol, fromPort, toPort, peer, description }) =>
          [
            isEgress ? 'out' : 'in',
            ipProtocol,
            fromPort,
            toPort,
            peer.kind === 'group'
              ? this.#group(peer.groupId)
              : peer.kind === 'prefix-list'
                ? this.#list(peer.prefixListId)
                : peer.cidrBlock,
            description,
          ].join(' '),
        )
        .toSorted(),
      tagsOf(group),
    ]);
  }

  #acls(): Line[] {
    const usersOf = ({ associations }: NetworkAcl) =>
      associations.map(({ subnetId }) => this.#subnet(subnetId)).toSorted();
    return this.#own(this.#world.networkAcls)
      .filter((acl) => !acl.isDefault || acl.associations.length > 0)
      .map((acl) => [
        'acl',
        usersOf(acl),
        acl.entries.map((entry) => JSON.stringify(Object.entries(entry).toSorted())).toSorted(),
        tagsOf(acl),
      ]);
  }

  #machines(): Line[] {
    const world = this.#world;
    const instances = this.#own(world.instances).map((instance) => [
      'instance',
      this.#instance(instance.instanceId),
      instance.imageId,
      instance.instanceType,
      instance.keyName,
      instance.publicKey,
      instance.userData,
      instance.instanceProfile?.arn,
      instance.metadataOptions,
      instance.state,
      tagsOf(instance),
    ]);
    const interfaces = this.#own(world.networkInterfaces).map((eni) => {
      const isUsers = eni.interfaceType === 'interface' && eni.requesterId === undefined;
      const isFirst = eni.attachment?.deviceIndex === 0;
      return [
        'interface',
        // Services choose their addresses themselves.
        ...(isUsers
          ? [this.#eni(eni.networkInterfaceId), eni.privateIpAddresses]
          : [eni.interfaceType, this.#subnet(eni.subnetId)]),
        isUsers ? eni.ipv6Addresses.length : 0,
        isUsers && !isFirst ? eni.description : '',
        eni.groupIds.map((id) => this.#group(id)).toSorted(),
        eni.sourceDestCheck,
        eni.autoAssignedPublicIp === undefined ? 'no public address' : 'a public address',
        eni.attachment?.instanceId === undefined ? '' : this.#instance(eni.attachment.instanceId),
        eni.attachment?.deviceIndex,
        isUsers && !isFirst ? tagsOf(eni) : [],
      ];
    });
    const addresses = living(world.addresses).map((address) => [
      'address',
      address.networkInterfaceId === undefined ? '' : this.#id(address.networkInterfaceId),
      address.privateIpAddress,
      tagsOf(address),
    ]);
    const used = new Set(this.#own(world.instances).map(({ keyName }) => keyName));
    const pairs = [...world.keyPairs.values()]
      .filter(({ keyName }) => used.has(keyName))
      .map((pair) => ['key pair', pair.keyName, pair.publicKey, tagsOf(pair)]);
    return [...instances, ...interfaces, ...addresses, ...pairs];
  }

  #connections(): Line[] {
    const world = this.#world;
    return [
      ...this.#own(world.vpcEndpoints).map((each) => [
        'endpoint',
        each.serviceName,
        each.vpcEndpointType,
        this.#vpc(each.vpcId),
        each.state,
        inOrder(JSON.parse(each.policyDocument)),
        each.routeTableIds.map((id) => JSON.stringify(this.#table(id))).toSorted(),
        each.subnetIds.map((id) => this.#subnet(id)).toSorted(),
        each.groupIds.map((id) => this.#group(id)).toSorted(),
        each.privateDnsEnabled,
        tagsOf(each),
      ]),
      ...[...world.vpcPeeringConnections.values()]
        .filter(({ status }) => status.code === 'active')
        .map((each) => [
          'peering',
          this.#vpc(each.requester.vpcId),
          this.#vpc(each.accepter.vpcId),
          tagsOf(each),
        ]),
    ];
  }

  #transit(): Line[] {
    const world = this.#world;
    const tableOf = (id: string) => {
      const attached = living(world.transitGatewayVpcAttachments);
      const users = attached.filter(({ association }) => association?.transitGatewayRouteTableId === id);
      const known = attached.filter(({ propagations }) =>
        propagations.some((each) => each.transitGatewayRouteTableId === id),
      );
      return [
        users.map(({ vpcId }) => this.#vpc(vpcId)).toSorted(),
        known.map(({ vpcId }) => this.#vpc(vpcId)).toSorted(),
      ];
    };
    return [
      ...living(world.transitGateways).map((each) => [
        'transit gateway',
        each.description,
        each.options.amazonSideAsn,
        each.options.dnsSupport,
        tagsOf(each),
      ]),
      ...living(world.transitGatewayRouteTables).map((table) => [
        'transit table',
        tableOf(table.transitGatewayRouteTableId),
        table.staticRoutes
          .map(({ destinationCidrBlock, transitGatewayAttachmentId: id = '' }) => {
            const attachment = world.transitGatewayVpcAttachments.get(id);
            return `${destinationCidrBlock} ${attachment === undefined ? 'blackhole' : this.#vpc(attachment.vpcId)}`;
          })
          .toSorted(),
        tagsOf(table),
      ]),
      ...living(world.transitGatewayVpcAttachments).map((each) => [
        'attachment',
        this.#vpc(each.vpcId),
        each.subnetIds.map((id) => this.#subnet(id)).toSorted(),
        each.options,
        tagsOf(each),
      ]),
    ];
  }

  #others(): Line[] {
    const world = this.#world;
    return [
      ...[...world.prefixLists.values()]
        .filter(({ ownerId }) => ownerId !== 'AWS')
        .map((list) => [
          'list',
          list.prefixListName,
          list.addressFamily,
          list.maxEntries,
          list.entries.map(({ cidr, description }) => `${cidr} ${description}`).toSorted(),
          tagsOf(list),
        ]),
      ...[...world.flowLogs.values()].map((log) => [
        'flow log',
        this.#id(log.resourceId),
        log.trafficType,
        log.logDestinationType,
        log.logGroupName ?? log.logDestination,
        log.deliverLogsPermissionArn,
        log.logFormat,
        log.maxAggregationInterval,
        log.destinationOptions,
        tagsOf(log),
      ]),
    ];
  }

  #vpc(id: string | undefined): string {
    return this.#world.vpcs.get(id ?? '')?.cidrBlock ?? 'another VPC';
  }

  #subnet(id: string): string {
    return this.#world.subnets.get(id)?.cidrBlock ?? 'no subnet';
  }

  #list(id: string): string {
    return this.#world.prefixLists.get(id)?.prefixListName ?? 'no list';
  }

  #group(id: string): string {
    const group = this.#world.securityGroups.get(id);
    return group === undefined ? 'no group' : `${this.#vpc(group.vpcId)} ${group.groupName}`;
  }

  #eni(id: string): string {
    return this.#world.networkInterfaces.get(id)?.privateIpAddresses[0] ?? 'no interface';
  }

  #instance(id: string): string {
    const isFirst = ({ attachment }: NetworkInterface) =>
      attachment?.instanceId === id && attachment.deviceIndex === 0;
    return [...this.#world.networkInterfaces.values()].find(isFirst)?.privateIpAddresses[0] ?? 'no instance';
  }

  /** Anything, by what it is. */
  #id(id: string): string {
    const world = this.#world;
    const [prefix = ''] = id.split('-');
    switch (prefix) {
      case 'vpc':
        return this.#vpc(id);
      case 'subnet':
        return this.#subnet(id);
      case 'eni':
        return world.networkInterfaces.get(id)?.interfaceType === 'interface' ? this.#eni(id) : 'a gateway’s';
      case 'igw':
        return this.#vpc(world.internetGateways.get(id)?.vpcId);
      case 'nat':
        return world.natGateways.get(id)?.privateIp ?? 'no gateway';
      case 'eipalloc':
        return world.addresses.get(id) === undefined ? 'no address' : 'an address';
      case 'pcx':
        return (world.vpcPeeringConnections.get(id)?.vpcIds ?? []).map((each) => this.#vpc(each)).join(' - ');
      default:
        return prefix;
    }
  }
}

function living<T extends object>(table: { values(): Iterable<T> }): T[] {
  return [...table.values()].filter((each) => !('state' in each && OVER.has(each.state)));
}

/** The user's tags. Tools add some of AWS's, which nobody writes. */
function tagsOf({ tags }: Taggable): string[] {
  return tags
    .filter(({ key }) => !key.startsWith('aws:'))
    .map(({ key, value }) => `${key}=${value}`)
    .toSorted();
}

/** JSON whose members are in the order of their names. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, each]) => [name, inOrder(each)] as const);
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
