import { makeInterface } from '../../src/ec2/interfaces.ts';
import { createLoadBalancing } from '../../src/ec2/load-balancing/service.ts';
import type { LoadBalancer } from '../../src/model/load-balancer-records.ts';
import { given, type TestRegion } from './ec2.ts';

/** The load balancer that `placeLoadBalancer` makes, unless told otherwise. */
export const BALANCER =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/lb/0123456789abcdef';

/** Puts a Network Load Balancer into a VPC of its own, with a node in two zones. */
export function placeLoadBalancer(
  region: TestRegion,
  loadBalancerArn = BALANCER,
  state: LoadBalancer['state'] = 'active',
): void {
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.99.0.0/16' }).Vpc?.VpcId);
  for (const [CidrBlock, AvailabilityZone] of [
    ['10.99.0.0/24', `${region.scope.region}a`],
    ['10.99.1.0/24', `${region.scope.region}b`],
  ]) {
    region.call('CreateSubnet', { VpcId, CidrBlock, AvailabilityZone });
  }
  region.write((context) => {
    const { tx } = context;
    const nodes = tx.subnets.where('vpcId', VpcId).map((subnet) =>
      makeInterface(context, {
        subnet,
        description: `ELB ${loadBalancerArn.split(':loadbalancer/')[1]}`,
        interfaceType: 'network_load_balancer',
        groupIds: [],
      }),
    );
    tx.loadBalancers.put({
      loadBalancerArn,
      loadBalancerName: 'lb',
      dnsName: 'lb.elb.us-east-1.amazonaws.com',
      scheme: 'internal',
      vpcId: VpcId,
      state,
      createdTime: context.now.toISOString(),
      networkInterfaceIds: nodes.map(({ networkInterfaceId }) => networkInterfaceId),
      attributes: {},
      tags: [],
    });
  });
}

/** Asks Elastic Load Balancing as the region's owner; the reply is XML. What it writes is written when this returns. */
export async function askLoadBalancing(
  region: TestRegion,
  Action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const service = createLoadBalancing({
    commit: async (_request, act) => region.write(act),
    rehearse: () => {
      throw new Error('Elastic Load Balancing has no DryRun');
    },
  });
  const { account } = region.scope;
  const form = new URLSearchParams({ Action, Version: '2015-12-01', ...parameters });
  const reply = await service.handle({
    method: 'POST',
    path: '/',
    query: '',
    header: () => undefined,
    body: new TextEncoder().encode(form.toString()),
    caller: { account, accessKeyId: 'AKIATEST', arn: `arn:aws:iam::${account}:root`, userId: account },
    region: region.scope.region,
    requestId: 'request',
    now: new Date('2026-01-02T03:04:05.000Z'),
  });
  return String(reply.body);
}
