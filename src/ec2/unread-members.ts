import { type AwsError, unsupportedOperation } from './errors.ts';

/**
 * Members of requests that no action here acts on: a request that has one is refused rather than answered as if it
 * were done. `A.B` is member B of structure A, and `A=value` says that this value is all there is.
 */
const UNREAD: Readonly<Record<string, readonly string[]>> = {
  AllocateAddress: ['CustomerOwnedIpv4Pool', 'IpamPoolId'],
  AssociateNatGatewayAddress: ['AvailabilityZone', 'AvailabilityZoneId'],
  AssociateRouteTable: ['PublicIpv4Pool'],
  AssociateVpcCidrBlock: ['Ipv4IpamPoolId', 'Ipv4NetmaskLength'],
  CreateNatGateway: ['AvailabilityZoneAddresses'],
  CreateNetworkInterface: ['Operator'],
  CreateSubnet: ['OutpostArn', 'Ipv4IpamPoolId', 'Ipv4NetmaskLength'],
  CreateVpc: ['Ipv4IpamPoolId', 'Ipv4NetmaskLength', 'VpcEncryptionControl'],
  CreateVpcEndpoint: ['ServiceNetworkArn', 'ResourceConfigurationArn'],
  CreateVpcEndpointServiceConfiguration: ['SupportedRegions'],
  DisableTransitGatewayRouteTablePropagation: ['TransitGatewayRouteTableAnnouncementId'],
  EnableTransitGatewayRouteTablePropagation: ['TransitGatewayRouteTableAnnouncementId'],
  ModifyInstanceAttribute: [
    ...['EnaSupport.Value=true', 'SriovNetSupport.Value=simple', 'EnclaveOptions', 'Kernel', 'Ramdisk'],
  ],
  ModifyInstanceMaintenanceOptions: ['RebootMigration=default'],
  ModifyManagedPrefixList: ['IpamPrefixListResolverSyncEnabled'],
  ModifySubnetAttribute: ['CustomerOwnedIpv4Pool', 'EnableLniAtDeviceIndex', 'DisableLniAtDeviceIndex'],
  ModifyVpcEndpointServiceConfiguration: ['AddSupportedRegions', 'RemoveSupportedRegions'],
  MonitorInstances: ['MetricCategoryIds'],
  RegisterImage: ['BillingProducts', 'TpmSupport', 'UefiData', 'ImdsSupport', 'KernelId', 'RamdiskId'],
  RunInstances: [
    ...['KernelId', 'RamdiskId', 'ElasticGpuSpecification', 'ElasticInferenceAccelerators'],
    ...['InstanceMarketOptions', 'LicenseSpecifications', 'EnablePrimaryIpv6', 'NetworkPerformanceOptions'],
    ...['Operator', 'SecondaryInterfaces', 'EnclaveOptions', 'HibernationOptions'],
    ...['CpuOptions.AmdSevSnp=disabled', 'CpuOptions.NestedVirtualization=disabled'],
    ...['Placement.Tenancy=default', 'Placement.GroupName', 'Placement.GroupId', 'Placement.HostId'],
    ...['Placement.HostResourceGroupArn', 'Placement.PartitionNumber', 'Placement.Affinity'],
    ...['CapacityReservationSpecification.CapacityReservationTarget'],
  ],
  UnmonitorInstances: ['MetricCategoryIds'],
};

/** Throws UnsupportedOperation for a request that asks by one of its members for what nothing here does. */
export function refuseUnreadMembers(operation: string, input: object): void {
  if (!Object.hasOwn(UNREAD, operation)) return;
  for (const entry of UNREAD[operation] ?? []) {
    const [path = '', only] = entry.split('=');
    const value = path.split('.').reduce<unknown>((found, name) => Object(found)[name], input);
    if (asksForSomething(value) && String(value) !== only) throw unread(operation, path, only);
  }
}

/** Whether an action of this name refuses a request for having the member. */
export function isUnreadMember(operation: string, member: string): boolean {
  const entries = Object.hasOwn(UNREAD, operation) ? (UNREAD[operation] ?? []) : [];
  return entries.some((entry) => entry.split(/[.=]/)[0] === member);
}

/** Clients send what is off or empty, too. */
function asksForSomething(value: unknown): boolean {
  if (value === undefined || value === false || value === '') return false;
  return typeof value !== 'object' || value === null || Object.values(value).some(asksForSomething);
}

function unread(operation: string, path: string, only: string | undefined): AwsError {
  const rest = only === undefined ? '' : ` but '${only}'`;
  return unsupportedOperation(
    `Cloudcroft does nothing by the parameter ${path} of ${operation}${rest}. Leave it out.`,
  );
}
