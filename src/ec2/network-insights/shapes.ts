import type {
  AnalysisAclRule,
  AnalysisPacketHeader,
  AnalysisRouteTableRoute,
  AnalysisSecurityGroupRule,
  TransitGatewayRouteTableRoute,
} from '@aws-sdk/client-ec2';
import type { TransitTurn } from '../../model/path-result.ts';
import type { NetworkAcl, Route, SecurityGroupRule } from '../../model/records.ts';
import { hasPorts, nameOfProtocol, type Packets, type PortRange } from '../../net/flow.ts';
import { showTargetId } from '../actions/route-display.ts';

/** The shapes of Reachability Analyzer's details, as AWS's example of its CLI has them. */

/** The entry of a network ACL that decided; 32767 is the `*` entry. */
export function showAclRule(acl: NetworkAcl, ruleNumber: number, isEgress: boolean): AnalysisAclRule {
  const entry = acl.entries.find((each) => each.ruleNumber === ruleNumber && each.isEgress === isEgress);
  return {
    Cidr: entry?.cidrBlock ?? '0.0.0.0/0',
    Egress: isEgress,
    ...(entry?.portRange === undefined
      ? {}
      : { PortRange: { From: entry.portRange.from, To: entry.portRange.to } }),
    Protocol: wordOf(entry?.protocol ?? '-1'),
    RuleAction: entry?.ruleAction ?? 'deny',
    RuleNumber: ruleNumber,
  };
}

/** A rule of a security group; of one that names a group, that group's id. */
export function showGroupRule({
  peer,
  isEgress,
  ipProtocol,
  fromPort,
  toPort,
}: SecurityGroupRule): AnalysisSecurityGroupRule {
  const hasEveryPort = ipProtocol === '-1' || fromPort === -1;
  return {
    ...(peer.kind === 'cidr' ? { Cidr: peer.cidrBlock } : {}),
    Direction: isEgress ? 'egress' : 'ingress',
    ...(peer.kind === 'group' ? { SecurityGroupId: peer.groupId } : {}),
    PortRange: hasEveryPort ? { From: 0, To: 65_535 } : { From: fromPort, To: toPort },
    ...(peer.kind === 'prefix-list' ? { PrefixListId: peer.prefixListId } : {}),
    Protocol: wordOf(ipProtocol),
  };
}

/** A route of a table, and whether it leads anywhere. */
export function showRoute(
  { destination, target, origin }: Route,
  state: 'active' | 'blackhole',
): AnalysisRouteTableRoute {
  return {
    ...(destination.kind === 'cidr' ? { DestinationCidr: destination.cidrBlock } : {}),
    ...(destination.kind === 'prefix-list' ? { DestinationPrefixListId: destination.prefixListId } : {}),
    ...showTargetId(target),
    Origin: origin.toLowerCase(),
    State: state,
  };
}

/** A route of a transit gateway's table; undefined where none matches. */
export function showTransitRoute({ route }: TransitTurn): TransitGatewayRouteTableRoute | undefined {
  if (route === undefined) return undefined;
  return {
    DestinationCidr: route.destinationCidrBlock,
    State: route.state,
    RouteOrigin: route.type,
    ...(route.attachmentId === undefined
      ? {}
      : { AttachmentId: route.attachmentId, ResourceId: route.vpcId, ResourceType: 'vpc' }),
  };
}

/** What packets say of themselves; protocols by number, addresses as blocks. */
export function showHeader(
  { protocol, source, destination, ports }: Packets,
  sourcePorts: PortRange | undefined,
): AnalysisPacketHeader {
  const isPorted = hasPorts(protocol);
  return {
    DestinationAddresses: [`${destination}/32`],
    ...(isPorted ? { DestinationPortRanges: [showPorts(ports)] } : {}),
    Protocol: String(protocol),
    SourceAddresses: [`${source}/32`],
    ...(isPorted && sourcePorts !== undefined ? { SourcePortRanges: [showPorts(sourcePorts)] } : {}),
  };
}

/** What a translation changes of a header, and nothing else. */
export function showChanges(before: Packets, after: Packets): AnalysisPacketHeader {
  const isOtherPort = before.ports.first !== after.ports.first || before.ports.last !== after.ports.last;
  return {
    ...(before.destination === after.destination
      ? {}
      : { DestinationAddresses: [`${after.destination}/32`] }),
    ...(isOtherPort ? { DestinationPortRanges: [showPorts(after.ports)] } : {}),
    ...(before.source === after.source ? {} : { SourceAddresses: [`${after.source}/32`] }),
  };
}

/** A range of ports in AWS's words. */
export function showPorts({ first, last }: PortRange): { readonly From: number; readonly To: number } {
  return { From: first, To: last };
}

/** `all`, a protocol's name, or its number. */
function wordOf(protocol: string): string {
  if (protocol === '-1') return 'all';
  return /^\d+$/.test(protocol) ? nameOfProtocol(Number(protocol)) : protocol;
}
