import type {
  AcceptVpcPeeringConnectionRequest,
  AcceptVpcPeeringConnectionResult,
  CreateVpcPeeringConnectionRequest,
  CreateVpcPeeringConnectionResult,
  DeleteVpcPeeringConnectionRequest,
  DeleteVpcPeeringConnectionResult,
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult,
  ModifyVpcPeeringConnectionOptionsRequest,
  ModifyVpcPeeringConnectionOptionsResult,
  PeeringConnectionOptionsRequest,
  RejectVpcPeeringConnectionRequest,
  RejectVpcPeeringConnectionResult,
} from '@aws-sdk/client-ec2';
import { blocksOf } from '../../model/addressing.ts';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type {
  VpcPeeringConnection,
  VpcPeeringSide,
  VpcPeeringStatusCode,
} from '../../model/peering-records.ts';
import { isPeeringOpen } from '../../model/routes.ts';
import { overlaps } from '../../net/cidr.ts';
import { overlapsIpv6 } from '../../net/ipv6.ts';
import { changePeering, type PeeringVisibility } from '../../state/peering.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { isRegion } from '../catalogue/regions.ts';
import { listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications } from '../tags.ts';
import { listingOf, showOptions, showPeering, vpcOfSide } from './vpc-peering-display.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long a request can be accepted (semantics S109). */
const PENDING_MILLISECONDS = 7 * DAY;

/** Most active connections of a VPC (semantics S18), and most requests that wait for an answer. */
const MOST_REQUESTS = 25;

/** Peering connections of VPCs, in one region or account or in two (semantics S108–S114). */
export const vpcPeeringConnectionActions = {
  CreateVpcPeeringConnection(
    context: ActionContext,
    input: CreateVpcPeeringConnectionRequest,
  ): CreateVpcPeeringConnectionResult {
    const { tx, now } = context;
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    const tags = readTagSpecifications(input.TagSpecifications, 'vpc-peering-connection');
    const requester: VpcPeeringSide = { ...tx.scope, vpcId, allowDnsResolutionFromRemoteVpc: false };
    const accepter = readAccepter(context, input);
    const between = findBetween(tx, requester, accepter);
    if (between.some(isPeeringOpen)) throw alreadyExists();
    const waiting = between.find(({ status }) => status.code === 'pending-acceptance');
    if (waiting?.requester.vpcId === vpcId) return { VpcPeeringConnection: showPeering(tx, waiting) };
    checkQuotas(context, vpcId);
    const base: VpcPeeringConnection = {
      vpcPeeringConnectionId: context.newId('pcx'),
      ordinal: tx.takeOrdinal(),
      requester,
      accepter,
      vpcIds: [vpcId, accepter.vpcId],
      status: { code: 'initiating-request', message: `Initiating Request to ${accepter.account}` },
      expirationTime: new Date(now.getTime() + PENDING_MILLISECONDS).toISOString(),
      tags,
    };
    const peer = tx.transactionOf(accepter);
    if (isPossible(tx, requester, accepter)) {
      const status = {
        code: 'pending-acceptance' as const,
        message: `Pending Acceptance by ${accepter.account}`,
      };
      // Tags given here are the requester's own.
      if (peer !== tx) peer?.vpcPeeringConnections.put({ ...base, status, tags: [] });
      tx.vpcPeeringConnections.put({ ...base, status });
    } else {
      tx.vpcPeeringConnections.put({
        ...base,
        status: {
          code: 'failed',
          message: 'Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range',
        },
        visibleUntil: new Date(now.getTime() + 2 * HOUR).toISOString(),
      });
    }
    return { VpcPeeringConnection: showPeering(tx, base) };
  },

  AcceptVpcPeeringConnection(
    context: ActionContext,
    input: AcceptVpcPeeringConnectionRequest,
  ): AcceptVpcPeeringConnectionResult {
    const { tx } = context;
    const peering = findPeering(tx, input.VpcPeeringConnectionId);
    checkAccepter(context, peering, 'accept');
    checkPending(peering, 'provisioning');
    if (findBetween(tx, peering.requester, peering.accepter).some(isPeeringOpen)) throw alreadyExists();
    if (!isPossible(tx, peering.requester, peering.accepter)) {
      throw errors.invalidParameterValue(
        `The VPCs of ${peering.vpcPeeringConnectionId} are gone, or their CIDR blocks overlap.`,
      );
    }
    checkQuotas(context, peering.accepter.vpcId);
    // It is `active` when control has linked the two routers.
    changePeering(tx, peering, { status: { code: 'provisioning', message: 'Provisioning' } });
    return { VpcPeeringConnection: showPeering(tx, findPeering(tx, peering.vpcPeeringConnectionId)) };
  },

  RejectVpcPeeringConnection(
    context: ActionContext,
    input: RejectVpcPeeringConnectionRequest,
  ): RejectVpcPeeringConnectionResult {
    const { tx, now, account } = context;
    const peering = findPeering(tx, input.VpcPeeringConnectionId);
    checkAccepter(context, peering, 'reject');
    checkPending(peering, 'rejected');
    const visibility: PeeringVisibility = (side) => (isOwn(tx, side) ? 2 * HOUR : 2 * DAY);
    const status = { code: 'rejected' as const, message: `Rejected by ${account}` };
    changePeering(tx, peering, { status }, { now, visibility });
    return { Return: true };
  },

  DeleteVpcPeeringConnection(
    context: ActionContext,
    input: DeleteVpcPeeringConnectionRequest,
  ): DeleteVpcPeeringConnectionResult {
    const { tx, now, account } = context;
    const peering = findPeering(tx, input.VpcPeeringConnectionId);
    const { code } = peering.status;
    if (code === 'pending-acceptance' && !isOwn(tx, peering.requester)) {
      throw errors.operationNotPermitted(
        `User (${account}) cannot delete peering ${peering.vpcPeeringConnectionId}`,
      );
    }
    if (code !== 'pending-acceptance' && !isPeeringOpen(peering)) throw wrongState(peering, 'deleting');
    const over = { now, visibility: visibilityOfDeleted(tx, peering) };
    const message = `Deleted by ${account}`;
    const isLinked = isPeeringOpen(peering);
    // It is `deleted` when control has taken the link away.
    changePeering(tx, peering, { status: { code: isLinked ? 'deleting' : 'deleted', message } }, over);
    return { Return: true };
  },

  DescribeVpcPeeringConnections(
    { tx }: ActionContext,
    input: DescribeVpcPeeringConnectionsRequest,
  ): DescribeVpcPeeringConnectionsResult {
    const page = listRecords(tx.vpcPeeringConnections, tx, listingOf(tx), {
      ...input,
      ids: input.VpcPeeringConnectionIds,
    });
    return {
      VpcPeeringConnections: page.records.map((peering) => showPeering(tx, peering)),
      NextToken: page.nextToken,
    };
  },

  ModifyVpcPeeringConnectionOptions(
    context: ActionContext,
    input: ModifyVpcPeeringConnectionOptionsRequest,
  ): ModifyVpcPeeringConnectionOptionsResult {
    const { tx } = context;
    const peering = findPeering(tx, input.VpcPeeringConnectionId);
    const { RequesterPeeringConnectionOptions: ofRequester, AccepterPeeringConnectionOptions: ofAccepter } =
      input;
    if (ofRequester === undefined && ofAccepter === undefined) {
      throw errors.missingParameter('RequesterPeeringConnectionOptions or AccepterPeeringConnectionOptions');
    }
    if (peering.status.code !== 'active') {
      throw errors.operationNotPermitted(
        `Peering ${peering.vpcPeeringConnectionId} is not active. Peering options can be added only to active peerings.`,
      );
    }
    const requester = changeOptions(context, peering, peering.requester, ofRequester);
    const accepter = changeOptions(context, peering, peering.accepter, ofAccepter);
    changePeering(tx, peering, { requester, accepter });
    return {
      ...(ofRequester === undefined ? {} : { RequesterPeeringConnectionOptions: showOptions(requester) }),
      ...(ofAccepter === undefined ? {} : { AccepterPeeringConnectionOptions: showOptions(accepter) }),
    };
  },
};

function findPeering(tx: Transaction, id: string | undefined): VpcPeeringConnection {
  return findResource(tx, kinds.vpcPeeringConnection, id, 'vpcPeeringConnectionId');
}

function readAccepter(
  { account, region }: ActionContext,
  { PeerVpcId: vpcId, PeerOwnerId, PeerRegion }: CreateVpcPeeringConnectionRequest,
): VpcPeeringSide {
  if (vpcId === undefined || vpcId === '') throw errors.missingParameter('peerVpcId');
  if (!/^vpc-[0-9a-f]+$/.test(vpcId)) throw errors.malformedId(kinds.vpc.malformed, vpcId, 'vpc');
  if (PeerOwnerId !== undefined && !/^[0-9]{12}$/.test(PeerOwnerId)) {
    throw errors.invalidValue(PeerOwnerId, 'peerOwnerId', 'An account id has twelve digits.');
  }
  if (PeerRegion !== undefined && !isRegion(PeerRegion)) {
    throw errors.invalidValue(PeerRegion, 'peerRegion', 'There is no such region.');
  }
  return {
    account: PeerOwnerId ?? account,
    region: PeerRegion ?? region,
    vpcId,
    allowDnsResolutionFromRemoteVpc: false,
  };
}

/** Whether both VPCs are there, are two, and share no address, used or not (semantics S108). */
function isPossible(tx: Transaction, one: VpcPeeringSide, other: VpcPeeringSide): boolean {
  const vpc = vpcOfSide(tx, one);
  const peer = vpcOfSide(tx, other);
  if (vpc === undefined || peer === undefined || vpc.vpcId === peer.vpcId) return false;
  return (
    !blocksOf(vpc).some((block) => blocksOf(peer).some((another) => overlaps(block, another))) &&
    !ipv6BlocksOf(vpc).some((block) => ipv6BlocksOf(peer).some((another) => overlapsIpv6(block, another)))
  );
}

/** The peering connections of two VPCs, whoever asked for them. */
function findBetween(tx: Transaction, one: VpcPeeringSide, other: VpcPeeringSide): VpcPeeringConnection[] {
  return tx.vpcPeeringConnections
    .where('vpcIds', one.vpcId)
    .filter(
      ({ requester, accepter }) =>
        (isSameSide(requester, one) && isSameSide(accepter, other)) ||
        (isSameSide(requester, other) && isSameSide(accepter, one)),
    );
}

function isSameSide(one: VpcPeeringSide, other: VpcPeeringSide): boolean {
  return one.vpcId === other.vpcId && one.account === other.account && one.region === other.region;
}

function checkQuotas(context: ActionContext, vpcId: string): void {
  const { tx } = context;
  const all = tx.vpcPeeringConnections.where('vpcIds', vpcId);
  demandQuota(context, 'peering-connections-per-vpc', all.filter(isPeeringOpen).length + 1);
  const requests = all.filter(
    ({ status, requester }) => status.code === 'pending-acceptance' && requester.vpcId === vpcId,
  );
  if (requests.length >= MOST_REQUESTS) {
    throw errors.limitExceeded(
      'OutstandingVpcPeeringConnectionLimitExceeded',
      `The maximum number of outstanding VPC peering connection requests has been reached: ${MOST_REQUESTS}`,
    );
  }
}

/** Only the accepter's account answers a request, and in the accepter's region. */
function checkAccepter(
  { account, region }: ActionContext,
  { accepter, vpcPeeringConnectionId }: VpcPeeringConnection,
  verb: 'accept' | 'reject',
): void {
  if (accepter.account !== account) {
    throw errors.operationNotPermitted(`User (${account}) cannot ${verb} peering ${vpcPeeringConnectionId}`);
  }
  if (accepter.region === region) return;
  throw errors.operationNotPermitted(
    `Incorrect region (${region}) specified for this request. VPC peering connection ${vpcPeeringConnectionId} must be ${verb}ed in region ${accepter.region}`,
  );
}

function checkPending(peering: VpcPeeringConnection, next: VpcPeeringStatusCode): void {
  if (peering.status.code !== 'pending-acceptance') throw wrongState(peering, next);
}

function wrongState(
  { vpcPeeringConnectionId, status }: VpcPeeringConnection,
  next: VpcPeeringStatusCode,
): errors.AwsError {
  return new errors.AwsError(
    'InvalidStateTransition',
    `Invalid state transition for ${vpcPeeringConnectionId}, attempted to transition from ${status.code} to ${next}`,
  );
}

function alreadyExists(): errors.AwsError {
  return new errors.AwsError(
    'VpcPeeringConnectionAlreadyExists',
    'A VPC peering connection between the VPCs already exists.',
  );
}

/** Who deleted it sees it for two hours more, another account for two days (semantics S109). */
function visibilityOfDeleted(
  { scope }: Transaction,
  { requester, accepter }: VpcPeeringConnection,
): PeeringVisibility {
  const isSameAccount = requester.account === accepter.account;
  return (side) => (isSameAccount || side.account === scope.account ? 2 * HOUR : 2 * DAY);
}

function isOwn({ scope }: Transaction, { account, region }: VpcPeeringSide): boolean {
  return scope.account === account && scope.region === region;
}

/** A side with other options. Each account changes its own side, in the region of its VPC. */
function changeOptions(
  { tx, account }: ActionContext,
  { vpcPeeringConnectionId }: VpcPeeringConnection,
  side: VpcPeeringSide,
  options: PeeringConnectionOptionsRequest | undefined,
): VpcPeeringSide {
  if (options === undefined) return side;
  if (!isOwn(tx, side)) {
    throw errors.operationNotPermitted(
      `User (${account}) cannot modify the options of ${side.vpcId} in peering ${vpcPeeringConnectionId} from ${tx.scope.region}: its owner does, in ${side.region}.`,
    );
  }
  const { AllowEgressFromLocalClassicLinkToRemoteVpc, AllowEgressFromLocalVpcToRemoteClassicLink } = options;
  if (
    AllowEgressFromLocalClassicLinkToRemoteVpc === true ||
    AllowEgressFromLocalVpcToRemoteClassicLink === true
  ) {
    throw errors.unsupportedOperation('ClassicLink is no longer supported.');
  }
  const isWanted = options.AllowDnsResolutionFromRemoteVpc ?? side.allowDnsResolutionFromRemoteVpc;
  const vpc = tx.vpcs.get(side.vpcId);
  if (isWanted && (vpc?.enableDnsHostnames !== true || !vpc.enableDnsSupport)) {
    throw new errors.AwsError(
      'InvalidVpcPeeringConnectionState.DnsHostnamesDisabled',
      `DNS hostnames and DNS support must be enabled for ${side.vpcId} to allow DNS resolution from the peer VPC.`,
    );
  }
  return { ...side, allowDnsResolutionFromRemoteVpc: isWanted };
}
