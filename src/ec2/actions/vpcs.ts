import type {
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  ModifyVpcAttributeRequest,
  ModifyVpcTenancyRequest,
  ModifyVpcTenancyResult,
  Vpc as WireVpc,
} from '@aws-sdk/client-ec2';
import { isVpcRange } from '../../model/addressing.ts';
import type { Ipv6CidrBlockAssociation, Vpc } from '../../model/records.ts';
import { type Cidr, formatCidr, parseCidr } from '../../net/cidr.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { showCidrBlockAssociation } from './vpc-cidr-blocks.ts';
import { associateIpv6Block, showIpv6Association, wantsIpv6Block } from './vpc-ipv6-cidr-blocks.ts';
import { createVpc, deleteVpc } from './vpc-lifecycle.ts';

const listing: Listing<Vpc> = {
  ...kinds.vpc,
  idsOrPages: 'The parameter VpcIds cannot be used with the parameter MaxResults',
  filters: {
    cidr: 'cidrBlock',
    // The older name, which clients still send.
    cidrBlock: 'cidrBlock',
    'cidr-block-association.cidr-block': (vpc) => vpc.cidrBlockAssociations.map((block) => block.cidrBlock),
    'cidr-block-association.association-id': (vpc) =>
      vpc.cidrBlockAssociations.map((block) => block.associationId),
    'cidr-block-association.state': (vpc) => vpc.cidrBlockAssociations.map((block) => block.state),
    'dhcp-options-id': 'dhcpOptionsId',
    dhcpOptionsId: 'dhcpOptionsId',
    'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) =>
      vpc.ipv6CidrBlockAssociations.map((block) => block.ipv6CidrBlock),
    'ipv6-cidr-block-association.ipv6-pool': (vpc) => vpc.ipv6CidrBlockAssociations.map(() => 'Amazon'),
    'ipv6-cidr-block-association.association-id': (vpc) =>
      vpc.ipv6CidrBlockAssociations.map((block) => block.associationId),
    'ipv6-cidr-block-association.state': (vpc) => vpc.ipv6CidrBlockAssociations.map((block) => block.state),
    'is-default': (vpc) => vpc.isDefault,
    isDefault: (vpc) => vpc.isDefault,
    'owner-id': (_, { scope }) => scope.account,
    state: () => 'available',
    'vpc-id': 'vpcId',
  },
};

/** VPCs and their attributes (semantics S1–S17, S119, S120). */
export const vpcActions = {
  CreateVpc(context: ActionContext, input: CreateVpcRequest): CreateVpcResult {
    const isWithIpv6 = wantsIpv6Block(context, input);
    if (input.CidrBlock === undefined) {
      throw new errors.AwsError(
        'MissingParameter',
        "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
      );
    }
    demandQuota(context, 'vpcs', context.tx.vpcs.size + 1);
    const vpc = createVpc(context, {
      cidrBlock: formatCidr(readVpcCidr(input.CidrBlock)),
      instanceTenancy: readTenancy(input.InstanceTenancy),
      isDefault: false,
      tags: readTagSpecifications(input.TagSpecifications, 'vpc'),
    });
    if (!isWithIpv6) return { Vpc: showVpc(context, vpc) };
    const association: Ipv6CidrBlockAssociation = {
      ...associateIpv6Block(context, vpc),
      state: 'associating',
    };
    return { Vpc: showVpc(context, { ...vpc, ipv6CidrBlockAssociations: [association] }) };
  },

  DeleteVpc({ tx }: ActionContext, input: DeleteVpcRequest): undefined {
    deleteVpc(tx, findResource(tx, kinds.vpc, input.VpcId, 'vpcId'));
  },

  DescribeVpcs(context: ActionContext, input: DescribeVpcsRequest): DescribeVpcsResult {
    const page = listRecords(context.tx.vpcs, context.tx, listing, { ...input, ids: input.VpcIds });
    return { Vpcs: page.records.map((vpc) => showVpc(context, vpc)), NextToken: page.nextToken };
  },

  ModifyVpcAttribute({ tx }: ActionContext, input: ModifyVpcAttributeRequest): undefined {
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    const changes = {
      ...readFlag('enableDnsSupport', input.EnableDnsSupport?.Value),
      ...readFlag('enableDnsHostnames', input.EnableDnsHostnames?.Value),
      ...readFlag('enableNetworkAddressUsageMetrics', input.EnableNetworkAddressUsageMetrics?.Value),
    };
    const count = Object.keys(changes).length;
    if (count === 0) throw errors.missingParameter('attribute');
    if (count > 1) {
      throw errors.invalidParameterCombination('Fields for multiple attribute types specified');
    }
    tx.vpcs.put({ ...vpc, ...changes });
  },

  DescribeVpcAttribute(
    { tx }: ActionContext,
    input: DescribeVpcAttributeRequest,
  ): DescribeVpcAttributeResult {
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    switch (input.Attribute) {
      case 'enableDnsSupport':
        return { VpcId: vpc.vpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
      case 'enableDnsHostnames':
        return { VpcId: vpc.vpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
      case 'enableNetworkAddressUsageMetrics':
        return {
          VpcId: vpc.vpcId,
          EnableNetworkAddressUsageMetrics: { Value: vpc.enableNetworkAddressUsageMetrics },
        };
      case undefined:
        throw errors.missingParameter('attribute');
      default:
        throw errors.invalidValue(input.Attribute, 'attribute', 'Unknown attribute.');
    }
  },

  ModifyVpcTenancy({ tx }: ActionContext, input: ModifyVpcTenancyRequest): ModifyVpcTenancyResult {
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (input.InstanceTenancy !== 'default') {
      throw errors.invalidValue(
        input.InstanceTenancy,
        'instanceTenancy',
        "The only valid value is 'default'.",
      );
    }
    tx.vpcs.put({ ...vpc, instanceTenancy: 'default' });
    return { ReturnValue: true };
  },
};

/** The block of a request, canonicalised (semantics S2). Throws when it cannot be a VPC's (S1). */
export function readVpcCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw errors.invalidCidr(text);
  if (!isVpcRange(cidr)) throw errors.invalidVpcRange(text);
  return cidr;
}

function readTenancy(tenancy: string | undefined): string {
  if (tenancy === undefined) return 'default';
  if (tenancy === 'default' || tenancy === 'dedicated') return tenancy;
  throw errors.invalidValue(tenancy, 'instanceTenancy', 'The tenancy of a VPC is default or dedicated.');
}

function readFlag<Name extends string>(
  name: Name,
  value: boolean | undefined,
): { readonly [Each in Name]?: boolean } {
  const flag: { [Each in Name]?: boolean } = {};
  if (value !== undefined) flag[name] = value;
  return flag;
}

/** A VPC as a reply shows it. */
export function showVpc({ account, region }: ActionContext, vpc: Vpc): WireVpc {
  return {
    VpcId: vpc.vpcId,
    State: 'available',
    CidrBlock: vpc.cidrBlock,
    CidrBlockAssociationSet: vpc.cidrBlockAssociations.map(showCidrBlockAssociation),
    Ipv6CidrBlockAssociationSet: vpc.ipv6CidrBlockAssociations.map((association) =>
      showIpv6Association(region, association),
    ),
    DhcpOptionsId: vpc.dhcpOptionsId,
    InstanceTenancy: vpc.instanceTenancy === 'dedicated' ? 'dedicated' : 'default',
    IsDefault: vpc.isDefault,
    OwnerId: account,
    Tags: showTags(vpc),
  };
}
