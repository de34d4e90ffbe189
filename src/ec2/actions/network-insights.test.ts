import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** Two instances in one subnet; the second lets in what `port` says. */
function newPair() {
  const region = new TestRegion({ isSeeded: true });
  const images = region.call('DescribeImages', {
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const launched = region.call('RunInstances', {
    ImageId: given(images.Images?.[0]?.ImageId),
    InstanceType: 't3.micro',
    MinCount: 2,
    MaxCount: 2,
  });
  for (const { InstanceId } of launched.Instances ?? []) {
    region.write(({ tx }) => {
      tx.instances.put({ ...given(tx.instances.get(given(InstanceId))), state: 'running' });
    });
  }
  const [Source = '', Destination = ''] = (launched.Instances ?? []).map(({ InstanceId }) =>
    given(InstanceId),
  );
  const GroupId = given(launched.Instances?.[0]?.SecurityGroups?.[0]?.GroupId);
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
  const start = (NetworkInsightsPathId: string | undefined) =>
    given(
      region.call('StartNetworkInsightsAnalysis', { NetworkInsightsPathId: given(NetworkInsightsPathId) })
        .NetworkInsightsAnalysis,
    );
  return { region, Source, Destination, GroupId, create, start };
}

test('an analysis has the verdict of the data plane, and keeps it', () => {
  const { region, GroupId, create, start } = newPair();
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

test('a path goes when its analyses are gone', () => {
  const { region, create, start } = newPair();
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
  const { create } = newPair();
  expect(refusalOf(() => create(rest))).toMatch(refusal);
});
