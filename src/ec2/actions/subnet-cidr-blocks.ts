import type {
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult,
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult,
  SubnetIpv6CidrBlockAssociation as WireAssociation,
} from '@aws-sdk/client-ec2';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { Ipv6CidrBlockAssociation, Vpc } from '../../model/records.ts';
import { containsIpv6, formatIpv6Cidr, overlapsIpv6, parseIpv6Cidr } from '../../net/ipv6.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';

/** Shortest and longest prefix of a subnet's IPv6 block; between them AWS takes every fourth length. */
const SHORTEST_PREFIX = 44;
const LONGEST_PREFIX = 64;
const PREFIX_STEP = 4;

/** The IPv6 block of a subnet (semantics S5). */
export const subnetCidrBlockActions = {
  AssociateSubnetCidrBlock(
    context: ActionContext,
    input: AssociateSubnetCidrBlockRequest,
  ): AssociateSubnetCidrBlockResult {
    const { tx } = context;
    const subnet = findResource(tx, kinds.subnet, input.SubnetId, 'subnetId');
    if (input.Ipv6IpamPoolId !== undefined || input.Ipv6NetmaskLength !== undefined) {
      throw errors.unsupportedOperation('Cloudcroft has no IPv6 pools: name the block with Ipv6CidrBlock.');
    }
    if (input.Ipv6CidrBlock === undefined) throw errors.missingParameter('ipv6CidrBlock');
    if (ipv6BlocksOf(subnet).length > 0) {
      throw errors.invalidParameterValue(`The subnet ${subnet.subnetId} already has an IPv6 CIDR block.`);
    }
    const vpc = findResource(tx, kinds.vpc, subnet.vpcId, 'vpcId');
    const association = makeSubnetAssociation(context, readSubnetIpv6Cidr(tx, vpc, input.Ipv6CidrBlock));
    tx.subnets.put({
      ...subnet,
      ipv6CidrBlockAssociations: [...subnet.ipv6CidrBlockAssociations, association],
    });
    return {
      SubnetId: subnet.subnetId,
      Ipv6CidrBlockAssociation: showSubnetAssociation({ ...association, state: 'associating' }),
    };
  },

  DisassociateSubnetCidrBlock(
    { tx }: ActionContext,
    input: DisassociateSubnetCidrBlockRequest,
  ): DisassociateSubnetCidrBlockResult {
    const id = input.AssociationId;
    if (id === undefined) throw errors.missingParameter('associationId');
    for (const subnet of tx.subnets.values()) {
      const association = subnet.ipv6CidrBlockAssociations.find(({ associationId }) => associationId === id);
      if (association === undefined) continue;
      const { subnetId } = subnet;
      if (subnet.cidrBlock === undefined) {
        throw errors.invalidParameterValue(
          `The subnet ${subnetId} has IPv6 only: its CIDR block cannot be disassociated.`,
        );
      }
      if (tx.networkInterfaces.where('subnetId', subnetId).some((eni) => eni.ipv6Addresses.length > 0)) {
        throw errors.dependencyViolation(
          `The CIDR block '${association.ipv6CidrBlock}' of the subnet '${subnetId}' has dependencies and cannot be disassociated.`,
        );
      }
      tx.subnets.put({
        ...subnet,
        assignIpv6AddressOnCreation: false,
        enableDns64: false,
        ipv6CidrBlockAssociations: subnet.ipv6CidrBlockAssociations.filter((other) => other !== association),
      });
      return {
        SubnetId: subnetId,
        Ipv6CidrBlockAssociation: showSubnetAssociation({ ...association, state: 'disassociating' }),
      };
    }
    throw errors.noSuchSubnetCidrBlockAssociation(id);
  },
};

/** The canonical IPv6 block of a subnet. Throws when the VPC cannot have it so. */
export function readSubnetIpv6Cidr(tx: Transaction, vpc: Vpc, given: string): string {
  const cidr = parseIpv6Cidr(given);
  if (cidr === undefined) throw errors.invalidCidr(given, 'ipv6CidrBlock');
  const block = formatIpv6Cidr(cidr);
  const { prefixLength } = cidr;
  const isAllowedSize =
    prefixLength >= SHORTEST_PREFIX && prefixLength <= LONGEST_PREFIX && prefixLength % PREFIX_STEP === 0;
  if (!isAllowedSize || !ipv6BlocksOf(vpc).some((own) => containsIpv6(own, block))) {
    throw errors.invalidSubnetRange(given);
  }
  const neighbours = tx.subnets.where('vpcId', vpc.vpcId);
  if (neighbours.some((subnet) => ipv6BlocksOf(subnet).some((other) => overlapsIpv6(other, block)))) {
    throw errors.subnetConflict(given);
  }
  return block;
}

/** The association of a subnet with an IPv6 block that was read before. */
export function makeSubnetAssociation(
  { newId }: ActionContext,
  ipv6CidrBlock: string,
): Ipv6CidrBlockAssociation {
  return { associationId: newId('subnet-cidr-assoc'), ipv6CidrBlock, state: 'associated' };
}

/** An IPv6 block of a subnet as a reply shows it. */
export function showSubnetAssociation(association: Ipv6CidrBlockAssociation): WireAssociation {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: association.ipv6CidrBlock,
    Ipv6CidrBlockState: { State: association.state },
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  };
}
