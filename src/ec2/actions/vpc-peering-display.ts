import type {
  VpcPeeringConnection as WirePeering,
  VpcPeeringConnectionVpcInfo as WireSide,
} from '@aws-sdk/client-ec2';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { VpcPeeringConnection, VpcPeeringSide } from '../../model/peering-records.ts';
import type { Vpc } from '../../model/records.ts';
import { isPeeringOpen } from '../../model/routes.ts';
import { blocksOfVpc } from '../../model/vpc-blocks.ts';
import type { World } from '../../model/world.ts';
import type { Transaction } from '../../state/store.ts';
import type { Listing } from '../describe.ts';
import { kinds } from '../kinds.ts';
import { showTags } from '../tags.ts';

/** The VPC of a side of a peering connection, in whichever account and region; undefined when it is not there. */
export function vpcOfSide(tx: Transaction, side: VpcPeeringSide): Vpc | undefined {
  return tx.transactionOf(side)?.vpcs.get(side.vpcId);
}

/** How peering connections are listed: their filters look into VPCs of other worlds too. */
export function listingOf(tx: Transaction): Listing<VpcPeeringConnection> {
  const blocks = (peering: VpcPeeringConnection, side: VpcPeeringSide) =>
    isKnown(tx, peering, side) ? blocksOf(tx, side) : [];
  return {
    ...kinds.vpcPeeringConnection,
    filters: {
      'accepter-vpc-info.cidr-block': (peering) => blocks(peering, peering.accepter),
      'accepter-vpc-info.owner-id': ({ accepter }) => accepter.account,
      'accepter-vpc-info.vpc-id': ({ accepter }) => accepter.vpcId,
      'expiration-time': 'expirationTime',
      'requester-vpc-info.cidr-block': (peering) => blocks(peering, peering.requester),
      'requester-vpc-info.owner-id': ({ requester }) => requester.account,
      'requester-vpc-info.vpc-id': ({ requester }) => requester.vpcId,
      'status-code': ({ status }) => status.code,
      'status-message': ({ status }) => status.message,
      'vpc-peering-connection-id': 'vpcPeeringConnectionId',
    },
  };
}

/** A peering connection as a reply shows it. */
export function showPeering(tx: Transaction, peering: VpcPeeringConnection): WirePeering {
  const { code, message } = peering.status;
  const isWaiting = code === 'initiating-request' || code === 'pending-acceptance';
  return {
    VpcPeeringConnectionId: peering.vpcPeeringConnectionId,
    RequesterVpcInfo: showSide(tx, peering, peering.requester),
    AccepterVpcInfo: showSide(tx, peering, peering.accepter),
    Status: { Code: code, Message: message },
    ...(isWaiting ? { ExpirationTime: new Date(peering.expirationTime) } : {}),
    Tags: showTags(peering),
  };
}

function showSide(tx: Transaction, peering: VpcPeeringConnection, side: VpcPeeringSide): WireSide {
  const base: WireSide = { OwnerId: side.account, VpcId: side.vpcId, Region: side.region };
  if (!isKnown(tx, peering, side)) return base;
  const vpc = vpcOfSide(tx, side);
  return {
    ...base,
    ...(vpc === undefined
      ? {}
      : {
          CidrBlock: vpc.cidrBlock,
          CidrBlockSet: blocksOf(tx, side).map((CidrBlock) => ({ CidrBlock })),
          Ipv6CidrBlockSet: ipv6BlocksOf(vpc).map((Ipv6CidrBlock) => ({ Ipv6CidrBlock })),
        }),
    PeeringOptions: showOptions(side),
  };
}

/** The options of a side as every reply shows them; ClassicLink is no more, and so always off. */
export function showOptions({ allowDnsResolutionFromRemoteVpc }: VpcPeeringSide) {
  return {
    AllowDnsResolutionFromRemoteVpc: allowDnsResolutionFromRemoteVpc,
    AllowEgressFromLocalClassicLinkToRemoteVpc: false,
    AllowEgressFromLocalVpcToRemoteClassicLink: false,
  };
}

function blocksOf(tx: Transaction, side: VpcPeeringSide): string[] {
  const vpc = vpcOfSide(tx, side);
  return vpc === undefined ? [] : blocksOfVpc(vpc);
}

/** The requester always shows itself; the accepter's blocks and options show once it has agreed. */
function isKnown(world: World, peering: VpcPeeringConnection, side: VpcPeeringSide): boolean {
  return side === peering.requester || isPeeringOpen(peering) || isOwn(world, side);
}

function isOwn({ scope }: World, { account, region }: VpcPeeringSide): boolean {
  return scope.account === account && scope.region === region;
}
