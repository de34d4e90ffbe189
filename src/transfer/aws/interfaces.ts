import { IDLE_TIMEOUTS, type IdleTimeouts } from '../../model/idle-timeouts.ts';
import type { Address, NetworkInterface, NetworkInterfaceAttachment } from '../../model/records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional, ShapeError } from './item.ts';
import { madeUpDigits, NO_TIME, type Target } from './target.ts';

/** Network interfaces, their public addresses, and NAT gateways. */
export function importInterfaces(dump: Dump, target: Target): void {
  dump.each('Addresses', (item) => importAddress(dump, target, item));
  dump.each('NetworkInterfaces', (item) => importInterface(dump, target, item, undefined));
  // A file of instances alone has their interfaces, too.
  dump.each('Reservations', (reservation) => {
    for (const instance of reservation.items('Instances')) {
      for (const item of instance.items('NetworkInterfaces')) {
        if (target.networkInterfaces.get(item.id('NetworkInterfaceId')) !== undefined) continue;
        importInterface(dump, target, item, {
          instanceId: instance.id('InstanceId'),
          availabilityZone: instance.item('Placement')?.text('AvailabilityZone'),
          tags: [],
        });
      }
    }
  });
  dump.each('NatGateways', (item) => importNatGateway(dump, target, item));
}

function importAddress(dump: Dump, target: Target, item: Item): void {
  const allocationId = item.reference('AllocationId');
  const publicIp = item.must('PublicIp', (address) => address.address('PublicIp'));
  if (allocationId === undefined) {
    dump.report.tell('left out', `${publicIp} is an address outside of any VPC.`);
    dump.setAside('Addresses', item, 'It is not of a VPC.');
    return;
  }
  const associationId = item.reference('AssociationId');
  target.addresses.put({
    allocationId,
    publicIp,
    ...optional('associationId', associationId),
    ...optional('networkInterfaceId', item.reference('NetworkInterfaceId')),
    ...(associationId === undefined ? {} : optional('privateIpAddress', item.address('PrivateIpAddress'))),
    tags: item.tags(),
  });
}

/** What the interface in an instance's reply does not say of itself. */
interface Holder {
  readonly instanceId: string;
  readonly availabilityZone: string | undefined;
  readonly tags: NetworkInterface['tags'];
}

const OWN_KINDS = ['nat_gateway', 'vpc_endpoint', 'transit_gateway'] as const;

function importInterface(dump: Dump, target: Target, item: Item, holder: Holder | undefined): void {
  const networkInterfaceId = item.id('NetworkInterfaceId');
  const subnet = target.subnets.get(item.text('SubnetId') ?? '');
  if (subnet === undefined) {
    dump.report.tell(
      'left out',
      `${networkInterfaceId} is in ${item.text('SubnetId') ?? 'no subnet'}, which is in no file.`,
    );
    dump.setAside('NetworkInterfaces', item, 'Its subnet is in no file.');
    return;
  }
  const attachment = readAttachment(item, target, holder);
  const privateAddresses = readPrivateAddresses(item);
  const macAddress = item.need('MacAddress').toLowerCase();
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(macAddress)) {
    throw new ShapeError(`${item.place}.MacAddress is "${macAddress}", which is no MAC address.`);
  }
  const autoAssignedPublicIp = importAssociations(dump, target, item, networkInterfaceId);
  target.networkInterfaces.put({
    networkInterfaceId,
    ordinal: target.takeOrdinal(),
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: item.text('AvailabilityZone') ?? holder?.availabilityZone ?? subnet.availabilityZone,
    description: item.text('Description') ?? '',
    interfaceType: kindOf(dump, item, networkInterfaceId),
    macAddress,
    privateIpAddresses: privateAddresses,
    ipv6Addresses: item.items('Ipv6Addresses').flatMap((each) => each.ipv6Address('Ipv6Address') ?? []),
    groupIds: item.items('Groups').map((group) => group.id('GroupId')),
    sourceDestCheck: item.flag('SourceDestCheck'),
    ...optional('idleTimeouts', readIdleTimeouts(item.item('ConnectionTrackingConfiguration'))),
    ...optional('requesterId', requesterOf(item)),
    ...optional('attachment', attachment),
    ...optional('autoAssignedPublicIp', autoAssignedPublicIp),
    // Whether a new one is given at the next start is in no reply that lists; it is taken from whether there is one.
    ...(autoAssignedPublicIp === undefined || subnet.mapPublicIpOnLaunch
      ? {}
      : { associatePublicIpAddress: true }),
    createTime: attachment?.attachTime ?? NO_TIME,
    tags: item.tags('TagSet'),
  });
  if (item.items('Ipv4Prefixes').length + item.items('Ipv6Prefixes').length > 0) {
    dump.report.tell(
      'left out',
      `${networkInterfaceId} has prefixes delegated to it, which Cloudcroft has not.`,
    );
  }
}

function readIdleTimeouts(item: Item | undefined): NetworkInterface['idleTimeouts'] {
  if (item === undefined) return undefined;
  const said = {
    ...optional('tcpEstablishedTimeout', readTimeout(item, 'TcpEstablishedTimeout', 'tcpEstablishedTimeout')),
    ...optional('udpStreamTimeout', readTimeout(item, 'UdpStreamTimeout', 'udpStreamTimeout')),
    ...optional('udpTimeout', readTimeout(item, 'UdpTimeout', 'udpTimeout')),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

function readTimeout(item: Item, name: string, kind: keyof IdleTimeouts): number | undefined {
  const seconds = item.number(name);
  const { least, most } = IDLE_TIMEOUTS[kind];
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= least && seconds <= most))
    return seconds;
  throw new ShapeError(
    `${item.place}.${name} is ${seconds}, which is no whole number between ${least} and ${most}.`,
  );
}

function requesterOf(item: Item): string | undefined {
  const requesterId = item.text('RequesterId');
  if (requesterId !== undefined) return requesterId;
  return item.flag('RequesterManaged') ? 'amazon-aws' : undefined;
}

/** AWS's services have kinds of their own; here they are interfaces that someone else holds. */
function kindOf(dump: Dump, item: Item, id: string): NetworkInterface['interfaceType'] {
  const kind = item.text('InterfaceType') ?? 'interface';
  // The SDK's list spells it natGateway; what AWS sends is nat_gateway.
  const own = OWN_KINDS.find((each) => each === kind || (kind === 'natGateway' && each === 'nat_gateway'));
  if (own !== undefined) return own;
  if (kind !== 'interface') {
    const what = nameOfService(item) ?? kind;
    dump.report.tell(
      'assumed',
      `${id} (${what}) is taken as an interface that answers wherever its groups let it.`,
    );
  }
  return 'interface';
}

function nameOfService(item: Item): string | undefined {
  const description = item.text('Description') ?? '';
  return description === '' ? undefined : description;
}

function readPrivateAddresses(item: Item): readonly string[] {
  const listed = item.items('PrivateIpAddresses').map((each) => ({
    address: each.must('PrivateIpAddress', (one) => one.address('PrivateIpAddress')),
    isPrimary: each.flag('Primary'),
  }));
  const primaryFirst = listed.toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
  if (primaryFirst.length > 0) return primaryFirst.map(({ address }) => address);
  return [item.must('PrivateIpAddress', (eni) => eni.address('PrivateIpAddress'))];
}

function readAttachment(
  item: Item,
  { scope }: Target,
  holder: Holder | undefined,
): NetworkInterfaceAttachment | undefined {
  const attachment = item.item('Attachment');
  if (attachment === undefined || attachment.text('Status') === 'detached') return undefined;
  return {
    attachmentId: attachment.reference('AttachmentId') ?? `eni-attach-${madeUpDigits(item.place)}`,
    ...optional('instanceId', attachment.reference('InstanceId') ?? holder?.instanceId),
    instanceOwnerId: attachment.text('InstanceOwnerId') ?? scope.account,
    deviceIndex: attachment.number('DeviceIndex') ?? 0,
    attachTime: attachment.time('AttachTime') ?? NO_TIME,
    deleteOnTermination: attachment.flag('DeleteOnTermination'),
  };
}

/** Elastic IPs that the file of addresses has not are taken from here; the address that AWS itself gave is returned. */
function importAssociations(
  dump: Dump,
  target: Target,
  item: Item,
  networkInterfaceId: string,
): string | undefined {
  const listed = item.items('PrivateIpAddresses');
  const all = listed.length > 0 ? listed : [item];
  let own: string | undefined;
  for (const [index, each] of all.entries()) {
    const association =
      each.item('Association') ?? (each.flag('Primary') ? item.item('Association') : undefined);
    const publicIp = association?.address('PublicIp');
    if (association === undefined || publicIp === undefined) continue;
    const privateIpAddress = each.address('PrivateIpAddress') ?? '';
    if (target.addresses.where('publicIp', publicIp).length > 0) continue;
    const allocationId = association.reference('AllocationId');
    if (allocationId === undefined && index === 0) own = publicIp;
    else {
      const address: Address = {
        allocationId: allocationId ?? `eipalloc-${madeUpDigits(publicIp)}`,
        publicIp,
        associationId: association.reference('AssociationId') ?? `eipassoc-${madeUpDigits(publicIp)}`,
        networkInterfaceId,
        privateIpAddress,
        tags: [],
      };
      dump.report.tell(
        'assumed',
        `${publicIp}: the Elastic IP is in no file; it is taken from ${networkInterfaceId}.`,
      );
      target.addresses.put(address);
    }
  }
  return own;
}

const NAT_ADDRESS_STATES = [
  'assigning',
  'unassigning',
  'associating',
  'disassociating',
  'succeeded',
  'failed',
] as const;

const NAT_STATES = ['pending', 'available', 'deleting', 'deleted', 'failed'] as const;

function importNatGateway(dump: Dump, target: Target, item: Item): void {
  const natGatewayId = item.id('NatGatewayId');
  const state = item.must('State', (gateway) => gateway.word('State', NAT_STATES));
  const subnetId = item.reference('SubnetId');
  if (subnetId === undefined) {
    dump.report.tell('left out', `${natGatewayId} is a regional NAT gateway, which Cloudcroft has not.`);
    dump.setAside('NatGateways', item, 'It stands in no subnet.');
    return;
  }
  const addresses = item.items('NatGatewayAddresses').map((each) => ({
    isPrimary: each.flag('IsPrimary'),
    status: each.word('Status', NAT_ADDRESS_STATES) ?? 'succeeded',
    networkInterfaceId: each.reference('NetworkInterfaceId'),
    privateIp: each.address('PrivateIp'),
    ...optional('publicIp', each.address('PublicIp')),
    ...optional('allocationId', each.reference('AllocationId')),
    ...optional('associationId', each.reference('AssociationId')),
  }));
  const primary = addresses.find(({ isPrimary }) => isPrimary) ?? addresses[0];
  const others = addresses.filter((each) => each !== primary);
  if (
    (state === 'available' || state === 'pending') &&
    target.networkInterfaces.get(primary?.networkInterfaceId ?? '') === undefined
  ) {
    dump.report.tell(
      'missing',
      `${natGatewayId}: its interface ${primary?.networkInterfaceId ?? ''} is in no file, so nothing goes through it.`,
    );
  }
  const {
    isPrimary: _first,
    status: _done,
    networkInterfaceId,
    privateIp,
    ...standing
  } = primary ?? { isPrimary: true, status: 'succeeded' };
  target.natGateways.put({
    natGatewayId,
    subnetId,
    vpcId: item.id('VpcId'),
    connectivityType: item.word('ConnectivityType', ['public', 'private']) ?? 'public',
    state,
    ...optional('failureCode', item.text('FailureCode')),
    ...optional('failureMessage', item.text('FailureMessage')),
    createTime: item.time('CreateTime') ?? NO_TIME,
    ...optional('deleteTime', item.time('DeleteTime')),
    ...optional('networkInterfaceId', networkInterfaceId),
    ...optional('privateIp', privateIp),
    ...standing,
    ...(others.length === 0
      ? {}
      : {
          secondaryAddresses: others.map(
            ({ isPrimary: _each, networkInterfaceId: _eni, privateIp: address, status, ...rest }) => ({
              privateIp: address ?? '',
              // What failed carries nothing.
              status: status === 'failed' ? 'disassociating' : status,
              ...rest,
            }),
          ),
        }),
    tags: item.tags(),
  });
}
