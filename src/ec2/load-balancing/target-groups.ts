import type { HealthCheck, TargetGroup } from '../../model/load-balancer-records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { AwsError } from '../errors.ts';
import type { Output } from '../query-service/envelope.ts';
import { invalid } from '../query-service/errors.ts';
import type { Input } from '../query-service/input.ts';
import {
  changeAttributes,
  showAttributes,
  standardAttributes,
  TARGET_GROUP_ATTRIBUTES,
} from './attributes.ts';
import { inUse, noSuchTargetGroup } from './errors.ts';
import { checkName, pageOf } from './pages.ts';
import { readRequestTags } from './tags.ts';

/** What a health check is when nothing is said of it. */
const STANDARD_CHECK: HealthCheck = {
  isEnabled: true,
  protocol: 'TCP',
  port: 'traffic-port',
  intervalSeconds: 30,
  timeoutSeconds: 10,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
};

/** Target groups: who gets what a listener takes. */
export const targetGroupOperations = {
  CreateTargetGroup(context: ActionContext, input: Input) {
    const { tx, region, account } = context;
    const name = checkName(input.demand('Name'));
    const vpcId = input.demand('VpcId');
    if (tx.vpcs.get(vpcId) === undefined) throw invalid(`The VPC ID '${vpcId}' is not found`);
    if (tx.targetGroups.where('targetGroupName', name).length > 0) {
      throw new AwsError('DuplicateTargetGroupName', `A target group with the name '${name}' exists already`);
    }
    input.demand('Protocol');
    input.choice('IpAddressType', 'ipv4');
    const digits = context.newId('x').slice(-16);
    const group: TargetGroup = {
      targetGroupArn: `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/${digits}`,
      targetGroupName: name,
      protocol: input.choice('Protocol', 'TCP', 'UDP', 'TCP_UDP'),
      port: input.count('Port', 1, 65_535) ?? demandPort(),
      vpcId,
      targetType: input.choice('TargetType', 'instance', 'ip'),
      healthCheck: readHealthCheck(STANDARD_CHECK, input),
      attributes: standardAttributes(TARGET_GROUP_ATTRIBUTES),
      targets: [],
      tags: readRequestTags(input),
    };
    tx.targetGroups.put(group);
    return { TargetGroups: [show(tx, group)] };
  },

  DescribeTargetGroups({ tx }: ActionContext, input: Input) {
    const arns = input.texts('TargetGroupArns');
    const names = input.texts('Names');
    const balancer = input.text('LoadBalancerArn');
    for (const arn of arns) findTargetGroup(tx, arn);
    for (const name of names) {
      if (tx.targetGroups.where('targetGroupName', name).length === 0) throw noSuchTargetGroup();
    }
    const found = [...tx.targetGroups.values()].filter(
      (group) =>
        (arns.length === 0 || arns.includes(group.targetGroupArn)) &&
        (names.length === 0 || names.includes(group.targetGroupName)) &&
        (balancer === undefined || balancersOf(tx, group).includes(balancer)),
    );
    const { records, ...rest } = pageOf(found, input);
    return { TargetGroups: records.map((each) => show(tx, each)), ...rest };
  },

  ModifyTargetGroup({ tx }: ActionContext, input: Input) {
    const group = findTargetGroup(tx, input.demand('TargetGroupArn'));
    const changed = { ...group, healthCheck: readHealthCheck(group.healthCheck, input) };
    tx.targetGroups.put(changed);
    return { TargetGroups: [show(tx, changed)] };
  },

  /** One that is not there is deleted already. */
  DeleteTargetGroup({ tx }: ActionContext, input: Input) {
    const arn = input.demand('TargetGroupArn');
    if (tx.listeners.where('targetGroupArn', arn).length > 0) {
      throw inUse(`Target group '${arn}' is currently in use by a listener or a rule`);
    }
    tx.targetGroups.delete(arn);
    return {};
  },

  DescribeTargetGroupAttributes({ tx }: ActionContext, input: Input) {
    return showAttributes(findTargetGroup(tx, input.demand('TargetGroupArn')).attributes);
  },

  ModifyTargetGroupAttributes({ tx }: ActionContext, input: Input) {
    const group = findTargetGroup(tx, input.demand('TargetGroupArn'));
    const attributes = changeAttributes(TARGET_GROUP_ATTRIBUTES, group.attributes, input);
    tx.targetGroups.put({ ...group, attributes });
    return showAttributes(attributes);
  },
};

/** Throws TargetGroupNotFound. */
export function findTargetGroup(world: World, arn: string): TargetGroup {
  const found = world.targetGroups.get(arn);
  if (found === undefined) throw noSuchTargetGroup();
  return found;
}

/** The ARNs of the load balancers that send packets to a target group. */
export function balancersOf(world: World, { targetGroupArn }: TargetGroup): readonly string[] {
  const listeners = world.listeners.where('targetGroupArn', targetGroupArn);
  return [...new Set(listeners.map(({ loadBalancerArn }) => loadBalancerArn))];
}

function demandPort(): never {
  throw invalid('A port must be specified');
}

/** The present health check with what the request says of it. */
function readHealthCheck(present: HealthCheck, input: Input): HealthCheck {
  const path = input.text('HealthCheckPath') ?? present.path;
  const codes = input.structure('Matcher')?.text('HttpCode') ?? present.successCodes;
  const protocol = input.text('HealthCheckProtocol');
  const port = input.text('HealthCheckPort') ?? present.port;
  if (port !== 'traffic-port' && !/^\d{1,5}$/.test(port)) {
    throw invalid(`Health check port '${port}' must be a port or traffic-port`);
  }
  return {
    isEnabled: input.flag('HealthCheckEnabled') ?? present.isEnabled,
    protocol:
      protocol === undefined ? present.protocol : input.choice('HealthCheckProtocol', 'TCP', 'HTTP', 'HTTPS'),
    port,
    ...(path === undefined ? {} : { path }),
    ...(codes === undefined ? {} : { successCodes: codes }),
    intervalSeconds: input.count('HealthCheckIntervalSeconds', 5, 300) ?? present.intervalSeconds,
    timeoutSeconds: input.count('HealthCheckTimeoutSeconds', 2, 120) ?? present.timeoutSeconds,
    healthyThreshold: input.count('HealthyThresholdCount', 2, 10) ?? present.healthyThreshold,
    unhealthyThreshold: input.count('UnhealthyThresholdCount', 2, 10) ?? present.unhealthyThreshold,
  };
}

function show(world: World, group: TargetGroup): Output {
  const { healthCheck: check } = group;
  return {
    TargetGroupArn: group.targetGroupArn,
    TargetGroupName: group.targetGroupName,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.isEnabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: check.successCodes === undefined ? undefined : { HttpCode: check.successCodes },
    LoadBalancerArns: balancersOf(world, group),
    TargetType: group.targetType,
    IpAddressType: 'ipv4',
  };
}
