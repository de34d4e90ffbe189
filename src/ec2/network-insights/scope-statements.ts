import type {
  AccessScopePathRequest,
  PacketHeaderStatementRequest,
  PathStatementRequest,
  ResourceStatementRequest,
} from '@aws-sdk/client-ec2';
import { isInBlock } from '../../model/gates.ts';
import { ipv4BlocksOf } from '../../model/prefix-lists.ts';
import type { NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { parseIpv4 } from '../../net/address.ts';
import { type Cidr, parseCidr } from '../../net/cidr.ts';
import { CLIENT_PORTS, type PortRange } from '../../net/flow.ts';
import * as errors from '../errors.ts';
import { idOfArn } from './path-requests.ts';

/** What a path of an access scope begins or ends at: an interface, or an internet gateway and an address beyond it. */
export type ScopeEnd =
  | {
      readonly kind: 'interface';
      readonly eni: NetworkInterface;
      readonly addresses: readonly string[];
      /** Of an endpoint's interface, the endpoint. */
      readonly endpointId: string | undefined;
    }
  | { readonly kind: 'gateway'; readonly id: string; readonly vpcId: string; readonly address: string };

/** The kinds of ends that interfaces belong to. */
const INTERFACE_TYPES: readonly string[] = [
  'AWS::EC2::NetworkInterface',
  'AWS::EC2::Instance',
  'AWS::EC2::Subnet',
  'AWS::EC2::VPC',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::VPCEndpoint',
];
const GATEWAY_TYPE = 'AWS::EC2::InternetGateway';
/** What paths can lead through: by type, the prefix of its ids. */
const THROUGH_TYPES: Readonly<Record<string, RegExp>> = {
  [GATEWAY_TYPE]: /^igw-/,
  'AWS::EC2::NatGateway': /^nat-/,
  'AWS::EC2::TransitGateway': /^tgw-(?!rtb|attach)/,
  'AWS::EC2::TransitGatewayAttachment': /^tgw-attach-/,
  'AWS::EC2::VPCPeeringConnection': /^pcx-/,
  'AWS::EC2::VPCEndpoint': /^vpce-/,
  'AWS::EC2::NetworkInterface': /^eni-/,
  'AWS::EC2::Instance': /^i-/,
  'AWS::EC2::Subnet': /^subnet-/,
  'AWS::EC2::VPC': /^vpc-/,
  'AWS::EC2::SecurityGroup': /^sg-/,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': /^arn:aws:elasticloadbalancing:/,
};

/** Refuses a path of a scope that cannot be answered; the sentence says why. */
export function checkScopePath(path: AccessScopePathRequest): void {
  for (const [name, statement] of [
    ['Source', path.Source],
    ['Destination', path.Destination],
  ] as const) {
    checkResources(`${name}.ResourceStatement`, statement?.ResourceStatement, [
      ...INTERFACE_TYPES,
      GATEWAY_TYPE,
    ]);
    checkHeader(`${name}.PacketHeaderStatement`, statement?.PacketHeaderStatement);
  }
  for (const { ResourceStatement } of path.ThroughResources ?? []) {
    checkResources('ThroughResources.ResourceStatement', ResourceStatement, Object.keys(THROUGH_TYPES));
  }
}

function checkResources(
  name: string,
  statement: ResourceStatementRequest | undefined,
  types: readonly string[],
): void {
  for (const type of statement?.ResourceTypes ?? []) {
    if (types.includes(type)) continue;
    throw errors.invalidValue(type, `${name}.ResourceTypes`, `The types are ${types.join(', ')}.`);
  }
  for (const text of statement?.Resources ?? []) {
    const id = idOfArn(text) ?? '';
    const isEnd = name.startsWith('Through') ? isKnown(id) : /^(?:igw|eni|i|subnet|vpc|sg|vpce)-/.test(id);
    if (isEnd) continue;
    const ends = 'internet gateways, interfaces, instances, subnets, VPCs, security groups and endpoints';
    throw errors.invalidValue(text, `${name}.Resources`, `Paths of a scope begin and end at ${ends}.`);
  }
}

function isKnown(id: string): boolean {
  return Object.values(THROUGH_TYPES).some((pattern) => pattern.test(id));
}

function checkHeader(name: string, header: PacketHeaderStatementRequest | undefined): void {
  for (const text of [...(header?.SourceAddresses ?? []), ...(header?.DestinationAddresses ?? [])]) {
    if (blockOf(text) !== undefined) continue;
    throw errors.invalidValue(text, name, 'This is not a valid IPv4 address or CIDR block.');
  }
  for (const text of [...(header?.SourcePorts ?? []), ...(header?.DestinationPorts ?? [])]) {
    if (portsOf(text) !== undefined) continue;
    throw errors.invalidValue(text, name, 'This is not a port, nor a range such as 1024-65535.');
  }
  for (const protocol of header?.Protocols ?? []) {
    if (protocol !== 'tcp' && protocol !== 'udp') {
      throw errors.invalidValue(protocol, name, 'The protocols are tcp and udp.');
    }
  }
}

/** Whether an end is one of the statement's resources; any is where it names none. */
export function isResource(statement: PathStatementRequest | undefined, end: ScopeEnd): boolean {
  const { Resources = [], ResourceTypes = [] } = statement?.ResourceStatement ?? {};
  if (Resources.length === 0 && ResourceTypes.length === 0) return true;
  const own = ownIdsOf(end);
  return (
    Resources.some((text) => own.has(idOfArn(text) ?? '')) ||
    ResourceTypes.some((type) => isOfType(type, end))
  );
}

function ownIdsOf(end: ScopeEnd): ReadonlySet<string> {
  if (end.kind === 'gateway') return new Set([end.id]);
  const { networkInterfaceId, attachment, subnetId, vpcId, groupIds } = end.eni;
  const instanceId = attachment?.instanceId;
  return new Set([
    networkInterfaceId,
    subnetId,
    vpcId,
    ...groupIds,
    ...[instanceId, end.endpointId].flatMap((id) => id ?? []),
  ]);
}

function isOfType(type: string, end: ScopeEnd): boolean {
  if (end.kind === 'gateway') return type === GATEWAY_TYPE;
  if (type === 'AWS::EC2::VPCEndpoint') return end.eni.interfaceType === 'vpc_endpoint';
  if (type === 'AWS::EC2::Instance') return end.eni.attachment?.instanceId !== undefined;
  return INTERFACE_TYPES.includes(type);
}

/** Whether the packets between two ends may have the addresses that the statement says. */
export function isAddressed(
  world: World,
  statement: PathStatementRequest | undefined,
  source: ScopeEnd,
  destination: ScopeEnd,
): boolean {
  const header = statement?.PacketHeaderStatement;
  const sources = blocksIn(world, header?.SourceAddresses, header?.SourcePrefixLists);
  const destinations = blocksIn(world, header?.DestinationAddresses, header?.DestinationPrefixLists);
  return isWithin(sources, source) && isWithin(destinations, destination);
}

function isWithin(blocks: readonly string[] | undefined, end: ScopeEnd): boolean {
  if (blocks === undefined) return true;
  const addresses = end.kind === 'gateway' ? [end.address] : end.addresses;
  return addresses.some((address) => blocks.some((block) => isInBlock(address, block)));
}

function blocksIn(
  world: World,
  addresses: readonly string[] = [],
  lists: readonly string[] = [],
): readonly string[] | undefined {
  if (addresses.length === 0 && lists.length === 0) return undefined;
  return [
    ...addresses.flatMap((text) => blockOf(text) ?? []),
    ...lists.flatMap((id) => ipv4BlocksOf(world, idOfArn(id) ?? id)),
  ];
}

/** The blocks that statements speak of: the Internet is told apart by them. */
export function blocksOfPaths(paths: readonly AccessScopePathRequest[]): Cidr[] {
  return paths
    .flatMap(({ Source, Destination }) => [Source, Destination])
    .flatMap((each) => [
      ...(each?.PacketHeaderStatement?.SourceAddresses ?? []),
      ...(each?.PacketHeaderStatement?.DestinationAddresses ?? []),
    ])
    .flatMap((text) => parseCidr(blockOf(text) ?? '') ?? []);
}

/** The ports of a protocol that a path speaks of; none where it speaks of other packets. */
export function portsOfPath(path: AccessScopePathRequest, protocol: number): readonly PortRange[] {
  let ports: readonly PortRange[] = [{ first: 0, last: 65_535 }];
  for (const statement of [path.Source, path.Destination]) {
    const { Protocols = [], DestinationPorts = [] } = statement?.PacketHeaderStatement ?? {};
    if (Protocols.length > 0 && !Protocols.some((word) => word === (protocol === 6 ? 'tcp' : 'udp')))
      return [];
    if (DestinationPorts.length === 0) continue;
    const asked = DestinationPorts.flatMap((text) => portsOf(text) ?? []);
    ports = ports.flatMap((range) => asked.flatMap((each) => meet(range, each)));
  }
  return ports;
}

/** Whether some, or all, of the ports that clients begin from are those of the path. */
export function hasClientPorts(path: AccessScopePathRequest, extent: 'some' | 'all'): boolean {
  return [path.Source, path.Destination].every((statement) => {
    const texts = statement?.PacketHeaderStatement?.SourcePorts ?? [];
    if (texts.length === 0) return true;
    const asked = texts.flatMap((text) => portsOf(text) ?? []);
    return extent === 'some'
      ? asked.some((range) => meet(range, CLIENT_PORTS).length > 0)
      : asked.some(({ first, last }) => first <= CLIENT_PORTS.first && CLIENT_PORTS.last <= last);
  });
}

/** Whether a path leads through everything that the statement demands. */
export function isThrough(
  { ThroughResources }: AccessScopePathRequest,
  passed: ReadonlySet<string>,
): boolean {
  return (ThroughResources ?? []).every(({ ResourceStatement }) => {
    const { Resources = [], ResourceTypes = [] } = ResourceStatement ?? {};
    return (
      Resources.some((text) => passed.has(idOfArn(text) ?? '')) ||
      ResourceTypes.some((type) => [...passed].some((id) => THROUGH_TYPES[type]?.test(id) === true))
    );
  });
}

/** What two ranges have in common: one range, or none. */
export function meet(one: PortRange, other: PortRange): PortRange[] {
  const first = Math.max(one.first, other.first);
  const last = Math.min(one.last, other.last);
  return first <= last ? [{ first, last }] : [];
}

function blockOf(text: string): string | undefined {
  if (parseIpv4(text) !== undefined) return `${text}/32`;
  return parseCidr(text) === undefined ? undefined : text;
}

function portsOf(text: string): PortRange | undefined {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return from !== undefined && first <= last && last <= 65_535 ? { first, last } : undefined;
}
