import type { ActionTable } from '../dispatch.ts';
import { addressActions } from './addresses.ts';
import { defaultsActions } from './defaults.ts';
import { dhcpOptionsActions } from './dhcp-options.ts';
import { imageActions } from './images.ts';
import { instanceAttributeActions } from './instance-attributes.ts';
import { instanceDescribeActions } from './instance-describe.ts';
import { instanceLifecycleActions } from './instance-lifecycle.ts';
import { instanceTypeActions } from './instance-types.ts';
import { runActions } from './instances.ts';
import { internetGatewayActions } from './internet-gateways.ts';
import { keyPairActions } from './key-pairs.ts';
import { natGatewayActions } from './nat-gateways.ts';
import { networkAclEntryActions } from './network-acl-entries.ts';
import { networkAclActions } from './network-acls.ts';
import { networkInterfaceActions } from './network-interfaces.ts';
import { prefixListActions } from './prefix-lists.ts';
import { regionActions } from './regions.ts';
import { routeTableActions } from './route-tables.ts';
import { routeActions } from './routes.ts';
import { securityGroupRuleActions } from './security-group-rules.ts';
import { securityGroupActions } from './security-groups.ts';
import { subnetActions } from './subnets.ts';
import { tagActions } from './tags.ts';
import { vpcCidrBlockActions } from './vpc-cidr-blocks.ts';
import { vpcEndpointActions } from './vpc-endpoints.ts';
import { vpcActions } from './vpcs.ts';

/** Every action that works on the state alone: the families of this folder in one table. */
export const actions = {
  ...addressActions,
  ...defaultsActions,
  ...dhcpOptionsActions,
  ...imageActions,
  ...instanceAttributeActions,
  ...instanceDescribeActions,
  ...instanceLifecycleActions,
  ...instanceTypeActions,
  ...internetGatewayActions,
  ...keyPairActions,
  ...natGatewayActions,
  ...networkAclActions,
  ...networkAclEntryActions,
  ...networkInterfaceActions,
  ...prefixListActions,
  ...regionActions,
  ...routeActions,
  ...routeTableActions,
  ...runActions,
  ...securityGroupActions,
  ...securityGroupRuleActions,
  ...subnetActions,
  ...tagActions,
  ...vpcActions,
  ...vpcCidrBlockActions,
  ...vpcEndpointActions,
} satisfies ActionTable;
