import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
  VpcCidrBlockAssociation,
} from '@aws-sdk/client-ec2';
import { blocksOf, ipv4BlocksOf, isAllowedSize, isRestricted } from '../../model/addressing.ts';
import type { CidrBlockAssociation, Ipv6CidrBlockAssociation, Vpc } from '../../model/records.ts';
import { isPeeringOpen } from '../../model/routes.ts';
import { type Cidr, cidrOf, contains, formatCidr, isSameCidr, overlaps, parseCidr } from '../../net/cidr.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import {
  associateIpv6Block,
  disassociateIpv6Block,
  showIpv6Association,
  wantsIpv6Block,
} from './vpc-ipv6-cidr-blocks.ts';
import { localRoute } from './vpc-lifecycle.ts';

/** The further blocks of a VPC (semantics S8–S14). */
export const vpcCidrBlockActions = {
  AssociateVpcCidrBlock(
    context: ActionContext,
    input: AssociateVpcCidrBlockRequest,
  ): AssociateVpcCidrBlockResult {
    const { tx, region } = context;
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (wantsIpv6Block(context, input)) {
      if (input.CidrBlock !== undefined) {
        throw errors.invalidParameterCombination(
          'The parameters cidrBlock and amazonProvidedIpv6CidrBlock cannot be used together',
        );
      }
      const made: Ipv6CidrBlockAssociation = { ...associateIpv6Block(context, vpc), state: 'associating' };
      return { VpcId: vpc.vpcId, Ipv6CidrBlockAssociation: showIpv6Association(region, made) };
    }
    if (input.CidrBlock === undefined) throw errors.missingParameter('cidrBlock');
    const cidr = parseCidr(input.CidrBlock);
    if (cidr === undefined) throw errors.invalidCidr(input.CidrBlock);
    checkAddition(context, vpc, cidr, input.CidrBlock);
    const association: CidrBlockAssociation = {
      associationId: context.newId('vpc-cidr-assoc'),
      cidrBlock: formatCidr(cidr),
      state: 'associated',
    };
    tx.vpcs.put({ ...vpc, cidrBlockAssociations: [...vpc.cidrBlockAssociations, association] });
    for (const table of tx.routeTables.where('vpcId', vpc.vpcId)) {
      tx.routeTables.put({
        ...table,
        routes: [...table.routes, localRoute({ kind: 'cidr', cidrBlock: association.cidrBlock })],
      });
    }
    // The answer says what is under way, as at AWS; whoever asks next sees it done.
    const shown = showCidrBlockAssociation({ ...association, state: 'associating' });
    return { VpcId: vpc.vpcId, CidrBlockAssociation: shown };
  },

  DisassociateVpcCidrBlock(
    { tx, region }: ActionContext,
    input: DisassociateVpcCidrBlockRequest,
  ): DisassociateVpcCidrBlockResult {
    const id = input.AssociationId;
    if (id === undefined) throw errors.missingParameter('associationId');
    const ipv6 = findIpv6Association(tx, id);
    if (ipv6 !== undefined) {
      const removed = disassociateIpv6Block(tx, ipv6.vpc, ipv6.association);
      return { VpcId: ipv6.vpc.vpcId, Ipv6CidrBlockAssociation: showIpv6Association(region, removed) };
    }
    const { vpc, association } = findAssociation(tx, id);
    if (vpc.cidrBlockAssociations[0] === association) {
      throw errors.operationNotPermitted(
        `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      );
    }
    const block = cidrOf(association.cidrBlock);
    if (
      tx.subnets
        .where('vpcId', vpc.vpcId)
        .flatMap(ipv4BlocksOf)
        .some((own) => contains(block, own))
    ) {
      throw errors.dependencyViolation(
        `The CIDR block '${association.cidrBlock}' of the vpc '${vpc.vpcId}' has dependencies and cannot be disassociated.`,
      );
    }
    tx.vpcs.put({
      ...vpc,
      cidrBlockAssociations: vpc.cidrBlockAssociations.filter((other) => other !== association),
    });
    for (const table of tx.routeTables.where('vpcId', vpc.vpcId)) {
      const routes = table.routes.filter(
        ({ destination }) =>
          destination.kind !== 'cidr' || !isSameCidr(destination.cidrBlock, association.cidrBlock),
      );
      tx.routeTables.put({ ...table, routes });
    }
    return {
      VpcId: vpc.vpcId,
      CidrBlockAssociation: showCidrBlockAssociation({ ...association, state: 'disassociating' }),
    };
  },
};

/** A block of a VPC as a reply shows it. */
export function showCidrBlockAssociation(association: CidrBlockAssociation): VpcCidrBlockAssociation {
  return {
    AssociationId: association.associationId,
    CidrBlock: association.cidrBlock,
    CidrBlockState: { State: association.state },
  };
}

/** Throws when the VPC may not have the block besides those it has. */
function checkAddition(context: ActionContext, vpc: Vpc, cidr: Cidr, given: string): void {
  const { tx } = context;
  if (!isAllowedSize(cidr)) throw errors.invalidVpcRange(given);
  const present = blocksOf(vpc);
  if (present.some((block) => overlaps(block, cidr))) {
    throw errors.refusedVpcRange(
      `The CIDR '${given}' conflicts with another CIDR of the vpc '${vpc.vpcId}'.`,
    );
  }
  if (isRestricted(cidrOf(vpc.cidrBlock), present, cidr)) {
    throw errors.refusedVpcRange(
      `The CIDR '${given}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR.`,
    );
  }
  const isRouted = tx.routeTables
    .where('vpcId', vpc.vpcId)
    .flatMap(({ routes }) => routes)
    .some(({ destination }) => {
      const routed = destination.kind === 'cidr' ? parseCidr(destination.cidrBlock) : undefined;
      return routed !== undefined && contains(cidr, routed);
    });
  if (isRouted) {
    throw errors.refusedVpcRange(
      `The CIDR '${given}' is the same as, or larger than, the destination of a route of the vpc '${vpc.vpcId}'.`,
    );
  }
  checkPeerings(tx, vpc, cidr, given);
  demandQuota(
    context,
    'cidr-blocks-per-vpc',
    present.length + 1,
    `This network '${vpc.vpcId}' has met its maximum number of allowed CIDRs: ${context.quotas['cidr-blocks-per-vpc']}`,
  );
}

/** Peered VPCs share no address, and who asked for a connection waits for the answer (semantics S13). */
function checkPeerings(tx: Transaction, vpc: Vpc, cidr: Cidr, given: string): void {
  for (const peering of tx.vpcPeeringConnections.where('vpcIds', vpc.vpcId)) {
    const isRequester = peering.requester.vpcId === vpc.vpcId;
    if (peering.status.code === 'pending-acceptance' && isRequester) {
      throw errors.refusedVpcRange(
        `The CIDR '${given}' cannot be associated: the VPC peering connection ${peering.vpcPeeringConnectionId} of the vpc '${vpc.vpcId}' is pending acceptance.`,
      );
    }
    if (!isPeeringOpen(peering)) continue;
    const peer = isRequester ? peering.accepter : peering.requester;
    const peerVpc = tx.transactionOf(peer)?.vpcs.get(peer.vpcId);
    if (peerVpc === undefined || !blocksOf(peerVpc).some((block) => overlaps(block, cidr))) continue;
    throw errors.refusedVpcRange(
      `The CIDR '${given}' conflicts with a CIDR of the peered vpc '${peer.vpcId}'.`,
    );
  }
}

interface FoundIpv6Association {
  readonly vpc: Vpc;
  readonly association: Ipv6CidrBlockAssociation;
}

function findIpv6Association(tx: Transaction, id: string): FoundIpv6Association | undefined {
  for (const vpc of tx.vpcs.values()) {
    const association = vpc.ipv6CidrBlockAssociations.find(({ associationId }) => associationId === id);
    if (association !== undefined) return { vpc, association };
  }
  return undefined;
}

function findAssociation(tx: Transaction, id: string): { vpc: Vpc; association: CidrBlockAssociation } {
  for (const vpc of tx.vpcs.values()) {
    const association = vpc.cidrBlockAssociations.find(({ associationId }) => associationId === id);
    if (association !== undefined) return { vpc, association };
  }
  throw errors.noSuchCidrBlockAssociation(id);
}
