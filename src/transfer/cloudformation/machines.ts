import type { Address, Instance, NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import {
  addressesIn,
  firstInterfaceOf,
  instancesIn,
  interfacesIn,
  ipv6CountOf,
  natGatewaysIn,
  otherAddressesOf,
  unsaidOptionsOf,
  unusualMetadataOf,
} from '../machines.ts';
import { gatewayAttachmentOf } from './networks.ts';
import type { Json, Template } from './template.ts';

/** Names instances, key pairs, interfaces, NAT gateways and addresses. */
export function nameMachines(template: Template): void {
  const { selection, world } = template;
  for (const instance of instancesIn(selection)) {
    template.name('Instance', instance.instanceId, instance);
    const [pair] = instance.keyName === undefined ? [] : world.keyPairs.where('keyName', instance.keyName);
    if (pair !== undefined && !template.has(pair.keyPairId))
      template.name('KeyPair', pair.keyPairId, undefined, pair.keyName);
  }
  for (const eni of interfacesIn(selection))
    template.name('NetworkInterface', eni.networkInterfaceId, eni, eni.description);
  for (const gateway of natGatewaysIn(selection)) template.name('NatGateway', gateway.natGatewayId, gateway);
  for (const address of addressesIn(selection))
    template.name('Eip', address.allocationId, address, '', 'AllocationId');
}

/** Writes them. */
export function writeMachines(template: Template): void {
  const { selection, world } = template;
  for (const pair of world.keyPairs.values()) {
    if (!template.has(pair.keyPairId)) continue;
    if (pair.publicKey === '')
      template.tell(`The public key of ${pair.keyName} is not known: put it in its place.`);
    template.add(pair.keyPairId, 'AWS::EC2::KeyPair', {
      KeyName: pair.keyName,
      PublicKeyMaterial: pair.publicKey,
      Tags: template.tags(pair),
    });
  }
  for (const instance of instancesIn(selection)) writeInstance(template, instance);
  for (const eni of interfacesIn(selection)) writeInterface(template, eni);
  for (const address of addressesIn(selection)) writeAddress(template, address);
  for (const gateway of natGatewaysIn(selection)) {
    const { allocationIds, privateIps } = otherAddressesOf(gateway);
    template.add(
      gateway.natGatewayId,
      'AWS::EC2::NatGateway',
      {
        ConnectivityType: gateway.connectivityType === 'public' ? undefined : gateway.connectivityType,
        AllocationId: gateway.allocationId === undefined ? undefined : template.ref(gateway.allocationId),
        SubnetId: template.ref(gateway.subnetId),
        PrivateIpAddress: gateway.privateIp,
        SecondaryAllocationIds: allocationIds.length === 0 ? undefined : template.refs(allocationIds),
        SecondaryPrivateIpAddresses: privateIps.length === 0 ? undefined : privateIps,
        Tags: template.tags(gateway),
      },
      gateway.connectivityType === 'public' ? gatewayAttachmentOf(template, gateway.vpcId) : [],
    );
  }
}

function writeInstance(template: Template, instance: Instance): void {
  const { world, selection } = template;
  const { instanceId, keyName } = instance;
  const metadata = unusualMetadataOf(instance);
  const eni = firstInterfaceOf(world, instanceId);
  const [pair] = keyName === undefined ? [] : world.keyPairs.where('keyName', keyName);
  const parameter = selection.imageParameters.get(instance.imageId);
  const wish = eni === undefined ? undefined : wantsPublicAddress(world, eni);
  const groups = template.refs(eni?.groupIds ?? []);
  const place = { SubnetId: template.ref(instance.subnetId), PrivateIpAddress: eni?.privateIpAddresses[0] };
  const ipv6Count = ipv6CountOf(eni);
  template.add(instanceId, 'AWS::EC2::Instance', {
    ImageId: parameter === undefined ? instance.imageId : template.image(parameter),
    InstanceType: instance.instanceType,
    KeyName: pair === undefined ? keyName : template.ref(pair.keyPairId),
    // A wish for a public address can only be said of an interface.
    ...(wish === undefined
      ? { ...place, SecurityGroupIds: groups, Ipv6AddressCount: ipv6Count }
      : {
          NetworkInterfaces: [
            {
              DeviceIndex: '0',
              AssociatePublicIpAddress: wish,
              GroupSet: groups,
              SubnetId: place.SubnetId,
              ...(ipv6Count === undefined ? {} : { Ipv6AddressCount: ipv6Count }),
              ...(place.PrivateIpAddress === undefined ? {} : { PrivateIpAddress: place.PrivateIpAddress }),
            },
          ],
        }),
    SourceDestCheck: eni?.sourceDestCheck === false ? false : undefined,
    IamInstanceProfile: instance.instanceProfile?.arn.split('/').at(-1),
    MetadataOptions: Object.keys(metadata).length === 0 ? undefined : metadata,
    UserData: instance.userData,
    Tags: template.tags(instance),
  });
  const name = template.logicalId(instanceId);
  if ((eni?.privateIpAddresses.length ?? 0) > 1)
    template.tell(`${name} has secondary addresses, which are left out.`);
  if (eni?.idleTimeouts !== undefined)
    template.tell(`${name} has idle timeouts of its own, which only an interface beside it could be given.`);
  for (const option of unsaidOptionsOf(world, instance))
    template.tell(`${name} has ${option}: it is left out.`);
  if (instance.state !== 'running' && instance.state !== 'pending')
    template.tell(`${name} is ${instance.state}; in the stack it runs.`);
}

function wantsPublicAddress(world: World, eni: NetworkInterface): boolean | undefined {
  const isMapped = world.subnets.get(eni.subnetId)?.mapPublicIpOnLaunch ?? false;
  const hasElastic = world.addresses.where('networkInterfaceId', eni.networkInterfaceId).length > 0;
  if (eni.autoAssignedPublicIp !== undefined) return isMapped ? undefined : true;
  return isMapped && !hasElastic ? false : undefined;
}

function timeoutsOf({ idleTimeouts }: NetworkInterface): Json | undefined {
  if (idleTimeouts === undefined) return undefined;
  const { tcpEstablishedTimeout, udpStreamTimeout, udpTimeout } = idleTimeouts;
  return {
    ...(tcpEstablishedTimeout === undefined ? {} : { TcpEstablishedTimeout: tcpEstablishedTimeout }),
    ...(udpStreamTimeout === undefined ? {} : { UdpStreamTimeout: udpStreamTimeout }),
    ...(udpTimeout === undefined ? {} : { UdpTimeout: udpTimeout }),
  };
}

function writeInterface(template: Template, eni: NetworkInterface): void {
  const { attachment, networkInterfaceId: id } = eni;
  template.add(id, 'AWS::EC2::NetworkInterface', {
    SubnetId: template.ref(eni.subnetId),
    Description: eni.description === '' ? undefined : eni.description,
    PrivateIpAddresses: eni.privateIpAddresses.map((address, index) => ({
      PrivateIpAddress: address,
      Primary: index === 0,
    })),
    Ipv6AddressCount: ipv6CountOf(eni),
    GroupSet: template.refs(eni.groupIds),
    SourceDestCheck: eni.sourceDestCheck ? undefined : false,
    ConnectionTrackingSpecification: timeoutsOf(eni),
    Tags: template.tags(eni),
  });
  if (attachment?.instanceId === undefined || !template.has(attachment.instanceId)) return;
  template.addUnnamed('Attachment', template.logicalId(id), 'AWS::EC2::NetworkInterfaceAttachment', {
    InstanceId: template.ref(attachment.instanceId),
    NetworkInterfaceId: template.ref(id),
    DeviceIndex: String(attachment.deviceIndex),
  });
}

function writeAddress(template: Template, address: Address): void {
  const { allocationId, networkInterfaceId, privateIpAddress } = address;
  const eni = template.world.networkInterfaces.get(networkInterfaceId ?? '');
  template.add(
    allocationId,
    'AWS::EC2::EIP',
    { Domain: 'vpc', Tags: template.tags(address) },
    eni === undefined ? [] : gatewayAttachmentOf(template, eni.vpcId),
  );
  if (eni === undefined || eni.interfaceType !== 'interface') return;
  const instanceId = eni.attachment?.deviceIndex === 0 ? eni.attachment.instanceId : undefined;
  template.addUnnamed('Association', template.logicalId(allocationId), 'AWS::EC2::EIPAssociation', {
    AllocationId: template.ref(allocationId),
    InstanceId: instanceId === undefined ? undefined : template.ref(instanceId),
    NetworkInterfaceId: instanceId === undefined ? template.ref(eni.networkInterfaceId) : undefined,
    PrivateIpAddress: eni.privateIpAddresses[0] === privateIpAddress ? undefined : privateIpAddress,
  });
}
