import { AwsError } from '../../ec2/errors.ts';
import { performLoadBalancing } from '../../ec2/load-balancing/service.ts';
import { Input } from '../../ec2/query-service/input.ts';
import type { QueryTree } from '../../ec2/wire/query.ts';
import type { LoadBalancer, TargetGroup } from '../../model/load-balancer-records.ts';
import type { Value, ValueMap } from '../../template/value.ts';
import { pick } from '../action-input.ts';
import { declareProperties, isMap, isSameValue, PropertyReader, textFrom } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { nameWithin } from './remote.ts';
import { unlessGone } from './steps.ts';
import { tagsFor } from './tags.ts';

/** The longest name of a load balancer or a target group. */
const MOST_NAME_CHARACTERS = 32;

/** An operation of Elastic Load Balancing, in this transaction: what it refuses and does not know is as it is by the API. */
function perform(context: ResourceContext, action: string, values: ValueMap) {
  return performLoadBalancing(context.action, action, new Input(treeOf(values)));
}

/** Values as the API's parameters: `{ Subnets: ['a'] }` is `Subnets.member.1=a`. */
function treeOf(values: ValueMap): QueryTree {
  const tree: QueryTree = new Map();
  for (const [name, value] of Object.entries(values)) {
    const node = nodeOf(value);
    if (node !== undefined) tree.set(name, node);
  }
  return tree;
}

function nodeOf(value: Value): string | QueryTree | undefined {
  if (isMap(value)) return treeOf(value);
  if (!Array.isArray(value)) return textFrom(value);
  if (value.length === 0) return undefined;
  const members = value.map((each: Value, index) => [String(index + 1), each] as const);
  return new Map([['member', treeOf(Object.fromEntries(members))]]);
}

/** The ARN of the one thing that a reply lists. */
function arnOf(reply: ReturnType<typeof performLoadBalancing>, list: string, member: string): string {
  const all = reply[list];
  const [first] = Array.isArray(all) ? all : [];
  const arn = typeof first === 'object' && first !== null && member in first ? first[member] : undefined;
  if (typeof arn !== 'string') throw new Error(`the reply lacks ${list} with ${member}`);
  return arn;
}

function nameFor({ placement }: ResourceContext, properties: ValueMap): string {
  return new PropertyReader(properties).text('Name') ?? nameWithin(placement, MOST_NAME_CHARACTERS);
}

/** `net/NAME/0123456789abcdef` of an ARN. */
function pathOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1).replace(/^loadbalancer\//, '');
}

const loadBalancer: RecordType = {
  kind: 'record',
  name: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  properties: declareProperties({
    IpAddressType: 'String replace',
    LoadBalancerAttributes: 'List',
    Name: 'String replace',
    Scheme: 'String replace',
    SecurityGroups: 'List replace',
    SubnetMappings: 'List replace',
    Subnets: 'List replace',
    Tags: 'List',
    Type: 'String replace',
  }),
  attributes: [
    'CanonicalHostedZoneID',
    'DNSName',
    'LoadBalancerArn',
    'LoadBalancerFullName',
    'LoadBalancerName',
  ],
  create(context, properties) {
    const Name = nameFor(context, properties);
    const [present] = context.action.tx.loadBalancers.where('loadBalancerName', Name);
    // By the API that is no refusal, but the load balancer that is there: it is not this stack's.
    if (present !== undefined) {
      throw new AwsError(
        'DuplicateLoadBalancerName',
        `A load balancer with the name '${Name}' exists already`,
      );
    }
    const names = ['IpAddressType', 'Scheme', 'SecurityGroups', 'SubnetMappings', 'Subnets', 'Type'];
    const reply = perform(context, 'CreateLoadBalancer', { Name, ...pick(properties, ...names) });
    const arn = arnOf(reply, 'LoadBalancers', 'LoadBalancerArn');
    changeAttributes(context, 'LoadBalancer', arn, {}, properties);
    retagBalancer(context, arn, properties);
    return arn;
  },
  progress(context, arn) {
    const found = findBalancer(context, arn);
    if (found === undefined) return { failed: `Load balancer ${arn} does not exist` };
    return found.state === 'active' ? 'done' : 'busy';
  },
  update(context, arn, before, after) {
    changeAttributes(context, 'LoadBalancer', arn, before, after);
    retagBalancer(context, arn, after);
  },
  delete(context, LoadBalancerArn) {
    perform(context, 'DeleteLoadBalancer', { LoadBalancerArn });
  },
  attributesOf(context, arn) {
    const found = findBalancer(context, arn);
    const reply = perform(context, 'DescribeLoadBalancers', { LoadBalancerArns: [arn] });
    return {
      CanonicalHostedZoneID: arnOf(reply, 'LoadBalancers', 'CanonicalHostedZoneId'),
      DNSName: found?.dnsName ?? '',
      LoadBalancerArn: arn,
      LoadBalancerFullName: pathOf(arn),
      LoadBalancerName: found?.loadBalancerName ?? '',
    };
  },
};

function findBalancer({ action: { tx } }: ResourceContext, arn: string): LoadBalancer | undefined {
  return tx.loadBalancers.get(arn);
}

function retagBalancer(context: ResourceContext, arn: string, properties: ValueMap): void {
  const found = findBalancer(context, arn);
  if (found === undefined) return;
  context.action.tx.loadBalancers.put({ ...found, tags: tagsFor(context, properties) });
}

/** Attributes come as a list of keys and values; one that is not said any more stays as it is, as at AWS. */
function changeAttributes(
  context: ResourceContext,
  kind: 'LoadBalancer' | 'TargetGroup' | 'Listener',
  arn: string,
  before: ValueMap,
  after: ValueMap,
): void {
  const Attributes = after[`${kind}Attributes`];
  if (Attributes === undefined || isSameValue(before[`${kind}Attributes`], Attributes)) return;
  if (Array.isArray(Attributes) && Attributes.length === 0) return;
  perform(context, `Modify${kind}Attributes`, { [`${kind}Arn`]: arn, Attributes });
}

const CHECK = [
  'HealthCheckEnabled',
  'HealthCheckIntervalSeconds',
  'HealthCheckPath',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'Matcher',
  'UnhealthyThresholdCount',
];

const targetGroup: RecordType = {
  kind: 'record',
  name: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  properties: declareProperties({
    HealthCheckEnabled: 'Boolean',
    HealthCheckIntervalSeconds: 'Integer',
    HealthCheckPath: 'String',
    HealthCheckPort: 'String',
    HealthCheckProtocol: 'String',
    HealthCheckTimeoutSeconds: 'Integer',
    HealthyThresholdCount: 'Integer',
    IpAddressType: 'String replace',
    Matcher: 'Map',
    Name: 'String replace',
    Port: 'Integer replace',
    Protocol: 'String replace',
    Tags: 'List',
    TargetGroupAttributes: 'List',
    TargetType: 'String replace',
    Targets: 'List',
    UnhealthyThresholdCount: 'Integer',
    VpcId: 'String replace',
  }),
  attributes: ['LoadBalancerArns', 'TargetGroupArn', 'TargetGroupFullName', 'TargetGroupName'],
  create(context, properties) {
    const names = ['IpAddressType', 'Port', 'Protocol', 'TargetType', 'VpcId', ...CHECK];
    const input = { Name: nameFor(context, properties), ...pick(properties, ...names) };
    const arn = arnOf(perform(context, 'CreateTargetGroup', input), 'TargetGroups', 'TargetGroupArn');
    changeAttributes(context, 'TargetGroup', arn, {}, properties);
    changeTargets(context, arn, {}, properties);
    retagGroup(context, arn, properties);
    return arn;
  },
  update(context, arn, before, after) {
    const check = pick(after, ...CHECK);
    if (!isSameValue(pick(before, ...CHECK), check)) {
      perform(context, 'ModifyTargetGroup', { TargetGroupArn: arn, ...check });
    }
    changeAttributes(context, 'TargetGroup', arn, before, after);
    changeTargets(context, arn, before, after);
    retagGroup(context, arn, after);
  },
  delete(context, TargetGroupArn) {
    unlessGone(() => perform(context, 'DeleteTargetGroup', { TargetGroupArn }));
  },
  attributesOf(context, arn) {
    const found = findGroup(context, arn);
    const listeners = context.action.tx.listeners.where('targetGroupArn', arn);
    return {
      LoadBalancerArns: [...new Set(listeners.map(({ loadBalancerArn }) => loadBalancerArn))],
      TargetGroupArn: arn,
      TargetGroupFullName: pathOf(arn),
      TargetGroupName: found?.targetGroupName ?? '',
    };
  },
};

function findGroup({ action: { tx } }: ResourceContext, arn: string): TargetGroup | undefined {
  return tx.targetGroups.get(arn);
}

function retagGroup(context: ResourceContext, arn: string, properties: ValueMap): void {
  const found = findGroup(context, arn);
  if (found === undefined) return;
  context.action.tx.targetGroups.put({ ...found, tags: tagsFor(context, properties) });
}

function changeTargets(
  context: ResourceContext,
  TargetGroupArn: string,
  before: ValueMap,
  after: ValueMap,
): void {
  const [was, is] = [targetsOf(before), targetsOf(after)];
  const gone = was.filter((one) => !is.some((other) => isSameValue(one, other)));
  const come = is.filter((one) => !was.some((other) => isSameValue(one, other)));
  if (gone.length > 0) perform(context, 'DeregisterTargets', { TargetGroupArn, Targets: gone });
  if (come.length > 0) perform(context, 'RegisterTargets', { TargetGroupArn, Targets: come });
}

function targetsOf(properties: ValueMap): readonly ValueMap[] {
  const members = ['AvailabilityZone', 'Id', 'Port'];
  return new PropertyReader(properties).list('Targets', members).map(({ values }) => values);
}

const LISTENER = ['AlpnPolicy', 'Certificates', 'DefaultActions', 'Port', 'Protocol', 'SslPolicy'];

const listener: RecordType = {
  kind: 'record',
  name: 'AWS::ElasticLoadBalancingV2::Listener',
  properties: declareProperties({
    LoadBalancerArn: 'String! replace',
    DefaultActions: 'List!',
    AlpnPolicy: 'List',
    Certificates: 'List',
    ListenerAttributes: 'List',
    Port: 'Integer',
    Protocol: 'String',
    SslPolicy: 'String',
  }),
  attributes: ['ListenerArn'],
  create(context, properties) {
    const input = pick(properties, 'LoadBalancerArn', ...LISTENER);
    const arn = arnOf(perform(context, 'CreateListener', input), 'Listeners', 'ListenerArn');
    changeAttributes(context, 'Listener', arn, {}, properties);
    retagListener(context, arn);
    return arn;
  },
  update(context, arn, before, after) {
    perform(context, 'ModifyListener', { ListenerArn: arn, ...pick(after, ...LISTENER) });
    changeAttributes(context, 'Listener', arn, before, after);
    retagListener(context, arn);
  },
  delete(context, ListenerArn) {
    unlessGone(() => perform(context, 'DeleteListener', { ListenerArn }));
  },
  attributesOf: (_, arn) => ({ ListenerArn: arn }),
};

/** CloudFormation has no tags for a listener but the stack's. */
function retagListener(context: ResourceContext, arn: string): void {
  const { listeners } = context.action.tx;
  const found = listeners.get(arn);
  if (found !== undefined) listeners.put({ ...found, tags: tagsFor(context, {}) });
}

/** Network Load Balancers. */
export const loadBalancerTypes: readonly RecordType[] = [loadBalancer, targetGroup, listener];
