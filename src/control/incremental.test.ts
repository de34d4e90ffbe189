import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ControlledRegion } from '../../test/support/controlled-region.ts';
import { type ActionName, TestRegion } from '../../test/support/ec2.ts';
import type { TableName } from '../model/world.ts';

/** One thing a user does: numbers choose among what is there, so that a shrunk list still means something. */
interface Step {
  readonly act: (typeof ACTS)[number]['name'];
  readonly pick: readonly [number, number, number];
  /** Whether to wait for the fabric afterwards: what is not waited for falls into one run of the loops. */
  readonly isAwaited: boolean;
}

/** What a step may choose from. */
interface Hand {
  readonly it: ControlledRegion;
  /** The id of one of the table's records that are meant; an id that nothing has when there is none. */
  id(table: TableName, which: number, isMeant?: (record: object) => boolean): string;
  call(...action: Parameters<TestRegion['call']>): void;
}

type Act = (hand: Hand, pick: readonly [number, number, number]) => void;

const BLOCKS = ['10.0.0.0/16', '10.1.0.0/16'];
const DESTINATIONS = ['0.0.0.0/0', '10.1.0.0/16', '198.51.100.0/24', '10.0.1.0/24'];
const isRunning = (record: object): boolean => 'state' in record && record.state === 'running';
const isSecond = (record: object): boolean => JSON.stringify(record).includes('"deviceIndex":1,"');
const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };

function attribute(name: string): Act {
  return ({ it, id, call }, [a, b]) => {
    const Value = b % 2 === 0;
    const networkInterfaceId = id('networkInterfaces', a);
    if (name === 'SourceDestCheck')
      call('ModifyNetworkInterfaceAttribute', {
        NetworkInterfaceId: networkInterfaceId,
        SourceDestCheck: { Value },
      });
    else if (name === 'EnableDnsSupport')
      call('ModifyVpcAttribute', { VpcId: id('vpcs', a), EnableDnsSupport: { Value } });
    else {
      const { vpcId } = it.region.world.networkInterfaces.get(networkInterfaceId) ?? {};
      const groups = [...it.region.world.securityGroups.values()].filter((group) => group.vpcId === vpcId);
      const Groups = groups.map(({ groupId }) => groupId).slice(0, 1 + (b % 2));
      call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: networkInterfaceId, Groups });
    }
  };
}

const routeTarget = ({ id }: Hand, a: number, b: number): object =>
  [
    { GatewayId: id('internetGateways', a) },
    { NatGatewayId: id('natGateways', a) },
    { NetworkInterfaceId: id('networkInterfaces', a) },
    { VpcPeeringConnectionId: id('vpcPeeringConnections', a) },
  ][b % 4] ?? {};

const ACTS = [
  {
    name: 'subnet',
    run: ({ it, id, call }, [a, b]) => {
      const VpcId = id('vpcs', a);
      const block = it.region.world.vpcs.get(VpcId)?.cidrBlock ?? BLOCKS[0] ?? '';
      call('CreateSubnet', { VpcId, CidrBlock: block.replace('.0.0/16', `.${b % 3}.0/24`) });
    },
  },
  { name: 'drop subnet', run: ({ id, call }, [a]) => call('DeleteSubnet', { SubnetId: id('subnets', a) }) },
  { name: 'gateway', run: ({ call }) => call('CreateInternetGateway', {}) },
  {
    name: 'attach gateway',
    run: ({ id, call }, [a, b]) =>
      call('AttachInternetGateway', { InternetGatewayId: id('internetGateways', a), VpcId: id('vpcs', b) }),
  },
  {
    name: 'detach gateway',
    run: ({ id, call }, [a, b]) =>
      call('DetachInternetGateway', { InternetGatewayId: id('internetGateways', a), VpcId: id('vpcs', b) }),
  },
  { name: 'launch', run: ({ it, id }, [a]) => void it.launch(id('subnets', a)) },
  { name: 'stop', run: ({ id, call }, [a]) => call('StopInstances', { InstanceIds: [id('instances', a)] }) },
  {
    name: 'start',
    run: ({ id, call }, [a]) => call('StartInstances', { InstanceIds: [id('instances', a)] }),
  },
  {
    name: 'reboot',
    run: ({ id, call }, [a]) => call('RebootInstances', { InstanceIds: [id('instances', a)] }),
  },
  {
    name: 'end',
    run: ({ id, call }, [a]) => call('TerminateInstances', { InstanceIds: [id('instances', a)] }),
  },
  { name: 'dies', run: ({ it, id }, [a]) => it.control.noticeExit(id('instances', a)) },
  {
    name: 'nat',
    run: ({ id, call }, [a]) =>
      call('CreateNatGateway', { SubnetId: id('subnets', a), ConnectivityType: 'private' }),
  },
  {
    name: 'drop nat',
    run: ({ id, call }, [a]) => call('DeleteNatGateway', { NatGatewayId: id('natGateways', a) }),
  },
  { name: 'address', run: ({ call }) => call('AllocateAddress', {}) },
  {
    name: 'associate address',
    run: ({ id, call }, [a, b]) =>
      call('AssociateAddress', {
        AllocationId: id('addresses', a),
        InstanceId: id('instances', b),
        AllowReassociation: true,
      }),
  },
  {
    name: 'release address',
    run: ({ id, call }, [a]) => call('ReleaseAddress', { AllocationId: id('addresses', a) }),
  },
  { name: 'table', run: ({ id, call }, [a]) => call('CreateRouteTable', { VpcId: id('vpcs', a) }) },
  {
    name: 'associate table',
    run: ({ id, call }, [a, b]) =>
      call('AssociateRouteTable', { RouteTableId: id('routeTables', a), SubnetId: id('subnets', b) }),
  },
  {
    name: 'route',
    run: (hand, [a, b, c]) =>
      hand.call('CreateRoute', {
        RouteTableId: hand.id('routeTables', a),
        DestinationCidrBlock: DESTINATIONS[c % 4],
        ...routeTarget(hand, c, b),
      }),
  },
  {
    name: 'drop route',
    run: ({ id, call }, [a, b]) =>
      call('DeleteRoute', { RouteTableId: id('routeTables', a), DestinationCidrBlock: DESTINATIONS[b % 4] }),
  },
  {
    name: 'group',
    run: ({ id, call }, [a, b]) =>
      call('CreateSecurityGroup', { GroupName: `g${b}`, Description: 'g', VpcId: id('vpcs', a) }),
  },
  {
    name: 'allow block',
    run: ({ id, call }, [a, b]) =>
      call('AuthorizeSecurityGroupIngress', {
        GroupId: id('securityGroups', a),
        IpPermissions: [{ ...SSH, ToPort: 22 + (b % 3), IpRanges: [{ CidrIp: DESTINATIONS[b % 4] }] }],
      }),
  },
  {
    name: 'allow group',
    run: ({ id, call }, [a, b]) =>
      call('AuthorizeSecurityGroupIngress', {
        GroupId: id('securityGroups', a),
        IpPermissions: [{ ...SSH, UserIdGroupPairs: [{ GroupId: id('securityGroups', b) }] }],
      }),
  },
  {
    name: 'revoke',
    run: ({ it, id, call }, [a]) => {
      const ruleId = id('securityGroupRules', a);
      const rule = it.region.world.securityGroupRules.get(ruleId);
      const name = rule?.isEgress === true ? 'RevokeSecurityGroupEgress' : 'RevokeSecurityGroupIngress';
      call(name, { GroupId: rule?.groupId, SecurityGroupRuleIds: [ruleId] });
    },
  },
  {
    name: 'acl entry',
    run: ({ id, call }, [a, b, c]) =>
      call('CreateNetworkAclEntry', {
        NetworkAclId: id('networkAcls', a),
        RuleNumber: 1 + b,
        Egress: c % 2 === 0,
        Protocol: '-1',
        RuleAction: c % 3 === 0 ? 'allow' : 'deny',
        CidrBlock: DESTINATIONS[c % 4],
      }),
  },
  {
    name: 'second interface',
    run: ({ id, call }, [a]) => call('CreateNetworkInterface', { SubnetId: id('subnets', a) }),
  },
  {
    name: 'attach interface',
    run: ({ id, call }, [a, b]) =>
      call('AttachNetworkInterface', {
        NetworkInterfaceId: id('networkInterfaces', a, (eni) => !('attachment' in eni)),
        InstanceId: id('instances', b, isRunning),
        DeviceIndex: 1,
      }),
  },
  {
    name: 'detach interface',
    run: ({ it, id, call }, [a]) => {
      const eni = it.region.world.networkInterfaces.get(id('networkInterfaces', a, isSecond));
      call('DetachNetworkInterface', { AttachmentId: eni?.attachment?.attachmentId });
    },
  },
  { name: 'source check', run: attribute('SourceDestCheck') },
  { name: 'dns support', run: attribute('EnableDnsSupport') },
  { name: 'groups', run: attribute('Groups') },
  {
    name: 'peer',
    run: ({ id, call }, [a, b]) =>
      call('CreateVpcPeeringConnection', { VpcId: id('vpcs', a), PeerVpcId: id('vpcs', b) }),
  },
  {
    name: 'accept peer',
    run: ({ id, call }, [a]) =>
      call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: id('vpcPeeringConnections', a) }),
  },
  {
    name: 'drop peer',
    run: ({ id, call }, [a]) =>
      call('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: id('vpcPeeringConnections', a) }),
  },
  {
    name: 'endpoint',
    run: ({ id, call }, [a, b]) =>
      call('CreateVpcEndpoint', {
        VpcId: id('vpcs', a),
        ServiceName: 'com.amazonaws.us-east-1.s3',
        RouteTableIds: [id('routeTables', b)],
      }),
  },
  {
    name: 'drop endpoint',
    run: ({ id, call }, [a]) => call('DeleteVpcEndpoints', { VpcEndpointIds: [id('vpcEndpoints', a)] }),
  },
] as const satisfies readonly { readonly name: string; readonly run: Act }[];

const anyStep: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(...ACTS.map(({ name }) => name)),
  pick: fc.tuple(fc.nat(7), fc.nat(7), fc.nat(7)),
  isAwaited: fc.boolean(),
});

/** Two peered VPCs with an instance each and a spare interface: from nothing, few random steps would lead anywhere. */
async function newHand(): Promise<Hand> {
  const it = await ControlledRegion.start(new TestRegion({ isSeeded: true }));
  const [defaultVpc] = it.region.world.vpcs.values();
  const networks = BLOCKS.map((block) => it.network(block.replace('/16', '/24'), block));
  for (const { subnetId } of networks) {
    it.launch(subnetId);
    it.region.call('CreateNetworkInterface', { SubnetId: subnetId });
  }
  const [VpcId, PeerVpcId] = networks.map(({ vpcId }) => vpcId);
  const asked = it.region.call('CreateVpcPeeringConnection', { VpcId, PeerVpcId }).VpcPeeringConnection;
  it.region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: asked?.VpcPeeringConnectionId });
  const ids = (table: TableName, isMeant: (record: object) => boolean): string[] =>
    [...it.region.world[table].values()]
      .filter((record: object) => !('vpcId' in record && record.vpcId === defaultVpc?.vpcId))
      .filter(isMeant)
      .map(idOf);
  return {
    it,
    id: (table, which, isMeant = () => true) => {
      const known = ids(table, isMeant);
      return known[which % Math.max(known.length, 1)] ?? `${table}-none`;
    },
    call: (name: ActionName, input: never) => void it.region.call(name, input),
  };
}

/** A record's own id is its first field. */
function idOf(record: object): string {
  return String(Object.values(record)[0]);
}

/** Does a step; what AWS would refuse is refused. */
function take(hand: Hand, { act, pick }: Step): boolean {
  const found = ACTS.find(({ name }) => name === act);
  try {
    found?.run(hand, pick);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** How many histories; `CROFT_CASES` asks for more. */
const CASES = Number(process.env['CROFT_CASES'] ?? 40);

test('whatever was done in whatever order, the fabric holds what the world says (invariant 4)', async () => {
  let [taken, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 20, maxLength: 60 }), async (steps) => {
      const hand = await newHand();
      try {
        for (const step of steps) {
          if (take(hand, step)) taken++;
          else refused++;
          if (step.isAwaited) await hand.it.control.idle();
        }
        await hand.it.control.idle();
        expect(hand.it.failures).toEqual([]);
        expect(hand.it.held()).toEqual(hand.it.planned());
        hand.it.driver.log.length = 0;
        await hand.it.control.idle();
        expect(hand.it.driver.log).toEqual([]);
      } finally {
        hand.it.control.close();
      }
    }),
    { numRuns: CASES },
  );
  // A generator whose steps are all refused would prove nothing.
  expect(taken / (taken + refused)).toBeGreaterThan(0.25);
}, 300_000);
