import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
  VpcCidrBlockAssociation,
} from '@aws-sdk/client-ec2';
import { blocksOf, isAllowedSize, isRestricted } from '../../model/addressing.ts';
import type { CidrBlockAssociation, Vpc } from '../../model/records.ts';
import { type Cidr, cidrOf, contains, formatCidr, isSameCidr, overlaps, parseCidr } from '../../net/cidr.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { localRoute } from './vpc-lifecycle.ts';

/** Most blocks of a VPC (semantics S8, S18). */
const MOST_BLOCKS = 5;

/** The further blocks of a VPC (semantics S8–S14). */
export const vpcCidrBlockActions = {
  AssociateVpcCidrBlock(
    context: ActionContext,
    input: AssociateVpcCidrBlockRequest,
  ): AssociateVpcCidrBlockResult {
    const { tx } = context;
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (input.AmazonProvidedIpv6CidrBlock === true || input.Ipv6CidrBlock !== undefined) {
      throw errors.unsupportedOperation('IPv6 blocks are not supported by Cloudcroft yet.');
    }
    if (input.CidrBlock === undefined) throw errors.missingParameter('cidrBlock');
    const cidr = parseCidr(input.CidrBlock);
    if (cidr === undefined) throw errors.invalidCidr(input.CidrBlock);
    checkAddition(tx, vpc, cidr, input.CidrBlock);
    const association: CidrBlockAssociation = {
      associationId: context.newId('vpc-cidr-assoc'),
      cidrBlock: formatCidr(cidr),
      state: 'associated',
    };
    tx.vpcs.put({ ...vpc, cidrBlockAssociations: [...vpc.cidrBlockAssociations, association] });
    for (const table of tx.routeTables.where('vpcId', vpc.vpcId)) {
      tx.routeTables.put({ ...table, routes: [...table.routes, localRoute(association.cidrBlock)] });
    }
    return { VpcId: vpc.vpcId, CidrBlockAssociation: showCidrBlockAssociation(association) };
  },

  DisassociateVpcCidrBlock(
    { tx }: ActionContext,
    input: DisassociateVpcCidrBlockRequest,
  ): DisassociateVpcCidrBlockResult {
    const id = input.AssociationId;
    if (id === undefined) throw errors.missingParameter('associationId');
    const { vpc, association } = findAssociation(tx, id);
    if (vpc.cidrBlockAssociations[0] === association) {
      throw errors.operationNotPermitted(
        `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      );
    }
    const block = cidrOf(association.cidrBlock);
    if (tx.subnets.where('vpcId', vpc.vpcId).some(({ cidrBlock }) => contains(block, cidrOf(cidrBlock)))) {
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
function checkAddition(tx: Transaction, vpc: Vpc, cidr: Cidr, given: string): void {
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
  if (present.length >= MOST_BLOCKS) {
    throw errors.limitExceeded(
      'CidrLimitExceeded',
      `This network '${vpc.vpcId}' has met its maximum number of allowed CIDRs: ${MOST_BLOCKS}`,
    );
  }
}

function findAssociation(tx: Transaction, id: string): { vpc: Vpc; association: CidrBlockAssociation } {
  for (const vpc of tx.vpcs.values()) {
    const association = vpc.cidrBlockAssociations.find(({ associationId }) => associationId === id);
    if (association !== undefined) return { vpc, association };
  }
  throw errors.noSuchCidrBlockAssociation(id);
}
