import type { ResourceType, ResourceTypes } from '../resource-type.ts';
import { addressTypes } from './addresses.ts';
import { bucketTypes } from './buckets.ts';
import { cdkTypes } from './cdk.ts';
import { gatewayTypes } from './gateways.ts';
import { iamTypes } from './iam.ts';
import { instanceTypes } from './instances.ts';
import { keyPairTypes } from './key-pairs.ts';
import { launchTemplateTypes } from './launch-templates.ts';
import { natGatewayTypes } from './nat-gateways.ts';
import { parameterTypes } from './parameters.ts';
import { routingTypes } from './routing.ts';
import { securityGroupTypes } from './security-groups.ts';
import { subnetTypes } from './subnets.ts';
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
  ...vpcEndpointTypes,
  ...parameterTypes,
  ...iamTypes,
  ...bucketTypes,
  ...cdkTypes,
];

/** Every type of resource that a stack may have, by its name. */
export const resourceTypes: ResourceTypes = new Map(all.map((type) => [type.name, type]));
