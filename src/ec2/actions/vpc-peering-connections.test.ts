import { expect, test } from 'vitest';
import { ACCOUNT, given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import type { Scope } from '../../model/world.ts';
import { changePeering } from '../../state/peering.ts';

const OTHER_ACCOUNT = '210987654321';

function createVpc(region: TestRegion, CidrBlock: string): string {
  return given(region.call('CreateVpc', { CidrBlock }).Vpc?.VpcId);
}

function show(region: TestRegion, id: string) {
  return given(
    region.call('DescribeVpcPeeringConnections', { VpcPeeringConnectionIds: [id] })
      .VpcPeeringConnections?.[0],
  );
}

/** Two VPCs, the second `there`, and a request of the first to the second. */
function newRequest(there: Partial<Scope> = {}, peerBlock = '10.1.0.0/16') {
  const region = new TestRegion();
  const VpcId = createVpc(region, '10.0.0.0/16');
  const peer = Object.keys(there).length === 0 ? region : region.elsewhere(there);
  const PeerVpcId = createVpc(peer, peerBlock);
  const request = {
    VpcId,
    PeerVpcId,
    PeerOwnerId: peer.scope.account,
    PeerRegion: peer.scope.region,
  };
  const reply = given(region.call('CreateVpcPeeringConnection', request).VpcPeeringConnection);
  const id = given(reply.VpcPeeringConnectionId);
  const input = { VpcPeeringConnectionId: id };
  /** What control does when both routers are linked, or no longer are. */
  const complete = () =>
    region.write(({ tx }) => {
      const peering = given(tx.vpcPeeringConnections.get(id));
      const isActive = peering.status.code === 'provisioning';
      const status = isActive
        ? { code: 'active' as const, message: 'Active' }
        : { ...peering.status, code: 'deleted' as const };
      changePeering(tx, peering, { status });
    });
  const accept = () => {
    peer.call('AcceptVpcPeeringConnection', input);
    complete();
  };
  return { region, peer, VpcId, PeerVpcId, request, reply, id, input, complete, accept };
}

test('S109 a request is initiated, then waits; accepted it is provisioned, then active', () => {
  const { region, VpcId, PeerVpcId, reply, id, input, complete } = newRequest();
  expect(reply).toMatchObject({
    Status: { Code: 'initiating-request', Message: `Initiating Request to ${ACCOUNT}` },
    ExpirationTime: new Date('2026-01-09T03:04:05.000Z'),
  });
  expect(show(region, id)).toMatchObject({
    Status: { Code: 'pending-acceptance', Message: `Pending Acceptance by ${ACCOUNT}` },
    RequesterVpcInfo: { VpcId, CidrBlock: '10.0.0.0/16', OwnerId: ACCOUNT, Region: 'us-east-1' },
  });
  expect(region.call('AcceptVpcPeeringConnection', input).VpcPeeringConnection?.Status?.Code).toBe(
    'provisioning',
  );
  complete();
  expect(show(region, id)).toMatchObject({
    Status: { Code: 'active', Message: 'Active' },
    AccepterVpcInfo: {
      VpcId: PeerVpcId,
      CidrBlockSet: [{ CidrBlock: '10.1.0.0/16' }],
      PeeringOptions: { AllowDnsResolutionFromRemoteVpc: false },
    },
  });
  expect(show(region, id).ExpirationTime).toBeUndefined();
});

test.each([
  ['overlapping blocks', {}, '10.0.128.0/17'],
  ['overlapping blocks of two regions', { region: 'eu-west-1' }, '10.0.0.0/24'],
])('S108 %s fail', (_, there, block) => {
  const { region, id, input } = newRequest(there, block);
  expect(show(region, id).Status).toEqual({
    Code: 'failed',
    Message: 'Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range',
  });
  expect(refusalOf(() => region.call('DeleteVpcPeeringConnection', input))).toBe(
    `InvalidStateTransition: Invalid state transition for ${id}, attempted to transition from failed to deleting`,
  );
});

test.each([
  ['a VPC that is not there', { PeerVpcId: 'vpc-0abc' }],
  ['an account that is not there', { PeerOwnerId: '999999999999' }],
  ['a region that nobody used', { PeerRegion: 'eu-west-3' }],
])('S109 a request to %s fails', (_, rest) => {
  const { region, VpcId, request } = newRequest();
  const reply = region.call('CreateVpcPeeringConnection', { ...request, ...rest, VpcId });
  expect(show(region, given(reply.VpcPeeringConnection?.VpcPeeringConnectionId)).Status?.Code).toBe('failed');
});

test('S108 there is one connection a pair; a repeated request is the first one', () => {
  const { region, VpcId, PeerVpcId, request, id, input, accept } = newRequest();
  expect(
    region.call('CreateVpcPeeringConnection', request).VpcPeeringConnection?.VpcPeeringConnectionId,
  ).toBe(id);
  const back = region.call('CreateVpcPeeringConnection', { VpcId: PeerVpcId, PeerVpcId: VpcId });
  const VpcPeeringConnectionId = given(back.VpcPeeringConnection?.VpcPeeringConnectionId);
  accept();
  const refusal =
    'VpcPeeringConnectionAlreadyExists: A VPC peering connection between the VPCs already exists.';
  expect(refusalOf(() => region.call('CreateVpcPeeringConnection', request))).toBe(refusal);
  expect(refusalOf(() => region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId }))).toBe(
    refusal,
  );
  expect(refusalOf(() => region.call('AcceptVpcPeeringConnection', input))).toBe(
    `InvalidStateTransition: Invalid state transition for ${id}, attempted to transition from active to provisioning`,
  );
});

test.each([
  ['region', { region: 'eu-west-1' }],
  ['account', { account: OTHER_ACCOUNT }],
])('S109 S113 both sides of another %s see the connection, each with its own tags', (_, there) => {
  const { region, peer, id, accept } = newRequest(there);
  region.call('CreateTags', { Resources: [id], Tags: [{ Key: 'side', Value: 'requester' }] });
  peer.call('CreateTags', { Resources: [id], Tags: [{ Key: 'side', Value: 'accepter' }] });
  accept();
  for (const [each, side] of [
    [region, 'requester'],
    [peer, 'accepter'],
  ] as const) {
    expect(show(each, id)).toMatchObject({
      Status: { Code: 'active' },
      RequesterVpcInfo: { CidrBlock: '10.0.0.0/16' },
      AccepterVpcInfo: { CidrBlock: '10.1.0.0/16', OwnerId: peer.scope.account, Region: peer.scope.region },
      Tags: [{ Key: 'side', Value: side }],
    });
  }
});

test('only the accepter answers, in its own region', () => {
  const far = newRequest({ region: 'eu-west-1' });
  expect(refusalOf(() => far.region.call('AcceptVpcPeeringConnection', far.input))).toBe(
    `OperationNotPermitted: Incorrect region (us-east-1) specified for this request. VPC peering connection ${far.id} must be accepted in region eu-west-1`,
  );
  const foreign = newRequest({ account: OTHER_ACCOUNT });
  expect(refusalOf(() => foreign.region.call('AcceptVpcPeeringConnection', foreign.input))).toBe(
    `OperationNotPermitted: User (${ACCOUNT}) cannot accept peering ${foreign.id}`,
  );
  expect(refusalOf(() => foreign.region.call('RejectVpcPeeringConnection', foreign.input))).toBe(
    `OperationNotPermitted: User (${ACCOUNT}) cannot reject peering ${foreign.id}`,
  );
  expect(refusalOf(() => foreign.peer.call('DeleteVpcPeeringConnection', foreign.input))).toBe(
    `OperationNotPermitted: User (${OTHER_ACCOUNT}) cannot delete peering ${foreign.id}`,
  );
  foreign.peer.call('RejectVpcPeeringConnection', foreign.input);
  expect(show(foreign.region, foreign.id).Status).toEqual({
    Code: 'rejected',
    Message: `Rejected by ${OTHER_ACCOUNT}`,
  });
});

test('an active connection is deleted by either side, once its link is gone', () => {
  const { region, peer, id, input, accept, complete } = newRequest({ account: OTHER_ACCOUNT });
  accept();
  peer.call('DeleteVpcPeeringConnection', input);
  expect(show(region, id).Status).toEqual({ Code: 'deleting', Message: `Deleted by ${OTHER_ACCOUNT}` });
  complete();
  expect(show(region, id).Status).toEqual({ Code: 'deleted', Message: `Deleted by ${OTHER_ACCOUNT}` });
  expect(region.world.vpcPeeringConnections.get(id)?.visibleUntil).toBe('2026-01-04T03:04:05.000Z');
  expect(peer.world.vpcPeeringConnections.get(id)?.visibleUntil).toBe('2026-01-02T05:04:05.000Z');
});

test('S110 a route leads to a connection, and is a blackhole unless that is active', () => {
  const { region, VpcId, id, input, accept, complete } = newRequest();
  const RouteTableId = given(region.world.routeTables.where('vpcId', VpcId)[0]).routeTableId;
  const DestinationCidrBlock = '10.1.0.0/16';
  region.call('CreateRoute', { RouteTableId, DestinationCidrBlock, VpcPeeringConnectionId: id });
  const routeOf = () =>
    region
      .call('DescribeRouteTables', {
        Filters: [{ Name: 'route.vpc-peering-connection-id', Values: [id] }],
      })
      .RouteTables?.[0]?.Routes?.find((route) => route.VpcPeeringConnectionId === id);
  expect(routeOf()).toMatchObject({ DestinationCidrBlock, State: 'blackhole', Origin: 'CreateRoute' });
  accept();
  expect(routeOf()).toMatchObject({ State: 'active' });
  region.call('DeleteVpcPeeringConnection', input);
  complete();
  expect(routeOf()).toMatchObject({ State: 'blackhole' });
});

test('a route to a connection of other VPCs is refused', () => {
  const { region, id } = newRequest();
  const VpcId = createVpc(region, '10.2.0.0/16');
  const RouteTableId = given(region.world.routeTables.where('vpcId', VpcId)[0]).routeTableId;
  const input = { RouteTableId, DestinationCidrBlock: '10.1.0.0/16', VpcPeeringConnectionId: id };
  expect(refusalOf(() => region.call('CreateRoute', input))).toBe(
    `InvalidParameterValue: route table ${RouteTableId} and network gateway ${id} belong to different networks`,
  );
});

test('S119 a VPC with a connection is not deleted, and S13 neither takes the addresses of its peer', () => {
  const { region, VpcId, input, accept, complete } = newRequest();
  const associate = (CidrBlock: string) => region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock });
  expect(refusalOf(() => associate('10.9.0.0/16'))).toContain('is pending acceptance.');
  accept();
  expect(refusalOf(() => associate('10.1.2.0/24'))).toContain(
    "The CIDR '10.1.2.0/24' conflicts with a CIDR of the peered vpc",
  );
  associate('10.9.0.0/16');
  expect(refusalOf(() => region.call('DeleteVpc', { VpcId }))).toContain('DependencyViolation');
  region.call('DeleteVpcPeeringConnection', input);
  complete();
  region.call('DeleteVpc', { VpcId });
});

test('S114 DNS options need an active connection and names in the VPC', () => {
  const { region, VpcId, id, input, accept } = newRequest();
  const RequesterPeeringConnectionOptions = { AllowDnsResolutionFromRemoteVpc: true };
  const modify = () =>
    region.call('ModifyVpcPeeringConnectionOptions', { ...input, RequesterPeeringConnectionOptions });
  expect(refusalOf(modify)).toBe(
    `OperationNotPermitted: Peering ${id} is not active. Peering options can be added only to active peerings.`,
  );
  accept();
  expect(refusalOf(modify)).toContain('InvalidVpcPeeringConnectionState.DnsHostnamesDisabled');
  region.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  expect(modify().RequesterPeeringConnectionOptions?.AllowDnsResolutionFromRemoteVpc).toBe(true);
  expect(show(region, id).RequesterVpcInfo?.PeeringOptions?.AllowDnsResolutionFromRemoteVpc).toBe(true);
});

test.each([
  ['accepter-vpc-info.cidr-block', '10.1.0.0/16', 1],
  ['accepter-vpc-info.owner-id', ACCOUNT, 1],
  ['accepter-vpc-info.owner-id', OTHER_ACCOUNT, 0],
  ['requester-vpc-info.cidr-block', '10.0.*', 1],
  ['requester-vpc-info.owner-id', ACCOUNT, 1],
  ['status-code', 'active', 1],
  ['status-code', 'deleted', 0],
  ['status-message', 'Act*', 1],
  ['expiration-time', '2026-01-09*', 1],
  ['tag-key', 'none', 0],
])('filter %s=%s finds %i', (Name, value, count) => {
  const { region, accept } = newRequest();
  accept();
  const reply = region.call('DescribeVpcPeeringConnections', { Filters: [{ Name, Values: [value] }] });
  expect(reply.VpcPeeringConnections).toHaveLength(count);
});

test('S78 S91 groups of peered VPCs are referenced, and stale when the connection or the group is gone', () => {
  const { region, VpcId, PeerVpcId, input, id, accept, complete } = newRequest();
  const makeGroup = (vpcId: string) =>
    given(region.call('CreateSecurityGroup', { VpcId: vpcId, GroupName: 'g', Description: 'g' }).GroupId);
  const GroupId = makeGroup(VpcId);
  const peerGroupId = makeGroup(PeerVpcId);
  const authorize = () =>
    region.call('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: peerGroupId, UserId: ACCOUNT }] }],
    });
  expect(refusalOf(authorize)).toContain('belong to different networks');
  accept();
  authorize();
  expect(
    region.call('DescribeSecurityGroupReferences', { GroupId: [peerGroupId] }).SecurityGroupReferenceSet,
  ).toEqual([{ GroupId: peerGroupId, ReferencingVpcId: VpcId, VpcPeeringConnectionId: id }]);
  const [rule] = region.world.securityGroupRules
    .where('groupId', GroupId)
    .filter(({ isEgress }) => !isEgress);
  const shown = region.call('DescribeSecurityGroupRules', {
    SecurityGroupRuleIds: [given(rule).securityGroupRuleId],
  });
  const reference = { GroupId: peerGroupId, VpcId: PeerVpcId, VpcPeeringConnectionId: id };
  expect(shown.SecurityGroupRules?.[0]?.ReferencedGroupInfo).toMatchObject(reference);
  const [group] = region.call('DescribeSecurityGroups', { GroupIds: [GroupId] }).SecurityGroups ?? [];
  expect(group?.IpPermissions).toMatchObject([
    { UserIdGroupPairs: [{ ...reference, PeeringStatus: 'active' }] },
  ]);
  const stale = () => region.call('DescribeStaleSecurityGroups', { VpcId }).StaleSecurityGroupSet;
  expect(stale()).toEqual([]);
  region.call('DeleteVpcPeeringConnection', input);
  complete();
  expect(stale()).toMatchObject([
    {
      GroupId,
      StaleIpPermissions: [{ UserIdGroupPairs: [{ GroupId: peerGroupId, PeeringStatus: 'deleted' }] }],
    },
  ]);
  region.call('DeleteSecurityGroup', { GroupId: peerGroupId });
  expect(stale()).toHaveLength(1);
});

const ERRORS: readonly (readonly [string, (made: ReturnType<typeof newRequest>) => unknown, string])[] = [
  [
    'no peer',
    ({ region, VpcId }) => region.call('CreateVpcPeeringConnection', { VpcId }),
    'MissingParameter: The request must contain the parameter peerVpcId',
  ],
  [
    'no such region',
    ({ region, request }) => region.call('CreateVpcPeeringConnection', { ...request, PeerRegion: 'mars-1' }),
    'InvalidParameterValue: Value (mars-1) for parameter peerRegion is invalid. There is no such region.',
  ],
  [
    'an unknown connection',
    ({ region }) => region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: 'pcx-0abc' }),
    "InvalidVpcPeeringConnectionID.NotFound: The vpcPeeringConnection ID 'pcx-0abc' does not exist",
  ],
  [
    'no id',
    ({ region }) => region.call('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: 'x' }),
    'InvalidVpcPeeringConnectionId.Malformed: Invalid id: "x" (expecting "pcx-...")',
  ],
];

test.each(ERRORS)('%s is refused', (_, act, refusal) => {
  expect(refusalOf(() => act(newRequest()))).toBe(refusal);
});
