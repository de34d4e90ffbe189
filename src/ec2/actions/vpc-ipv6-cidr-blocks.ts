import type {
  AssociateVpcCidrBlockRequest,
  CreateVpcRequest,
  VpcIpv6CidrBlockAssociation as WireAssociation,
} from '@aws-sdk/client-ec2';
import { findFreeVpcIpv6Block, IPV6_POOL_SIZE, ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { Ipv6CidrBlockAssociation, Vpc } from '../../model/records.ts';
import { containsIpv6 } from '../../net/ipv6.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { demandQuota } from '../quotas.ts';
import { withIpv6Entries } from './network-acl-entries.ts';
import { allowAllIpv6Egress, localRoute } from './vpc-lifecycle.ts';

type Ipv6Input = Pick<
  AssociateVpcCidrBlockRequest & CreateVpcRequest,
  | 'AmazonProvidedIpv6CidrBlock'
  | 'Ipv6CidrBlock'
  | 'Ipv6Pool'
  | 'Ipv6IpamPoolId'
  | 'Ipv6NetmaskLength'
  | 'Ipv6CidrBlockNetworkBorderGroup'
>;

/** Whether a request asks for an IPv6 block. Throws for one that is not Amazon's own to give. */
export function wantsIpv6Block({ region }: ActionContext, input: Ipv6Input): boolean {
  const own = input.Ipv6Pool ?? input.Ipv6IpamPoolId ?? input.Ipv6CidrBlock;
  if (own !== undefined || input.Ipv6NetmaskLength !== undefined) {
    if (input.AmazonProvidedIpv6CidrBlock === true) {
      throw errors.invalidParameterCombination(
        'The parameter amazonProvidedIpv6CidrBlock cannot be used with an IPv6 block or pool of your own',
      );
    }
    throw errors.unsupportedOperation(
      'Cloudcroft has no IPv6 pools: ask for an IPv6 block with AmazonProvidedIpv6CidrBlock.',
    );
  }
  const group = input.Ipv6CidrBlockNetworkBorderGroup;
  if (group !== undefined && group !== region) {
    throw errors.invalidValue(
      group,
      'ipv6CidrBlockNetworkBorderGroup',
      `The network border group is ${region}.`,
    );
  }
  return input.AmazonProvidedIpv6CidrBlock === true;
}

/**
 * Gives a VPC an IPv6 block, with what comes with it: a `local` route in every table, and rules for IPv6 in its network
 * ACLs and its default group as far as nobody changed them (semantics S19, S61, S73).
 */
export function associateIpv6Block(context: ActionContext, vpc: Vpc): Ipv6CidrBlockAssociation {
  const { tx } = context;
  demandQuota(
    context,
    'cidr-blocks-per-vpc',
    ipv6BlocksOf(vpc).length + 1,
    `This network '${vpc.vpcId}' has met its maximum number of allowed CIDRs: ${context.quotas['cidr-blocks-per-vpc']}`,
  );
  const ipv6CidrBlock = findFreeVpcIpv6Block(tx.allWorlds(), context.randomBelow(IPV6_POOL_SIZE));
  if (ipv6CidrBlock === undefined) {
    throw new errors.AwsError('InsufficientCidrBlocks', 'There is no IPv6 CIDR block left to give.');
  }
  const association: Ipv6CidrBlockAssociation = {
    associationId: context.newId('vpc-cidr-assoc'),
    ipv6CidrBlock,
    state: 'associated',
  };
  tx.vpcs.put({ ...vpc, ipv6CidrBlockAssociations: [...vpc.ipv6CidrBlockAssociations, association] });
  for (const table of tx.routeTables.where('vpcId', vpc.vpcId)) {
    tx.routeTables.put({
      ...table,
      routes: [...table.routes, localRoute({ kind: 'cidr-ipv6', ipv6CidrBlock })],
    });
  }
  if (vpc.ipv6CidrBlockAssociations.length === 0) {
    for (const acl of tx.networkAcls.where('vpcId', vpc.vpcId)) tx.networkAcls.put(withIpv6Entries(acl));
    for (const { groupId, groupName } of tx.securityGroups.where('vpcId', vpc.vpcId)) {
      const rules = tx.securityGroupRules.where('groupId', groupId).filter(({ isEgress }) => isEgress);
      const isUnchanged = rules.length === 1 && rules[0]?.ipProtocol === '-1';
      if (groupName === 'default' && isUnchanged) allowAllIpv6Egress(context, groupId);
    }
  }
  return association;
}

/** Takes an IPv6 block from a VPC. Throws while a subnet has some of it. */
export function disassociateIpv6Block(
  tx: Transaction,
  vpc: Vpc,
  association: Ipv6CidrBlockAssociation,
): Ipv6CidrBlockAssociation {
  const { ipv6CidrBlock } = association;
  const subnets = tx.subnets.where('vpcId', vpc.vpcId);
  if (subnets.some((subnet) => ipv6BlocksOf(subnet).some((block) => containsIpv6(ipv6CidrBlock, block)))) {
    throw errors.dependencyViolation(
      `The CIDR block '${ipv6CidrBlock}' of the vpc '${vpc.vpcId}' has dependencies and cannot be disassociated.`,
    );
  }
  tx.vpcs.put({
    ...vpc,
    ipv6CidrBlockAssociations: vpc.ipv6CidrBlockAssociations.filter((other) => other !== association),
  });
  for (const table of tx.routeTables.where('vpcId', vpc.vpcId)) {
    const routes = table.routes.filter(
      ({ destination }) => destination.kind !== 'cidr-ipv6' || destination.ipv6CidrBlock !== ipv6CidrBlock,
    );
    tx.routeTables.put({ ...table, routes });
  }
  return { ...association, state: 'disassociating' };
}

/** An IPv6 block of a VPC as a reply shows it. */
export function showIpv6Association(region: string, association: Ipv6CidrBlockAssociation): WireAssociation {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: association.ipv6CidrBlock,
    Ipv6CidrBlockState: { State: association.state },
    NetworkBorderGroup: region,
    Ipv6Pool: 'Amazon',
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  };
}
