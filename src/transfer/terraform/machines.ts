import { publicAddressOf } from '../../model/public-addresses.ts';
import type { Address, Instance, NatGateway, NetworkInterface } from '../../model/records.ts';
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
import { type Document, unless } from './document.ts';
import { type Block, raw, type Value } from './hcl.ts';

/** Names instances, key pairs, interfaces, NAT gateways and addresses. */
export function nameMachines(document: Document): void {
  const { world } = document;
  for (const instance of instancesIn(document.selection)) {
    document.name('aws_instance', instance.instanceId, instance, instance.instanceId);
    const [pair] = instance.keyName === undefined ? [] : world.keyPairs.where('keyName', instance.keyName);
    if (pair !== undefined && !document.has(pair.keyPairId)) {
      document.name('aws_key_pair', pair.keyPairId, undefined, pair.keyName);
    }
    const first = firstInterfaceOf(world, instance.instanceId);
    if (first !== undefined)
      document.bring(first.networkInterfaceId, instance.instanceId, 'primary_network_interface_id');
  }
  for (const eni of interfacesIn(document.selection)) {
    document.name(
      'aws_network_interface',
      eni.networkInterfaceId,
      eni,
      eni.description,
      eni.networkInterfaceId,
    );
  }
  for (const gateway of natGatewaysIn(document.selection)) {
    document.name('aws_nat_gateway', gateway.natGatewayId, gateway, document.nameOf(gateway.subnetId));
  }
  for (const address of addressesIn(document.selection)) {
    document.name('aws_eip', address.allocationId, address, nameOfUser(document, address));
  }
}

function nameOfUser(document: Document, { allocationId, networkInterfaceId }: Address): string {
  const gateway = natGatewaysIn(document.selection).find(
    (each) =>
      each.allocationId === allocationId || otherAddressesOf(each).allocationIds.includes(allocationId),
  );
  if (gateway !== undefined) return document.nameOf(gateway.natGatewayId);
  const eni = document.world.networkInterfaces.get(networkInterfaceId ?? '');
  return document.nameOf(eni?.attachment?.instanceId ?? networkInterfaceId ?? '') || 'address';
}

/** Writes them. */
export function writeMachines(document: Document): void {
  const { world } = document;
  for (const pair of world.keyPairs.values()) {
    if (!document.has(pair.keyPairId)) continue;
    if (pair.publicKey === '')
      document.tell(`The public key of ${pair.keyName} is not known: put it in its place.`);
    document.add(pair.keyPairId, [
      ['key_name', pair.keyName],
      ['public_key', pair.publicKey],
      document.tags(pair),
    ]);
  }
  for (const instance of instancesIn(document.selection)) writeInstance(document, instance);
  for (const eni of interfacesIn(document.selection)) writeInterface(document, eni);
  for (const address of addressesIn(document.selection)) writeAddress(document, address);
  for (const gateway of natGatewaysIn(document.selection)) writeNatGateway(document, gateway);
}

function writeInstance(document: Document, instance: Instance): void {
  const { world, selection } = document;
  const { instanceId, imageId, keyName } = instance;
  const metadata = unusualMetadataOf(instance);
  const eni = firstInterfaceOf(world, instanceId);
  const [pair] = keyName === undefined ? [] : world.keyPairs.where('keyName', keyName);
  const parameter = selection.imageParameters.get(imageId);
  document.add(instanceId, [
    ['ami', parameter === undefined ? imageId : raw(`${imageOf(document, parameter)}.value`)],
    ['instance_type', instance.instanceType],
    ['subnet_id', document.ref(instance.subnetId)],
    ['private_ip', eni?.privateIpAddresses[0]],
    [
      'secondary_private_ips',
      eni === undefined || eni.privateIpAddresses.length < 2 ? undefined : eni.privateIpAddresses.slice(1),
    ],
    ['ipv6_address_count', ipv6CountOf(eni)],
    ['vpc_security_group_ids', document.refs(eni?.groupIds ?? [])],
    ['associate_public_ip_address', eni === undefined ? undefined : wantsPublicAddress(world, eni)],
    ['key_name', pair === undefined ? keyName : raw(`${document.address(pair.keyPairId)}.key_name`)],
    ['iam_instance_profile', instance.instanceProfile?.arn.split('/').at(-1)],
    ['source_dest_check', unless(true, eni?.sourceDestCheck ?? true)],
    ['user_data_base64', instance.userData],
    document.tags(instance),
    ...(Object.keys(metadata).length === 0
      ? []
      : [
          {
            block: 'metadata_options',
            body: [
              // The provider asks for tokens where nothing is said of them.
              ['http_tokens', metadata.HttpTokens ?? 'optional'],
              ['http_put_response_hop_limit', metadata.HttpPutResponseHopLimit],
              ['http_endpoint', metadata.HttpEndpoint],
              ['instance_metadata_tags', metadata.InstanceMetadataTags],
            ],
          } satisfies Block,
        ]),
  ]);
  if (eni !== undefined) tellOfTimeouts(document, eni, document.nameOf(instanceId));
  for (const option of unsaidOptionsOf(world, instance))
    document.tell(`${document.nameOf(instanceId)} has ${option}: it is left out.`);
  if (instance.state === 'stopped' || instance.state === 'stopping') {
    document.addUnnamed('aws_ec2_instance_state', document.nameOf(instanceId), [
      ['instance_id', document.ref(instanceId)],
      ['state', 'stopped'],
    ]);
  }
}

/** Terraform's provider has no word for them but in launch templates. */
function tellOfTimeouts(document: Document, { idleTimeouts }: NetworkInterface, name: string): void {
  if (idleTimeouts !== undefined) document.tell(`${name} has idle timeouts of its own, which are left out.`);
}

function imageOf(document: Document, parameter: string): string {
  const wish = /al2023|amzn2|ubuntu|debian/.exec(parameter)?.[0] ?? 'image';
  return document.data('aws_ssm_parameter', wish, [['name', parameter]]);
}

/** Said only where it is otherwise than the subnet has it; an instance with an Elastic IP is left to its subnet. */
function wantsPublicAddress(world: World, eni: NetworkInterface): Value | undefined {
  const isMapped = world.subnets.get(eni.subnetId)?.mapPublicIpOnLaunch ?? false;
  if (eni.autoAssignedPublicIp !== undefined) return isMapped ? undefined : true;
  return isMapped && publicAddressOf(world, eni) === undefined ? false : undefined;
}

function writeInterface(document: Document, eni: NetworkInterface): void {
  const { attachment } = eni;
  tellOfTimeouts(document, eni, document.nameOf(eni.networkInterfaceId));
  document.add(eni.networkInterfaceId, [
    ['subnet_id', document.ref(eni.subnetId)],
    ['description', eni.description === '' ? undefined : eni.description],
    // `private_ips` has no order, and the first address is the primary one.
    ...(eni.privateIpAddresses.length === 1
      ? ([['private_ips', eni.privateIpAddresses]] as const)
      : ([
          ['private_ip_list_enabled', true],
          ['private_ip_list', eni.privateIpAddresses],
        ] as const)),
    ['ipv6_address_count', ipv6CountOf(eni)],
    ['security_groups', document.refs(eni.groupIds)],
    ['source_dest_check', unless(true, eni.sourceDestCheck)],
    document.tags(eni),
    ...(attachment?.instanceId === undefined || !document.has(attachment.instanceId)
      ? []
      : [
          {
            block: 'attachment',
            body: [
              ['instance', document.ref(attachment.instanceId)],
              ['device_index', attachment.deviceIndex],
            ],
          } satisfies Block,
        ]),
  ]);
}

function writeAddress(document: Document, address: Address): void {
  const { networkInterfaceId, privateIpAddress } = address;
  const eni = document.world.networkInterfaces.get(networkInterfaceId ?? '');
  const isGateway = eni?.interfaceType === 'nat_gateway';
  const instanceId = eni?.attachment?.deviceIndex === 0 ? eni.attachment.instanceId : undefined;
  const isPrimary = eni?.privateIpAddresses[0] === privateIpAddress;
  const byInstance = instanceId !== undefined && isPrimary && document.has(instanceId);
  document.add(address.allocationId, [
    ['domain', 'vpc'],
    ['instance', byInstance ? document.ref(instanceId) : undefined],
    [
      'network_interface',
      eni === undefined || isGateway || byInstance ? undefined : document.ref(eni.networkInterfaceId),
    ],
    ['associate_with_private_ip', eni === undefined || isGateway || isPrimary ? undefined : privateIpAddress],
    ['depends_on', eni === undefined || isGateway ? undefined : internetGatewayOf(document, eni.vpcId)],
    document.tags(address),
  ]);
}

/** Addresses are of use, and AWS associates them, once the VPC has its gateway. */
function internetGatewayOf(document: Document, vpcId: string): Value | undefined {
  const [gateway] = document.world.internetGateways.where('vpcId', vpcId);
  return gateway === undefined ? undefined : [raw(document.address(gateway.internetGatewayId))];
}

function writeNatGateway(document: Document, gateway: NatGateway): void {
  const { allocationIds, privateIps } = otherAddressesOf(gateway);
  document.add(gateway.natGatewayId, [
    ['connectivity_type', unless('public', gateway.connectivityType)],
    ['allocation_id', gateway.allocationId === undefined ? undefined : document.ref(gateway.allocationId)],
    ['subnet_id', document.ref(gateway.subnetId)],
    ['private_ip', gateway.privateIp],
    ['secondary_allocation_ids', allocationIds.length === 0 ? undefined : document.refs(allocationIds)],
    ['secondary_private_ip_addresses', privateIps.length === 0 ? undefined : privateIps],
    [
      'depends_on',
      gateway.connectivityType === 'public' ? internetGatewayOf(document, gateway.vpcId) : undefined,
    ],
    document.tags(gateway),
  ]);
}
