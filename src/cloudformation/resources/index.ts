import type { ResourceType, ResourceTypes } from '../resource-type.ts';
import { addressTypes } from './addresses.ts';
import { bucketTypes } from './buckets.ts';
import { cdkTypes } from './cdk.ts';
import { dynamodbTypes } from './dynamodb-tables.ts';
import { endpointServiceTypes } from './endpoint-services.ts';
import { gatewayTypes } from './gateways.ts';
import { iamTypes } from './iam.ts';
import { instanceTypes } from './instances.ts';
import { keptServiceTypes } from './kept-services.ts';
import { keyPairTypes } from './key-pairs.ts';
import { launchTemplateTypes } from './launch-templates.ts';
import { loadBalancerTypes } from './load-balancers.ts';
import { natGatewayTypes } from './nat-gateways.ts';
import { networkAclTypes } from './network-acls.ts';
import { networkInterfaceTypes } from './network-interfaces.ts';
import { observingTypes } from './observing.ts';
import { parameterTypes } from './parameters.ts';
import { peeringTypes } from './peering.ts';
import { prefixListTypes } from './prefix-lists.ts';
import { routingTypes } from './routing.ts';
import { securityGroupTypes } from './security-groups.ts';
import { subnetTypes } from './subnets.ts';
import { transitGatewayRouteTypes } from './transit-gateway-routes.ts';
import { transitGatewayTypes } from './transit-gateways.ts';
import { vpcEndpointTypes } from './vpc-endpoints.ts';
import { vpcTypes } from './vpcs.ts';

const all: readonly ResourceType[] = [
  ...vpcTypes,
  ...subnetTypes,
  ...routingTypes,
  ...gatewayTypes,
  ...addressTypes,
  ...natGatewayTypes,
  ...securityGroupTypes,
  ...instanceTypes,
  ...launchTemplateTypes,
  ...keyPairTypes,
  ...networkAclTypes,
  ...networkInterfaceTypes,
  ...vpcEndpointTypes,
  ...endpointServiceTypes,
  ...peeringTypes,
  ...prefixListTypes,
  ...transitGatewayTypes,
  ...transitGatewayRouteTypes,
  ...observingTypes,
  ...loadBalancerTypes,
  ...parameterTypes,
  ...iamTypes,
  ...keptServiceTypes,
  ...bucketTypes,
  ...dynamodbTypes,
  ...cdkTypes,
];

/** Every type of resource that a stack may have, by its name. */
export const resourceTypes: ResourceTypes = new Map(all.map((type) => [type.name, type]));
