import type { VpcPeeringSide, VpcPeeringStatusCode } from '../../model/peering-records.ts';
import type { VpcEndpoint } from '../../model/records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional } from './item.ts';
import { attachedVpc } from './networks.ts';
import { NO_TIME, type Target } from './target.ts';

/** What joins VPCs with others, and with services: endpoints, peering connections, VPN gateways. */
export function importConnections(dump: Dump, target: Target): void {
  dump.each('VpcEndpoints', (item) => importEndpoint(dump, target, item));
  dump.each('VpcPeeringConnections', (item) => importPeering(target, item));
  dump.each('VpnGateways', (item) => {
    const [attachment] = item.items('VpcAttachments');
    const isDetached = attachment?.text('State') === 'detached';
    target.vpnGateways.put({
      vpnGatewayId: item.id('VpnGatewayId'),
      state: item.text('State') === 'deleted' ? 'deleted' : 'available',
      type: 'ipsec.1',
      amazonSideAsn: item.number('AmazonSideAsn') ?? 64_512,
      ...optional('availabilityZone', item.text('AvailabilityZone')),
      ...optional('vpcId', attachedVpc(item, 'VpcAttachments')),
      ...(isDetached ? optional('detachedVpcId', attachment.reference('VpcId')) : {}),
      tags: item.tags(),
    });
  });
  dump.each('CustomerGateways', (item) =>
    target.customerGateways.put({
      customerGatewayId: item.id('CustomerGatewayId'),
      state: item.text('State') === 'deleted' ? 'deleted' : 'available',
      type: 'ipsec.1',
      ...optional('bgpAsn', item.text('BgpAsn')),
      ...optional('bgpAsnExtended', item.text('BgpAsnExtended')),
      ...optional('ipAddress', item.text('IpAddress')),
      ...optional('certificateArn', item.text('CertificateArn')),
      ...optional('deviceName', item.text('DeviceName')),
      tags: item.tags(),
    }),
  );
}

const ENDPOINT_STATES = [
  'pendingAcceptance',
  'pending',
  'available',
  'rejected',
  'deleting',
  'deleted',
  'failed',
] as const;

function importEndpoint(dump: Dump, target: Target, item: Item): void {
  const vpcEndpointId = item.id('VpcEndpointId');
  const kind = item.text('VpcEndpointType') ?? 'Gateway';
  if (kind !== 'Gateway' && kind !== 'Interface') {
    dump.report.tell('left out', `${vpcEndpointId} is a ${kind} endpoint, which Cloudcroft has not.`);
    dump.setAside('VpcEndpoints', item, `It is of the type ${kind}.`);
    return;
  }
  const shown = item.need('State');
  const state: VpcEndpoint['state'] | undefined = ENDPOINT_STATES.find(
    // The SDK's list spells states with a capital; what AWS sends is in small letters.
    (each) => each.toLowerCase() === shown.toLowerCase(),
  );
  target.vpcEndpoints.put({
    vpcEndpointId,
    vpcEndpointType: kind,
    vpcId: item.id('VpcId'),
    serviceName: item.need('ServiceName'),
    state: state ?? 'failed',
    policyDocument: item.text('PolicyDocument') ?? '',
    routeTableIds: item.ids('RouteTableIds'),
    subnetIds: item.ids('SubnetIds'),
    groupIds: item.items('Groups').map((group) => group.id('GroupId')),
    networkInterfaceIds: item.ids('NetworkInterfaceIds'),
    privateDnsEnabled: item.flag('PrivateDnsEnabled'),
    creationTimestamp: item.time('CreationTimestamp') ?? NO_TIME,
    tags: item.tags(),
  });
}

const PEERING_STATES: readonly VpcPeeringStatusCode[] = [
  'initiating-request',
  'pending-acceptance',
  'provisioning',
  'active',
  'deleting',
  'deleted',
  'rejected',
  'failed',
  'expired',
];

function importPeering(target: Target, item: Item): void {
  const id = item.id('VpcPeeringConnectionId');
  const status = item.item('Status');
  const code = item.must('Status', () => status?.word('Code', PEERING_STATES));
  const isOver = code === 'deleted' || code === 'failed' || code === 'expired' || code === 'rejected';
  const requester = readSide(
    target,
    item.must('RequesterVpcInfo', (each) => each.item('RequesterVpcInfo')),
  );
  const accepter = readSide(
    target,
    item.must('AccepterVpcInfo', (each) => each.item('AccepterVpcInfo')),
  );
  target.vpcPeeringConnections.put({
    vpcPeeringConnectionId: id,
    ordinal: ordinalElsewhere(target, id) ?? target.takeOrdinal(),
    requester,
    accepter,
    vpcIds: [requester.vpcId, accepter.vpcId],
    status: { code, message: status?.text('Message') ?? '' },
    expirationTime: item.time('ExpirationTime') ?? NO_TIME,
    // AWS shows it for a while yet; here it goes with the next clearing up.
    ...(isOver ? { visibleUntil: NO_TIME } : {}),
    tags: item.tags(),
  });
}

function readSide(target: Target, item: Item): VpcPeeringSide {
  return {
    account: item.text('OwnerId') ?? target.scope.account,
    region: item.text('Region') ?? target.scope.region,
    vpcId: item.id('VpcId'),
    allowDnsResolutionFromRemoteVpc:
      item.item('PeeringOptions')?.flag('AllowDnsResolutionFromRemoteVpc') ?? false,
  };
}

/** The ordinal of the other side's copy, if that was imported before. */
function ordinalElsewhere(target: Target, id: string): number | undefined {
  for (const world of target.allWorlds()) {
    const { account, region } = world.scope;
    if (account === target.scope.account && region === target.scope.region) continue;
    const found = world.vpcPeeringConnections.get(id);
    if (found !== undefined) return found.ordinal;
  }
  return undefined;
}
