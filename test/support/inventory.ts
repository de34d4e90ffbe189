import type { Installation } from './installation.ts';

/** Of each list of what clients make: the action, the list in its reply, and the id of an item. */
const LISTS = [
  ['DescribeVpcs', 'Vpcs', 'VpcId'],
  ['DescribeSubnets', 'Subnets', 'SubnetId'],
  ['DescribeRouteTables', 'RouteTables', 'RouteTableId'],
  ['DescribeSecurityGroups', 'SecurityGroups', 'GroupId'],
  ['DescribeSecurityGroupRules', 'SecurityGroupRules', 'SecurityGroupRuleId'],
  ['DescribeNetworkAcls', 'NetworkAcls', 'NetworkAclId'],
  ['DescribeNetworkInterfaces', 'NetworkInterfaces', 'NetworkInterfaceId'],
  ['DescribeInternetGateways', 'InternetGateways', 'InternetGatewayId'],
  ['DescribeVpcEndpoints', 'VpcEndpoints', 'VpcEndpointId'],
  ['DescribeAddresses', 'Addresses', 'AllocationId'],
  ['DescribeKeyPairs', 'KeyPairs', 'KeyPairId'],
  ['DescribeFlowLogs', 'FlowLogs', 'FlowLogId'],
  ['DescribeLaunchTemplates', 'LaunchTemplates', 'LaunchTemplateId'],
  ['DescribeManagedPrefixLists', 'PrefixLists', 'PrefixListId'],
  ['DescribeVpcPeeringConnections', 'VpcPeeringConnections', 'VpcPeeringConnectionId'],
  ['DescribeTransitGateways', 'TransitGateways', 'TransitGatewayId'],
  ['DescribeTransitGatewayAttachments', 'TransitGatewayAttachments', 'TransitGatewayAttachmentId'],
  ['DescribeTransitGatewayRouteTables', 'TransitGatewayRouteTables', 'TransitGatewayRouteTableId'],
  ['DescribeDhcpOptions', 'DhcpOptions', 'DhcpOptionsId'],
  ['DescribeEgressOnlyInternetGateways', 'EgressOnlyInternetGateways', 'EgressOnlyInternetGatewayId'],
  ['DescribeCustomerGateways', 'CustomerGateways', 'CustomerGatewayId'],
  ['DescribeVpnGateways', 'VpnGateways', 'VpnGatewayId'],
  ['DescribeVpcEndpointServiceConfigurations', 'ServiceConfigurations', 'ServiceId'],
  ['DescribeNetworkInsightsPaths', 'NetworkInsightsPaths', 'NetworkInsightsPathId'],
  ['DescribeNetworkInsightsAnalyses', 'NetworkInsightsAnalyses', 'NetworkInsightsAnalysisId'],
  ['DescribeVolumes', 'Volumes', 'VolumeId'],
] as const;

/** What AWS goes on showing for a while after it has been ended. */
const ENDED: ReadonlySet<string | undefined> = new Set(['deleted', 'terminated']);

/** All ids of what a region has and is not ended, in order, one a line. */
export async function inventory(croft: Installation): Promise<string> {
  const kept: string[] = [];
  for (const [action, list, id] of LISTS) {
    for (const item of (await croft.ec2(action)).list(list)) {
      if (!ENDED.has(item.maybe('State') ?? item.maybe('Status.Code'))) kept.push(item.text(id));
    }
  }
  for (const reservation of (await croft.ec2('DescribeInstances')).list('Reservations')) {
    for (const instance of reservation.list('Instances')) {
      if (!ENDED.has(instance.maybe('State.Name'))) kept.push(instance.text('InstanceId'));
    }
  }
  for (const gateway of (await croft.ec2('DescribeNatGateways')).list('NatGateways')) {
    if (!ENDED.has(gateway.maybe('State'))) kept.push(gateway.text('NatGatewayId'));
  }
  return kept.sort().join('\n');
}
