import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ControlledRegion } from '../../test/support/controlled-region.ts';
import { type ActionName, given, type TestRegion } from '../../test/support/ec2.ts';
import { askLoadBalancing } from '../../test/support/load-balancers.ts';
import type { TableName } from '../model/world.ts';

/** What a step works on, and how it does: numbers choose among what is there. */
interface Hand {
  readonly it: ControlledRegion;
  id(table: TableName, which: number): string;
  call(...action: Parameters<TestRegion['call']>): void;
  elb(action: string, parameters: Readonly<Record<string, string>>): void;
}

type Act = (hand: Hand, pick: readonly [number, number]) => void;

const ACTS: Readonly<Record<string, Act>> = {
  balancer: ({ id, elb }, [a, b]) =>
    elb('CreateLoadBalancer', {
      Name: `b${b}`,
      Type: 'network',
      Scheme: 'internal',
      'Subnets.member.1': id('subnets', a),
    }),
  'drop balancer': ({ id, elb }, [a]) =>
    elb('DeleteLoadBalancer', { LoadBalancerArn: id('loadBalancers', a) }),
  group: ({ id, elb }, [a, b]) =>
    elb('CreateTargetGroup', { Name: `g${b}`, Protocol: 'TCP', Port: '80', VpcId: id('vpcs', a) }),
  register: ({ id, elb }, [a, b]) =>
    elb('RegisterTargets', {
      TargetGroupArn: id('targetGroups', a),
      'Targets.member.1.Id': id('instances', b),
    }),
  deregister: ({ id, elb }, [a, b]) =>
    elb('DeregisterTargets', {
      TargetGroupArn: id('targetGroups', a),
      'Targets.member.1.Id': id('instances', b),
    }),
  listen: ({ id, elb }, [a, b]) =>
    elb('CreateListener', {
      LoadBalancerArn: id('loadBalancers', a),
      Protocol: 'TCP',
      Port: String(80 + b),
      'DefaultActions.member.1.Type': 'forward',
      'DefaultActions.member.1.TargetGroupArn': id('targetGroups', b),
    }),
  'drop listener': ({ id, elb }, [a]) => elb('DeleteListener', { ListenerArn: id('listeners', a) }),
  stop: ({ id, call }, [a]) => call('StopInstances', { InstanceIds: [id('instances', a)] }),
  start: ({ id, call }, [a]) => call('StartInstances', { InstanceIds: [id('instances', a)] }),
  service: ({ id, call }, [a]) =>
    call('CreateVpcEndpointServiceConfiguration', { NetworkLoadBalancerArns: [id('loadBalancers', a)] }),
  'change service': ({ id, call }, [a, b]) =>
    call('ModifyVpcEndpointServiceConfiguration', {
      ServiceId: id('vpcEndpointServices', a),
      AddNetworkLoadBalancerArns: [id('loadBalancers', b)],
      RemoveNetworkLoadBalancerArns: [id('loadBalancers', b + 1)],
    }),
  'drop service': ({ id, call }, [a]) =>
    call('DeleteVpcEndpointServiceConfigurations', { ServiceIds: [id('vpcEndpointServices', a)] }),
  endpoint: ({ it, id, call }, [a, b]) => {
    const subnet = it.region.world.subnets.get(id('subnets', a));
    call('CreateVpcEndpoint', {
      VpcId: subnet?.vpcId,
      VpcEndpointType: 'Interface',
      ServiceName: it.region.world.vpcEndpointServices.get(id('vpcEndpointServices', b))?.serviceName,
      SubnetIds: [subnet?.subnetId ?? ''],
    });
  },
  accept: ({ id, call }, [a, b]) => call('AcceptVpcEndpointConnections', connection(id, a, b)),
  reject: ({ id, call }, [a, b]) => call('RejectVpcEndpointConnections', connection(id, a, b)),
  'drop endpoint': ({ id, call }, [a]) =>
    call('DeleteVpcEndpoints', { VpcEndpointIds: [id('vpcEndpoints', a)] }),
};

function connection(id: Hand['id'], a: number, b: number) {
  return { ServiceId: id('vpcEndpointServices', a), VpcEndpointIds: [id('vpcEndpoints', b)] };
}

/** Two VPCs of one block, one with a load balancer, a target and a service, the other with an endpoint to it. */
async function newHand(): Promise<Hand> {
  const it = await ControlledRegion.start();
  const [provider, consumer] = ['10.0.0.0/24', '10.0.0.0/24'].map((block) => it.network(block));
  for (const { vpcId, subnetId } of [given(provider), given(consumer)]) {
    it.launch(subnetId);
    expect(it.region.world.vpcs.get(vpcId)).toBeDefined();
  }
  const hand: Hand = {
    it,
    id: (table, which) => {
      const ids = [...it.region.world[table].values()].map((record: object) =>
        String(Object.values(record)[0]),
      );
      return ids[which % Math.max(ids.length, 1)] ?? `${table}-none`;
    },
    call: (name: ActionName, input: never) => void it.region.call(name, input),
    elb: (action, parameters) => void askLoadBalancing(it.region, action, parameters),
  };
  for (const act of ['balancer', 'group', 'register', 'listen', 'service']) ACTS[act]?.(hand, [0, 0]);
  ACTS['endpoint']?.(hand, [1, 0]);
  ACTS['accept']?.(hand, [0, 0]);
  await it.control.idle();
  return hand;
}

/** How many histories; `CROFT_CASES` asks for more. */
const CASES = Number(process.env['CROFT_CASES'] ?? 200);

test('an accepted endpoint is available with its load balancer, and both are linked', async () => {
  const { it, id } = await newHand();
  const { world } = it.region;
  const endpoint = given(world.vpcEndpoints.get(id('vpcEndpoints', 0)));
  const balancer = given(world.loadBalancers.get(id('loadBalancers', 0)));
  expect([endpoint.state, balancer.state]).toEqual(['available', 'active']);
  const [own = ''] = endpoint.networkInterfaceIds;
  const [node = ''] = balancer.networkInterfaceIds;
  expect(it.driver.machines.get(own)?.links.at(-1)?.peer?.machine).toBe(node);
  expect(it.driver.machines.get(node)?.links.at(-1)?.peer?.machine).toBe(own);
  it.control.close();
});

test('whatever is done to services, the fabric holds what the world says (invariant 4)', async () => {
  const anyStep = fc.record({
    act: fc.constantFrom(...Object.keys(ACTS)),
    pick: fc.tuple(fc.nat(3), fc.nat(3)),
    isAwaited: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 40 }), async (steps) => {
      const hand = await newHand();
      try {
        for (const { act, pick, isAwaited } of steps) {
          try {
            ACTS[act]?.(hand, pick);
          } catch (error) {
            if (!(error instanceof Error && 'code' in error)) throw error;
          }
          if (isAwaited) await hand.it.control.idle();
        }
        await hand.it.control.idle();
        expect(hand.it.failures).toEqual([]);
        expect(hand.it.held()).toEqual(hand.it.planned());
      } finally {
        hand.it.control.close();
      }
    }),
    { numRuns: CASES },
  );
}, 300_000);

test('an endpoint that goes and comes back while its load balancer changes is linked again', async () => {
  const anyStep = fc.record({
    act: fc.constantFrom('accept', 'reject', 'listen', 'drop listener'),
    // Turns of the loops: one VPC may have followed already, and the other not.
    turns: fc.nat(40),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 20 }), async (steps) => {
      const hand = await newHand();
      for (const { act, turns } of [...steps, { act: 'accept', turns: 0 }]) {
        try {
          ACTS[act]?.(hand, [0, 0]);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error)) throw error;
        }
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      }
      await hand.it.control.idle();
      expect(hand.it.held()).toEqual(hand.it.planned());
      hand.it.control.close();
    }),
    { numRuns: CASES },
  );
}, 300_000);
