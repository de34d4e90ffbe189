import type { Listener, LoadBalancer, TargetGroup } from '../../model/load-balancer-records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { AwsError } from '../errors.ts';
import type { Output } from '../query-service/envelope.ts';
import { invalid } from '../query-service/errors.ts';
import type { Input } from '../query-service/input.ts';
import { changeAttributes, LISTENER_ATTRIBUTES, showAttributes, standardAttributes } from './attributes.ts';
import { invalidConfiguration, noSuchListener } from './errors.ts';
import { findLoadBalancer } from './load-balancers.ts';
import { pageOf } from './pages.ts';
import { readRequestTags } from './tags.ts';
import { balancersOf, findTargetGroup } from './target-groups.ts';

/** Listeners: the ports of load balancers. */
export const listenerOperations = {
  CreateListener(context: ActionContext, input: Input) {
    const { tx } = context;
    const balancer = findLoadBalancer(tx, input.demand('LoadBalancerArn'));
    input.demand('Protocol');
    const protocol = input.choice('Protocol', 'TCP', 'UDP', 'TCP_UDP');
    const port = input.count('Port', 1, 65_535);
    if (port === undefined) throw invalid('A listener port must be specified');
    const targetGroupArn = readForward(input);
    if (targetGroupArn === undefined) throw invalid('A listener must have a default action');
    const { loadBalancerArn, vpcId } = balancer;
    const listener: Listener = {
      listenerArn: `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/${context.newId('x').slice(-16)}`,
      loadBalancerArn,
      vpcId,
      protocol,
      port,
      targetGroupArn,
      attributes: standardAttributes(LISTENER_ATTRIBUTES),
      tags: readRequestTags(input),
    };
    checkListener(tx, balancer, listener);
    tx.listeners.put(listener);
    return { Listeners: [show(listener)] };
  },

  DescribeListeners({ tx }: ActionContext, input: Input) {
    const arn = input.text('LoadBalancerArn');
    const arns = input.texts('ListenerArns');
    if (arn === undefined && arns.length === 0) {
      throw invalid('You must specify either listener ARNs or a load balancer ARN');
    }
    const found =
      arn === undefined
        ? arns.map((each) => findListener(tx, each))
        : tx.listeners.where('loadBalancerArn', findLoadBalancer(tx, arn).loadBalancerArn);
    const { records, ...rest } = pageOf(found, input);
    return { Listeners: records.map(show), ...rest };
  },

  ModifyListener({ tx }: ActionContext, input: Input) {
    const listener = findListener(tx, input.demand('ListenerArn'));
    const changed: Listener = {
      ...listener,
      port: input.count('Port', 1, 65_535) ?? listener.port,
      protocol:
        input.text('Protocol') === undefined
          ? listener.protocol
          : input.choice('Protocol', 'TCP', 'UDP', 'TCP_UDP'),
      targetGroupArn: readForward(input) ?? listener.targetGroupArn,
    };
    checkListener(tx, findLoadBalancer(tx, listener.loadBalancerArn), changed);
    tx.listeners.put(changed);
    return { Listeners: [show(changed)] };
  },

  DeleteListener({ tx }: ActionContext, input: Input) {
    tx.listeners.delete(findListener(tx, input.demand('ListenerArn')).listenerArn);
    return {};
  },

  DescribeListenerAttributes({ tx }: ActionContext, input: Input) {
    return showAttributes(findListener(tx, input.demand('ListenerArn')).attributes);
  },

  ModifyListenerAttributes({ tx }: ActionContext, input: Input) {
    const listener = findListener(tx, input.demand('ListenerArn'));
    const attributes = changeAttributes(LISTENER_ATTRIBUTES, listener.attributes, input);
    tx.listeners.put({ ...listener, attributes });
    return showAttributes(attributes);
  },
};

function findListener(world: World, arn: string): Listener {
  const found = world.listeners.get(arn);
  if (found === undefined) throw noSuchListener();
  return found;
}

/** The target group that the default action forwards to: said in either of two ways, or in both alike. */
function readForward(input: Input): string | undefined {
  const [action, ...others] = input.list('DefaultActions');
  if (action === undefined) return undefined;
  if (others.length > 0) throw invalid('A listener of a Network Load Balancer has one default action');
  action.choice('Type', 'forward');
  action.text('Order');
  const groups = action.structure('ForwardConfig')?.list('TargetGroups') ?? [];
  for (const group of groups) group.text('Weight');
  const arns = [action.text('TargetGroupArn'), ...groups.map((group) => group.text('TargetGroupArn'))];
  const [arn, second] = [...new Set(arns.filter((each) => each !== undefined))];
  if (arn === undefined || second !== undefined) {
    throw invalid('The default action of a listener must name one target group');
  }
  return arn;
}

/** One listener a port, and a target group of the same protocol and VPC, which no other load balancer has. */
function checkListener(world: World, balancer: LoadBalancer, listener: Listener): void {
  const { loadBalancerArn, vpcId } = balancer;
  const rival = world.listeners
    .where('loadBalancerArn', loadBalancerArn)
    .find(({ port, listenerArn }) => port === listener.port && listenerArn !== listener.listenerArn);
  if (rival !== undefined) {
    throw new AwsError(
      'DuplicateListener',
      `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
    );
  }
  const group: TargetGroup = findTargetGroup(world, listener.targetGroupArn);
  if (group.protocol !== listener.protocol) {
    throw invalidConfiguration(
      `Listener protocol '${listener.protocol}' is not supported with a target group with the protocol '${group.protocol}'`,
    );
  }
  if (group.vpcId !== vpcId) {
    throw invalidConfiguration(
      `The target group '${group.targetGroupArn}' is not in the load balancer's VPC '${vpcId}'`,
    );
  }
  if (balancersOf(world, group).some((arn) => arn !== loadBalancerArn)) {
    throw new AwsError(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${group.targetGroupArn}`,
    );
  }
}

function show(listener: Listener): Output {
  const TargetGroupArn = listener.targetGroupArn;
  return {
    ListenerArn: listener.listenerArn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: [
      {
        Type: 'forward',
        TargetGroupArn,
        Order: 1,
        ForwardConfig: { TargetGroups: [{ TargetGroupArn }] },
      },
    ],
  };
}
