import { expect, test } from 'vitest';
import { analysePath } from '../../../test/support/analyses.ts';
import { given, refusalOf } from '../../../test/support/ec2.ts';
import { newPair } from '../../../test/support/pair.ts';

/** The pair, and what is asked about it. */
function newQuestion() {
  const { region, Source, Destination, GroupId } = newPair();
  const create = (rest = {}) =>
    given(
      region.call('CreateNetworkInsightsPath', {
        Source,
        Destination,
        Protocol: 'tcp',
        DestinationPort: 22,
        ...rest,
      }).NetworkInsightsPath,
    );
  const start = (NetworkInsightsPathId: string | undefined, rest = {}) =>
    analysePath(region, { NetworkInsightsPathId: given(NetworkInsightsPathId), ...rest });
  return { region, Source, Destination, GroupId, create, start };
}

test('an analysis has the verdict of the data plane, and keeps it', () => {
  const { region, GroupId, create, start } = newQuestion();
  const { NetworkInsightsPathId } = create();
  const whole = start(NetworkInsightsPathId);
  expect(whole).toMatchObject({ Status: 'succeeded', NetworkPathFound: true, Explanations: [] });
  expect(whole.ForwardPathComponents?.[0]?.SequenceNumber).toBe(1);
  region.call('RevokeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }],
  });
  expect(start(NetworkInsightsPathId)).toMatchObject({
    NetworkPathFound: false,
    ForwardPathComponents: [],
    Explanations: [{ ExplanationCode: 'ENI_SG_RULES_MISMATCH', Direction: 'ingress' }],
  });
  const found = region.call('DescribeNetworkInsightsAnalyses', {
    NetworkInsightsPathId,
    Filters: [{ Name: 'path-found', Values: ['true'] }],
  });
  expect(found.NetworkInsightsAnalyses).toEqual([whole]);
});

test('an analysis runs, and tells nothing, until it is completed', () => {
  const { region, create } = newQuestion();
  const NetworkInsightsPathId = given(create().NetworkInsightsPathId);
  const started = region.call('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
  const describe = (Name: string, Values: string[]) =>
    region.call('DescribeNetworkInsightsAnalyses', { Filters: [{ Name, Values }] }).NetworkInsightsAnalyses;
  expect(describe('status', ['running'])).toEqual([started.NetworkInsightsAnalysis]);
  expect(Object.keys(started.NetworkInsightsAnalysis ?? {})).not.toContain('ForwardPathComponents');
  expect(started.NetworkInsightsAnalysis).toMatchObject({ Status: 'running', NetworkPathFound: undefined });
  expect(describe('path-found', ['true', 'false'])).toEqual([]);
});

test('a path goes when its analyses are gone', () => {
  const { region, create, start } = newQuestion();
  const NetworkInsightsPathId = given(create().NetworkInsightsPathId);
  const { NetworkInsightsAnalysisId = '' } = start(NetworkInsightsPathId);
  const remove = () => region.call('DeleteNetworkInsightsPath', { NetworkInsightsPathId });
  expect(refusalOf(remove)).toMatch(/^AnalysisExistsForNetworkInsightsPath/);
  region.call('DeleteNetworkInsightsAnalysis', { NetworkInsightsAnalysisId });
  remove();
  expect(refusalOf(remove)).toBe(
    `InvalidNetworkInsightsPathId.NotFound: The network insights path ID '${NetworkInsightsPathId}' does not exist`,
  );
});

const refusals: readonly (readonly [rest: object, refusal: RegExp])[] = [
  [{ Source: 'i-00000000000000000' }, /^InvalidInstanceID.NotFound/],
  [{ Source: 'igw-00000000000000000' }, /^InvalidInternetGatewayID.NotFound/],
  [{ Source: 'subnet-00000000000000000' }, /^InvalidParameterValue: .*A path leads between instances/],
  [
    { DestinationPort: undefined, FilterAtSource: { DestinationPortRange: { FromPort: 9, ToPort: 8 } } },
    /^InvalidParameterValue: .*greater than ToPort/,
  ],
  [
    { FilterAtSource: {} },
    /^InvalidParameterCombination: .*DestinationPort cannot be used with FilterAtSource/,
  ],
  [
    { DestinationIp: '10.0.0.1', FilterAtDestination: {} },
    /^InvalidParameterCombination: .*FilterAtDestination/,
  ],
  [{ Destination: undefined }, /^MissingParameter/],
  [{ DestinationIp: '10.0.0' }, /^InvalidParameterValue: .*not a valid IPv4 address/],
  [{ Protocol: 'icmp' }, /^InvalidParameterValue: .*tcp and udp/],
  [{ DestinationPort: 65_536 }, /^InvalidParameterValue: .*Ports go from/],
];

test.each(refusals)('a path with %j is refused', (rest, refusal) => {
  const { create } = newQuestion();
  expect(refusalOf(() => create(rest))).toMatch(refusal);
});

/** The whole verdict in a line: found or not, the way there by ids' prefixes, or the codes. */
function summaryOf({
  NetworkPathFound,
  ForwardPathComponents = [],
  Explanations = [],
}: ReturnType<ReturnType<typeof newQuestion>['start']>): string {
  const way = ForwardPathComponents.map(({ Component }) => Component?.Id?.replace(/-.*$/, ''));
  return [NetworkPathFound, ...way, ...Explanations.map(({ ExplanationCode }) => ExplanationCode)].join(' ');
}

const NO_PORT = { DestinationPort: undefined };
const range = (FromPort: number, ToPort: number) => ({ FromPort, ToPort });

/** What is asked, in what group: inbound TCP 8000-8010 from anywhere, and everything from the group. */
const asked: readonly (readonly [what: string, rest: (gateway: string) => object, summary: string])[] = [
  [
    'from a gateway to an open port',
    (Source) => ({ Source, DestinationPort: 8000 }),
    'true igw acl sg eni i',
  ],
  ['from a gateway to a shut port', (Source) => ({ Source }), 'false ENI_SG_RULES_MISMATCH'],
  ['from a gateway to any port', (Source) => ({ Source, ...NO_PORT }), 'true igw acl sg eni i'],
  [
    'a range that meets an open port',
    (Source) => ({ Source, ...NO_PORT, FilterAtSource: { DestinationPortRange: range(8010, 9000) } }),
    'true igw acl sg eni i',
  ],
  [
    'a range that meets none',
    (Source) => ({ Source, ...NO_PORT, FilterAtSource: { DestinationPortRange: range(8011, 9000) } }),
    'false ENI_SG_RULES_MISMATCH',
  ],
  ['to a gateway', (Destination) => ({ Destination, DestinationPort: 443 }), 'true i eni sg acl rtb igw'],
  [
    'other ports at the destination',
    () => ({ FilterAtDestination: { DestinationPortRange: range(80, 90) } }),
    'false FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE',
  ],
  [
    'another address at the destination',
    () => ({ FilterAtDestination: { SourceAddress: '10.9.9.9' } }),
    'false FILTER_AT_DESTINATION_SOURCE_ADDRESS',
  ],
  [
    'an address that the source does not have',
    () => ({ SourceIp: '10.9.9.9' }),
    'false FILTER_AT_SOURCE_SOURCE_ADDRESS',
  ],
];

test.each(asked)('%s', (_, rest, summary) => {
  const { region, GroupId, create, start } = newQuestion();
  const IpRanges = [{ CidrIp: '0.0.0.0/0' }];
  region.call('AuthorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8000, ToPort: 8010, IpRanges }],
  });
  const [gateway] = region.call('DescribeInternetGateways', {}).InternetGateways ?? [];
  const { NetworkInsightsPathId } = create(rest(given(gateway?.InternetGatewayId)));
  expect(summaryOf(start(NetworkInsightsPathId))).toBe(summary);
});

test('an analysis passes what it must, and nothing that it must not', () => {
  const { GroupId, create, start } = newQuestion();
  const { NetworkInsightsPathId } = create();
  const arn = `arn:aws:ec2:us-east-1:123456789012:security-group/${GroupId}`;
  const gateway = 'arn:aws:ec2:us-east-1:123456789012:natgateway/nat-0123456789abcdef0';
  expect(summaryOf(start(NetworkInsightsPathId, { FilterInArns: [arn] }))).toBe('true i eni sg sg eni i');
  expect(summaryOf(start(NetworkInsightsPathId, { FilterInArns: [gateway] }))).toBe(
    'false COMPONENT_FILTER_RESTRICTION',
  );
  expect(summaryOf(start(NetworkInsightsPathId, { FilterOutArns: [arn] }))).toBe(
    'false COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT',
  );
  expect(summaryOf(start(NetworkInsightsPathId, { FilterOutArns: [gateway] }))).toBe(
    'true i eni sg sg eni i',
  );
  expect(refusalOf(() => start(NetworkInsightsPathId, { FilterInArns: [GroupId] }))).toMatch(
    /^InvalidParameterValue: .*not a valid ARN/,
  );
});
