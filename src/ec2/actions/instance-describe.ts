import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceBlockDeviceMapping,
  InstanceNetworkInterface,
  InstanceNetworkInterfaceAssociation,
  Reservation,
  Instance as WireInstance,
} from '@aws-sdk/client-ec2';
import { instanceNameOf, privateDnsNameOf, publicDnsNameOf } from '../../model/dns-names.ts';
import { publicAddressOf } from '../../model/public-addresses.ts';
import type { Instance, NetworkInterface } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { blockDevicesOf } from '../block-devices.ts';
import { zoneIdOf } from '../catalogue/regions.ts';
import { type Listing, listRecords } from '../describe.ts';
import type { FilterTable, FilterValue } from '../filters.ts';
import { showIdleTimeouts } from '../idle-timeouts.ts';
import { findImageIn } from '../images.ts';
import { SHOWN_INSTANCE_FILTERS, SHOWN_INTERFACE_FILTERS } from '../instance-filters.ts';
import { cpuOptionsOf, namesOfInstance } from '../instance-options.ts';
import { codeOf, interfacesOf, showState } from '../instance-states.ts';
import { kinds } from '../kinds.ts';
import { shownFilters } from '../shown-filters.ts';
import { showTags } from '../tags.ts';
import { wireType } from './instance-types.ts';
import {
  networkInterfaceFilters,
  showAssociation,
  showGroups,
  showNetworkInterface,
} from './network-interfaces.ts';

const ofPrimary =
  (read: (eni: NetworkInterface, world: World) => FilterValue) =>
  (instance: Instance, world: World): FilterValue => {
    const [primary] = interfacesOf(world, instance);
    return primary === undefined ? undefined : read(primary, world);
  };

/** The filters of interfaces, each of which an instance fits by any interface of its own. */
function interfaceFilters(): FilterTable<Instance> {
  const filters = Object.entries(networkInterfaceFilters).map(([name, reader]) => [
    `network-interface.${name}`,
    (instance: Instance, world: World): FilterValue =>
      interfacesOf(world, instance).flatMap((eni) => {
        // A TextField holds texts: that is its definition.
        const value = typeof reader === 'string' ? (eni[reader] as FilterValue) : reader(eni, world);
        return typeof value === 'object' ? value : [value];
      }),
  ]);
  return Object.fromEntries(filters);
}

const IDS_OR_PAGES = 'The parameter instancesSet cannot be used with the parameter maxResults';

const listing: Listing<Instance> = {
  ...kinds.instance,
  idsOrPages: IDS_OR_PAGES,
  filters: {
    'instance-id': 'instanceId',
    'image-id': 'imageId',
    'instance-type': 'instanceType',
    'key-name': 'keyName',
    'vpc-id': 'vpcId',
    'subnet-id': 'subnetId',
    'availability-zone': 'availabilityZone',
    'availability-zone-id': ({ availabilityZone }) => zoneIdOf(availabilityZone),
    'reservation-id': 'reservationId',
    'client-token': 'clientToken',
    'launch-time': 'launchTime',
    'launch-index': ({ amiLaunchIndex }) => amiLaunchIndex,
    'instance-state-name': 'state',
    'instance-state-code': ({ state }) => codeOf(state),
    'state-reason-code': ({ stateReason }) => stateReason?.code,
    'owner-id': (_instance, world) => world.scope.account,
    'private-ip-address': ofPrimary((eni) => eni.privateIpAddresses[0]),
    'private-dns-name': (instance, world) =>
      interfacesOf(world, instance)
        .slice(0, 1)
        .flatMap(({ privateIpAddresses }) => privateIpAddresses.slice(0, 1))
        .map((address) => instanceNameOf(world.scope.region, instance, address)),
    'ip-address': ofPrimary((eni, world) => publicAddressOf(world, eni)),
    'dns-name': ofPrimary((eni, world) => showAssociation(world, eni)?.PublicDnsName),
    'instance.group-id': ofPrimary((eni) => eni.groupIds),
    'group-id': ofPrimary((eni) => eni.groupIds),
    'instance.group-name': ofPrimary((eni, world) =>
      eni.groupIds.map((id) => world.securityGroups.get(id)?.groupName),
    ),
    'group-name': ofPrimary((eni, world) =>
      eni.groupIds.map((id) => world.securityGroups.get(id)?.groupName),
    ),
    'ipv6-address': ofPrimary((eni) => eni.ipv6Addresses),
    ...interfaceFilters(),
    ...shownFilters((instance, world) => showInstance(world, instance), SHOWN_INSTANCE_FILTERS),
    ...shownFilters(
      (instance, world) => interfacesOf(world, instance).map((eni) => showNetworkInterface(world, eni)),
      SHOWN_INTERFACE_FILTERS,
    ),
    'source-dest-check': ofPrimary((eni) => eni.sourceDestCheck),
    'iam-instance-profile.arn': ({ instanceProfile }) => instanceProfile?.arn,
    'iam-instance-profile.id': ({ instanceProfile }) => instanceProfile?.profileId,
    'metadata-options.http-tokens': ({ metadataOptions }) => metadataOptions.httpTokens,
    'metadata-options.http-protocol-ipv4': () => 'enabled',
    'metadata-options.http-endpoint': ({ metadataOptions }) => metadataOptions.httpEndpoint,
    architecture: ({ imageId }, world) => findImageIn(world, imageId)?.architecture,
    'monitoring-state': ({ isMonitored }) => (isMonitored ? 'enabled' : 'disabled'),
    'root-device-type': () => 'ebs',
    'root-device-name': ({ imageId }, world) => findImageIn(world, imageId)?.rootDeviceName,
    'block-device-mapping.volume-id': (instance, world) =>
      blockDevicesOf(world, instance).map(({ volumeId }) => volumeId),
    'virtualization-type': () => 'hvm',
    hypervisor: () => 'xen',
    tenancy: () => 'default',
    'requester-id': () => undefined,
    platform: () => undefined,
    'instance-lifecycle': () => undefined,
  },
};

/** Instances, as they are: a state is shown once it is so. */
export const instanceDescribeActions = {
  DescribeInstances({ tx }: ActionContext, input: DescribeInstancesRequest): DescribeInstancesResult {
    const page = listRecords(tx.instances, tx, listing, { ...input, ids: input.InstanceIds });
    const byReservation = Map.groupBy(page.records, ({ reservationId }) => reservationId);
    return {
      Reservations: [...byReservation].map(([id, instances]) => showReservation(tx, id, instances)),
      NextToken: page.nextToken,
    };
  },

  /** Running instances only, unless all are asked for. */
  DescribeInstanceStatus(
    { tx }: ActionContext,
    input: DescribeInstanceStatusRequest,
  ): DescribeInstanceStatusResult {
    const page = listRecords(tx.instances, tx, statusListing, { ...input, ids: input.InstanceIds });
    const shown = page.records.filter(
      ({ state }) => input.IncludeAllInstances === true || state === 'running',
    );
    return {
      InstanceStatuses: shown.map((instance) => {
        const status = statusOf(instance);
        return {
          InstanceId: instance.instanceId,
          AvailabilityZone: instance.availabilityZone,
          InstanceState: showState(instance.state),
          InstanceStatus: {
            Status: status,
            Details: [{ Name: 'reachability', Status: status === 'ok' ? 'passed' : 'insufficient-data' }],
          },
          SystemStatus: {
            Status: status,
            Details: [{ Name: 'reachability', Status: status === 'ok' ? 'passed' : 'insufficient-data' }],
          },
          Events: [],
        };
      }),
      NextToken: page.nextToken,
    };
  },
};

/** Nothing is ever scheduled for an instance here. */
const EVENT_FILTERS = [
  'event.code',
  'event.description',
  'event.instance-event-id',
  'event.not-after',
  'event.not-before',
  'event.not-before-deadline',
];

const statusListing: Listing<Instance> = {
  ...kinds.instance,
  idsOrPages: IDS_OR_PAGES,
  filters: {
    'availability-zone': 'availabilityZone',
    'instance-state-code': ({ state }) => codeOf(state),
    'instance-state-name': 'state',
    'instance-status.status': statusOf,
    'instance-status.reachability': (instance) =>
      statusOf(instance) === 'ok' ? 'passed' : 'insufficient-data',
    'system-status.status': statusOf,
    'system-status.reachability': (instance) =>
      statusOf(instance) === 'ok' ? 'passed' : 'insufficient-data',
    'availability-zone-id': ({ availabilityZone }) => zoneIdOf(availabilityZone),
    'attached-ebs-status.status': statusOf,
    // AWS has it of applications that tell how they are; none does here.
    'application-status.status': () => undefined,
    'operator.managed': () => false,
    'operator.principal': () => undefined,
    ...Object.fromEntries(EVENT_FILTERS.map((name) => [name, () => undefined])),
  },
};

function statusOf({ state }: Instance): 'ok' | 'not-applicable' {
  return state === 'running' ? 'ok' : 'not-applicable';
}

/** A reservation as replies show it. */
export function showReservation(
  world: World,
  reservationId: string,
  instances: readonly Instance[],
): Reservation {
  return {
    ReservationId: reservationId,
    OwnerId: world.scope.account,
    Groups: [],
    Instances: instances.map((instance) => showInstance(world, instance)),
  };
}

function showInstance(world: World, instance: Instance): WireInstance {
  const { region } = world.scope;
  const interfaces = interfacesOf(world, instance);
  const [primary] = interfaces;
  const image = findImageIn(world, instance.imageId);
  const publicIp = primary === undefined ? undefined : publicAddressOf(world, primary);
  const hasNames = world.vpcs.get(instance.vpcId)?.enableDnsHostnames === true;
  const privateIp = primary?.privateIpAddresses[0];
  const names = namesOfInstance(instance);
  const cpu = cpuOptionsOf(instance);
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.imageId,
    InstanceType: wireType(instance.instanceType),
    ...(instance.keyName === undefined ? {} : { KeyName: instance.keyName }),
    AmiLaunchIndex: instance.amiLaunchIndex,
    ClientToken: instance.clientToken,
    LaunchTime: new Date(instance.launchTime),
    State: showState(instance.state),
    StateTransitionReason: instance.stateTransitionReason,
    ...showStateReason(instance),
    Placement: { AvailabilityZone: instance.availabilityZone, GroupName: '', Tenancy: 'default' },
    Monitoring: { State: instance.isMonitored ? 'enabled' : 'disabled' },
    PrivateDnsName: privateIp === undefined ? '' : instanceNameOf(region, instance, privateIp),
    PublicDnsName: publicIp === undefined || !hasNames ? '' : publicDnsNameOf(region, publicIp),
    ...(publicIp === undefined ? {} : { PublicIpAddress: publicIp }),
    // A terminated instance has no network left, and AWS shows none.
    ...(primary === undefined || privateIp === undefined
      ? {}
      : {
          PrivateIpAddress: privateIp,
          ...(primary.ipv6Addresses[0] === undefined ? {} : { Ipv6Address: primary.ipv6Addresses[0] }),
          VpcId: instance.vpcId,
          SubnetId: instance.subnetId,
          SourceDestCheck: primary.sourceDestCheck,
        }),
    SecurityGroups: primary === undefined ? [] : showGroups(world, primary.groupIds),
    NetworkInterfaces: interfaces.map((eni) => showInterface(world, eni)),
    Architecture: image?.architecture ?? 'x86_64',
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceType: 'ebs',
    RootDeviceName: image?.rootDeviceName ?? '/dev/xvda',
    BlockDeviceMappings: showBlockDevices(world, instance),
    ...(instance.instanceProfile === undefined
      ? {}
      : {
          IamInstanceProfile: { Arn: instance.instanceProfile.arn, Id: instance.instanceProfile.profileId },
        }),
    EbsOptimized: instance.ebsOptimized,
    EnaSupport: true,
    CpuOptions: { CoreCount: cpu.coreCount, ThreadsPerCore: cpu.threadsPerCore },
    CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MaintenanceOptions: { AutoRecovery: instance.autoRecovery ?? 'default' },
    MetadataOptions: {
      State: 'applied',
      HttpTokens: instance.metadataOptions.httpTokens,
      HttpPutResponseHopLimit: instance.metadataOptions.httpPutResponseHopLimit,
      HttpEndpoint: instance.metadataOptions.httpEndpoint,
      HttpProtocolIpv6: instance.metadataOptions.httpProtocolIpv6,
      InstanceMetadataTags: instance.metadataOptions.instanceMetadataTags,
    },
    PrivateDnsNameOptions: {
      HostnameType: names.hostnameType,
      EnableResourceNameDnsARecord: names.enableResourceNameDnsARecord,
      EnableResourceNameDnsAAAARecord: names.enableResourceNameDnsAaaaRecord,
    },
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    UsageOperationUpdateTime: new Date(instance.launchTime),
    CurrentInstanceBootMode: 'uefi',
    ProductCodes: [],
    Tags: showTags(instance),
  };
}

/** Why an instance is as it is; a new one has AWS's word for that it is new. */
function showStateReason({ state, stateReason }: Instance): Pick<WireInstance, 'StateReason'> {
  if (stateReason !== undefined) {
    return { StateReason: { Code: stateReason.code, Message: stateReason.message } };
  }
  return state === 'pending' ? { StateReason: { Code: 'pending', Message: 'pending' } } : {};
}

/** The volumes of an instance; none once it has been terminated. */
export function showBlockDevices(world: World, instance: Instance): InstanceBlockDeviceMapping[] {
  if (instance.state === 'terminated') return [];
  return blockDevicesOf(world, instance).map(({ deviceName, volumeId, isDeletedOnTermination }) => ({
    DeviceName: deviceName,
    Ebs: {
      VolumeId: volumeId,
      Status: 'attached',
      DeleteOnTermination: isDeletedOnTermination,
      AttachTime: new Date(instance.launchTime),
    },
  }));
}

/** A public address without the ids of its association, as instances show it. */
function showInstanceAssociation(
  world: World,
  eni: NetworkInterface,
  privateAddress?: string,
): InstanceNetworkInterfaceAssociation | undefined {
  const association = showAssociation(world, eni, privateAddress);
  if (association === undefined) return undefined;
  const { PublicIp, PublicDnsName, IpOwnerId } = association;
  return { PublicIp, PublicDnsName, IpOwnerId };
}

function showInterface(world: World, eni: NetworkInterface): InstanceNetworkInterface {
  const shown = showInstanceAssociation(world, eni);
  const hasName = world.vpcs.get(eni.vpcId)?.enableDnsHostnames === true;
  return {
    NetworkInterfaceId: eni.networkInterfaceId,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    Description: eni.description,
    OwnerId: world.scope.account,
    Status: 'in-use',
    InterfaceType: eni.interfaceType,
    MacAddress: eni.macAddress,
    SourceDestCheck: eni.sourceDestCheck,
    ...showIdleTimeouts(eni),
    PrivateIpAddress: eni.privateIpAddresses[0],
    ...(hasName
      ? { PrivateDnsName: privateDnsNameOf(world.scope.region, eni.privateIpAddresses[0] ?? '') }
      : {}),
    PrivateIpAddresses: eni.privateIpAddresses.map((address, index) => {
      const itsAssociation = showInstanceAssociation(world, eni, address);
      return {
        Primary: index === 0,
        PrivateIpAddress: address,
        ...(hasName ? { PrivateDnsName: privateDnsNameOf(world.scope.region, address) } : {}),
        ...(itsAssociation === undefined ? {} : { Association: itsAssociation }),
      };
    }),
    Ipv6Addresses: eni.ipv6Addresses.map((address) => ({ Ipv6Address: address, IsPrimaryIpv6: false })),
    Groups: showGroups(world, eni.groupIds),
    ...(shown === undefined ? {} : { Association: shown }),
    Attachment: {
      AttachmentId: eni.attachment?.attachmentId,
      DeviceIndex: eni.attachment?.deviceIndex,
      NetworkCardIndex: 0,
      Status: 'attached',
      AttachTime: new Date(eni.attachment?.attachTime ?? eni.createTime),
      DeleteOnTermination: eni.attachment?.deleteOnTermination,
    },
  };
}
