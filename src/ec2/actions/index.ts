import type { ActionTable } from '../dispatch.ts';
import { addressTransferActions } from './address-transfers.ts';
import { addressActions } from './addresses.ts';
import { customerGatewayActions } from './customer-gateways.ts';
import { defaultsActions } from './defaults.ts';
import { dhcpOptionsActions } from './dhcp-options.ts';
import { egressOnlyInternetGatewayActions } from './egress-only-internet-gateways.ts';
import { flowLogActions } from './flow-logs.ts';
import { iamInstanceProfileActions } from './iam-instance-profiles.ts';
import { imageActions } from './images.ts';
import { instanceAttributeActions } from './instance-attributes.ts';
import { instanceDescribeActions } from './instance-describe.ts';
import { instanceLifecycleActions } from './instance-lifecycle.ts';
import { instanceMonitoringActions } from './instance-monitoring.ts';
import { instanceOptionActions } from './instance-options.ts';
import { instanceTypeActions } from './instance-types.ts';
import { instanceUefiActions } from './instance-uefi.ts';
import { runActions } from './instances.ts';
import { internetGatewayActions } from './internet-gateways.ts';
import { ipv6AddressActions } from './ipv6-addresses.ts';
import { keyPairActions } from './key-pairs.ts';
import { launchTemplateDescribeActions } from './launch-template-describe.ts';
import { launchTemplateActions } from './launch-templates.ts';
import { managedPrefixListActions } from './managed-prefix-lists.ts';
import { natGatewayAddressActions } from './nat-gateway-addresses.ts';
import { natGatewayActions } from './nat-gateways.ts';
import { networkAclEntryActions } from './network-acl-entries.ts';
import { networkAclActions } from './network-acls.ts';
import { networkInsightsActions } from './network-insights.ts';
import { networkInsightsAccessScopeActions } from './network-insights-access-scopes.ts';
import { networkInterfaceLifecycleActions } from './network-interface-lifecycle.ts';
import { networkInterfaceActions } from './network-interfaces.ts';
import { peerSecurityGroupActions } from './peer-security-groups.ts';
import { prefixListActions } from './prefix-lists.ts';
import { privateAddressActions } from './private-addresses.ts';
import { regionActions } from './regions.ts';
import { routeTableActions } from './route-tables.ts';
import { routeActions } from './routes.ts';
import { securityGroupRuleActions } from './security-group-rules.ts';
import { securityGroupActions } from './security-groups.ts';
import { subnetCidrBlockActions } from './subnet-cidr-blocks.ts';
import { subnetActions } from './subnets.ts';
import { tagActions } from './tags.ts';
import { transitGatewayAssociationActions } from './transit-gateway-associations.ts';
import { transitGatewayRouteTableActions } from './transit-gateway-route-tables.ts';
import { transitGatewayRouteActions } from './transit-gateway-routes.ts';
import { transitGatewayVpcAttachmentActions } from './transit-gateway-vpc-attachments.ts';
import { transitGatewayActions } from './transit-gateways.ts';
import { volumeActions } from './volumes.ts';
import { vpcCidrBlockActions } from './vpc-cidr-blocks.ts';
import { vpcEndpointConnectionActions } from './vpc-endpoint-connections.ts';
import { vpcEndpointServiceConfigurationActions } from './vpc-endpoint-service-configurations.ts';
import { vpcEndpointServiceActions } from './vpc-endpoint-services.ts';
import { vpcEndpointActions } from './vpc-endpoints.ts';
import { vpcPeeringConnectionActions } from './vpc-peering-connections.ts';
import { vpcSecurityGroupActions } from './vpc-security-groups.ts';
import { vpcActions } from './vpcs.ts';
import { vpnGatewayActions } from './vpn-gateways.ts';

/** Every action that works on the state alone: the families of this folder in one table. */
export const actions = {
  ...addressActions,
  ...addressTransferActions,
  ...customerGatewayActions,
  ...defaultsActions,
  ...dhcpOptionsActions,
  ...flowLogActions,
  ...egressOnlyInternetGatewayActions,
  ...iamInstanceProfileActions,
  ...imageActions,
  ...instanceAttributeActions,
  ...instanceDescribeActions,
  ...instanceLifecycleActions,
  ...instanceMonitoringActions,
  ...instanceOptionActions,
  ...instanceTypeActions,
  ...instanceUefiActions,
  ...internetGatewayActions,
  ...ipv6AddressActions,
  ...keyPairActions,
  ...launchTemplateActions,
  ...launchTemplateDescribeActions,
  ...managedPrefixListActions,
  ...natGatewayActions,
  ...natGatewayAddressActions,
  ...networkAclActions,
  ...networkAclEntryActions,
  ...networkInsightsActions,
  ...networkInsightsAccessScopeActions,
  ...networkInterfaceActions,
  ...networkInterfaceLifecycleActions,
  ...peerSecurityGroupActions,
  ...prefixListActions,
  ...privateAddressActions,
  ...regionActions,
  ...routeActions,
  ...routeTableActions,
  ...runActions,
  ...securityGroupActions,
  ...securityGroupRuleActions,
  ...subnetActions,
  ...subnetCidrBlockActions,
  ...tagActions,
  ...transitGatewayActions,
  ...transitGatewayAssociationActions,
  ...transitGatewayRouteActions,
  ...transitGatewayRouteTableActions,
  ...transitGatewayVpcAttachmentActions,
  ...volumeActions,
  ...vpcActions,
  ...vpcCidrBlockActions,
  ...vpcEndpointActions,
  ...vpcEndpointConnectionActions,
  ...vpcEndpointServiceActions,
  ...vpcEndpointServiceConfigurationActions,
  ...vpcPeeringConnectionActions,
  ...vpcSecurityGroupActions,
  ...vpnGatewayActions,
} satisfies ActionTable;
