import type {
  CreateDefaultSubnetRequest,
  CreateDefaultSubnetResult,
  CreateDefaultVpcRequest,
  CreateDefaultVpcResult,
} from '@aws-sdk/client-ec2';
import { blocksOf, ipv4BlocksOf } from '../../model/addressing.ts';
import type { Subnet, Vpc } from '../../model/records.ts';
import { mainRouteTableOf } from '../../model/routes.ts';
import { type Cidr, contains, formatCidr, lastOf, overlaps, sizeOf } from '../../net/cidr.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { zonesOf } from '../catalogue/regions.ts';
import * as errors from '../errors.ts';
import { showSubnet } from './subnets.ts';
import { createSubnet, createVpc } from './vpc-lifecycle.ts';
import { showVpc } from './vpcs.ts';

/** The block of every default VPC, and the size of a default subnet in it (semantics S15). */
const DEFAULT_VPC_BLOCK = '172.31.0.0/16';
const DEFAULT_SUBNET_PREFIX = 20;

/** The region whose instances have the oldest domain (semantics S94). */
const FIRST_REGION = 'us-east-1';

/** A service's addresses in the region: the name of AWS's prefix list (`com.amazonaws.us-east-1.s3`) and its block. */
export interface ServicePrefix {
  readonly prefixListName: string;
  readonly cidrBlock: string;
}

/** Fills a region that nobody has used: default DHCP options, AWS's prefix lists, and the default VPC (semantics S15). */
export function seedRegion(context: ActionContext, prefixes: readonly ServicePrefix[]): void {
  const { tx, region, newId } = context;
  const domain = region === FIRST_REGION ? 'ec2.internal' : `${region}.compute.internal`;
  tx.dhcpOptions.put({
    dhcpOptionsId: newId('dopt'),
    configurations: [
      { key: 'domain-name', values: [domain] },
      { key: 'domain-name-servers', values: ['AmazonProvidedDNS'] },
    ],
    tags: [],
  });
  for (const { prefixListName, cidrBlock } of prefixes) {
    tx.prefixLists.put({
      prefixListId: newId('pl'),
      prefixListName,
      ownerId: 'AWS',
      addressFamily: 'IPv4',
      maxEntries: 1,
      version: 1,
      entries: [{ cidr: cidrBlock }],
      tags: [],
    });
  }
  createDefaultVpc(context);
}

/** The default VPC and its default subnets, for who has deleted them (semantics S15). */
export const defaultsActions = {
  CreateDefaultVpc(context: ActionContext, _input: CreateDefaultVpcRequest): CreateDefaultVpcResult {
    if (findDefaultVpc(context.tx) !== undefined) throw errors.defaultVpcAlreadyExists();
    return { Vpc: showVpc(context, createDefaultVpc(context)) };
  },

  CreateDefaultSubnet(context: ActionContext, input: CreateDefaultSubnetRequest): CreateDefaultSubnetResult {
    const vpc = findDefaultVpc(context.tx);
    if (vpc === undefined) {
      throw new errors.AwsError(
        'DefaultVpcDoesNotExist',
        'There is no default VPC for this account in this region.',
      );
    }
    const zone = readZone(context.region, input);
    const present = context.tx.subnets
      .where('vpcId', vpc.vpcId)
      .find(({ availabilityZone, isDefaultForAz }) => isDefaultForAz && availabilityZone === zone);
    if (present !== undefined) {
      throw new errors.AwsError(
        'DefaultSubnetAlreadyExistsInAvailabilityZone',
        `'${present.subnetId}' is already the default subnet in ${zone}.`,
      );
    }
    return { Subnet: showSubnet(context, createDefaultSubnet(context, vpc, zone)) };
  },
};

function findDefaultVpc(tx: Transaction): Vpc | undefined {
  return [...tx.vpcs.values()].find(({ isDefault }) => isDefault);
}

function readZone(region: string, input: CreateDefaultSubnetRequest): string {
  const zones = zonesOf(region);
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  if (name === undefined && id === undefined) throw errors.missingParameter('availabilityZone');
  const zone = zones.find(({ zoneName, zoneId }) => (name === undefined ? zoneId === id : zoneName === name));
  if (zone !== undefined) return zone.zoneName;
  throw errors.invalidValue(
    name ?? id,
    'availabilityZone',
    `Subnets can currently only be created in the following availability zones: ${zones.map(({ zoneName }) => zoneName).join(', ')}.`,
  );
}

function createDefaultVpc(context: ActionContext): Vpc {
  const { tx, newId, region } = context;
  const vpc = createVpc(context, {
    cidrBlock: DEFAULT_VPC_BLOCK,
    instanceTenancy: 'default',
    isDefault: true,
    tags: [],
  });
  const gateway = { internetGatewayId: newId('igw'), vpcId: vpc.vpcId, tags: [] };
  tx.internetGateways.put(gateway);
  const main = mainRouteTableOf(tx, vpc.vpcId);
  if (main === undefined) throw new Error(`${vpc.vpcId} has no main route table`);
  tx.routeTables.put({
    ...main,
    routes: [
      ...main.routes,
      {
        destination: { kind: 'cidr', cidrBlock: '0.0.0.0/0' },
        target: { kind: 'internet-gateway', id: gateway.internetGatewayId },
        origin: 'CreateRoute',
      },
    ],
  });
  for (const { zoneName } of zonesOf(region)) createDefaultSubnet(context, vpc, zoneName);
  return vpc;
}

function createDefaultSubnet(context: ActionContext, vpc: Vpc, availabilityZone: string): Subnet {
  return createSubnet(context, {
    ipv6CidrBlockAssociations: [],
    vpcId: vpc.vpcId,
    cidrBlock: findFreeBlock(context.tx, vpc),
    availabilityZone,
    isDefaultForAz: true,
    mapPublicIpOnLaunch: true,
    tags: [],
  });
}

/** The first block of a default subnet's size that no subnet of the VPC has. */
function findFreeBlock(tx: Transaction, vpc: Vpc): string {
  const taken = tx.subnets.where('vpcId', vpc.vpcId).flatMap(ipv4BlocksOf);
  for (const outer of blocksOf(vpc)) {
    let block: Cidr = { first: outer.first, prefixLength: DEFAULT_SUBNET_PREFIX };
    while (contains(outer, block)) {
      const candidate = block;
      if (!taken.some((other) => overlaps(other, candidate))) return formatCidr(candidate);
      if (lastOf(candidate) === lastOf(outer)) break;
      block = { first: candidate.first + sizeOf(candidate), prefixLength: DEFAULT_SUBNET_PREFIX };
    }
  }
  throw new errors.AwsError(
    'InsufficientCidrBlocks',
    `The VPC ${vpc.vpcId} has no free block of the size of a default subnet.`,
  );
}
