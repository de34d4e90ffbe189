import type { AccessScopePathRequest } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { analyseScope } from '../../../test/support/analyses.ts';
import { given, refusalOf } from '../../../test/support/ec2.ts';
import { newPair } from '../../../test/support/pair.ts';

const FROM_THE_INTERNET = { ResourceStatement: { ResourceTypes: ['AWS::EC2::InternetGateway'] } };
const TO_SSH = {
  ResourceStatement: { ResourceTypes: ['AWS::EC2::NetworkInterface'] },
  PacketHeaderStatement: { Protocols: ['tcp' as const], DestinationPorts: ['22'] },
};

/** The pair, whose second instance lets SSH in from 203.0.113.0/24, and what a scope finds there. */
function newScope() {
  const { region, Source, Destination, GroupId } = newPair();
  const [instance] = region.call('DescribeInstances', { InstanceIds: [Destination] }).Reservations ?? [];
  const { VpcId = '', NetworkInterfaces } = given(instance?.Instances?.[0]);
  const door = given(
    region.call('CreateSecurityGroup', { GroupName: 'door', Description: 'door', VpcId }).GroupId,
  );
  region.call('AuthorizeSecurityGroupIngress', {
    GroupId: door,
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '203.0.113.0/24' }] },
    ],
  });
  region.call('ModifyInstanceAttribute', { InstanceId: Destination, Groups: [GroupId, door] });
  const analyse = (MatchPaths: AccessScopePathRequest[], ExcludePaths: AccessScopePathRequest[] = []) => {
    const { NetworkInsightsAccessScope: scope } = region.call('CreateNetworkInsightsAccessScope', {
      MatchPaths,
      ExcludePaths,
    });
    return analyseScope(region, given(scope?.NetworkInsightsAccessScopeId));
  };
  /** Each finding by the first and last of its components. */
  const find = (...paths: Parameters<typeof analyse>) => {
    const { NetworkInsightsAccessScopeAnalysisId = '', FindingsFound } = analyse(...paths);
    const { AnalysisFindings = [] } = region.call('GetNetworkInsightsAccessScopeAnalysisFindings', {
      NetworkInsightsAccessScopeAnalysisId,
    });
    expect(FindingsFound).toBe(AnalysisFindings.length > 0 ? 'true' : 'false');
    return AnalysisFindings.map(
      ({ FindingComponents = [] }) =>
        `${FindingComponents[0]?.Component?.Id} ${FindingComponents.at(-1)?.Component?.Id}`,
    );
  };
  const [gateway] = region.call('DescribeInternetGateways', {}).InternetGateways ?? [];
  const eni = given(NetworkInterfaces?.[0]?.NetworkInterfaceId);
  return {
    region,
    Source,
    Destination,
    door,
    eni,
    VpcId,
    gateway: given(gateway?.InternetGatewayId),
    analyse,
    find,
  };
}

type Scope = ReturnType<typeof newScope>;

const cases: readonly (readonly [
  what: string,
  match: (scope: Scope) => AccessScopePathRequest,
  exclude: (scope: Scope) => AccessScopePathRequest[],
  findings: (scope: Scope) => string[],
])[] = [
  [
    'SSH from the Internet',
    () => ({ Source: FROM_THE_INTERNET, Destination: TO_SSH }),
    () => [],
    ({ gateway, Destination }) => [`${gateway} ${Destination}`],
  ],
  [
    'another port from the Internet',
    () => ({
      Source: FROM_THE_INTERNET,
      Destination: { PacketHeaderStatement: { DestinationPorts: ['23-80'] } },
    }),
    () => [],
    () => [],
  ],
  [
    'UDP from the Internet',
    () => ({ Source: FROM_THE_INTERNET, Destination: { PacketHeaderStatement: { Protocols: ['udp'] } } }),
    () => [],
    () => [],
  ],
  [
    'excluded by the destination',
    () => ({ Source: FROM_THE_INTERNET, Destination: TO_SSH }),
    ({ eni }) => [{ Destination: { ResourceStatement: { Resources: [eni] } } }],
    () => [],
  ],
  [
    'excluded by another destination, which is no matter',
    () => ({ Source: FROM_THE_INTERNET, Destination: TO_SSH }),
    ({ Source }) => [{ Destination: { ResourceStatement: { Resources: [Source] } } }],
    ({ gateway, Destination }) => [`${gateway} ${Destination}`],
  ],
  [
    'excluded by the port',
    () => ({ Source: FROM_THE_INTERNET }),
    () => [{ Destination: { PacketHeaderStatement: { DestinationPorts: ['20-30'] } } }],
    () => [],
  ],
  [
    'excluded by the addresses that may',
    () => ({ Source: FROM_THE_INTERNET }),
    () => [{ Source: { PacketHeaderStatement: { SourceAddresses: ['203.0.113.0/24'] } } }],
    () => [],
  ],
  [
    'excluded by half of the addresses that may: the other half is found',
    () => ({ Source: FROM_THE_INTERNET }),
    () => [{ Source: { PacketHeaderStatement: { SourceAddresses: ['203.0.113.0/25'] } } }],
    ({ gateway, Destination }) => [`${gateway} ${Destination}`],
  ],
  [
    'from addresses that may not',
    () => ({
      Source: { ...FROM_THE_INTERNET, PacketHeaderStatement: { SourceAddresses: ['8.8.8.8'] } },
    }),
    () => [],
    () => [],
  ],
  [
    'through a group that is passed, and excluded by it',
    ({ door }) => ({
      Source: FROM_THE_INTERNET,
      ThroughResources: [{ ResourceStatement: { Resources: [door] } }],
    }),
    ({ door }) => [{ ThroughResources: [{ ResourceStatement: { Resources: [door] } }] }],
    () => [],
  ],
  [
    'through a NAT gateway, of which there is none',
    () => ({
      Source: FROM_THE_INTERNET,
      ThroughResources: [{ ResourceStatement: { ResourceTypes: ['AWS::EC2::NatGateway'] } }],
    }),
    () => [],
    () => [],
  ],
  [
    'out to the Internet',
    () => ({ Destination: FROM_THE_INTERNET }),
    () => [],
    ({ gateway, Source, Destination }) => [`${Source} ${gateway}`, `${Destination} ${gateway}`],
  ],
  [
    'between the two, each way',
    ({ VpcId }) => ({
      Source: { ResourceStatement: { Resources: [VpcId] } },
      Destination: { ResourceStatement: { Resources: [VpcId] } },
    }),
    () => [],
    ({ Source, Destination }) => [`${Source} ${Destination}`, `${Destination} ${Source}`],
  ],
];

test.each(cases)('%s', (_, match, exclude, findings) => {
  const scope = newScope();
  expect(scope.find([match(scope)], exclude(scope))).toEqual(findings(scope));
});

test('a finding names every component of its path', () => {
  const { region, Destination, analyse } = newScope();
  const analysis = analyse([{ Source: FROM_THE_INTERNET, Destination: TO_SSH }]);
  expect(analysis).toMatchObject({ Status: 'succeeded', FindingsFound: 'true', AnalyzedEniCount: 2 });
  const { AnalysisFindings: [finding] = [] } = region.call('GetNetworkInsightsAccessScopeAnalysisFindings', {
    NetworkInsightsAccessScopeAnalysisId: given(analysis.NetworkInsightsAccessScopeAnalysisId),
  });
  const kinds = finding?.FindingComponents?.map(({ Component }) => Component?.Id?.replace(/-.*$/, ''));
  expect(kinds).toEqual(['igw', 'acl', 'sg', 'eni', 'i']);
  expect(finding?.FindingId).toBe('AnalysisFinding-1');
  expect(finding?.FindingComponents?.[2]?.SecurityGroupRule).toEqual({
    Cidr: '203.0.113.0/24',
    Direction: 'ingress',
    PortRange: { From: 22, To: 22 },
    Protocol: 'tcp',
  });
  expect(finding?.FindingComponents?.at(-1)?.Component?.Id).toBe(Destination);
});

test('while an analysis runs it is unknown what it found, and there is nothing to get', () => {
  const { region, analyse } = newScope();
  const { NetworkInsightsAccessScopeId = '' } = analyse([{ Source: FROM_THE_INTERNET, Destination: TO_SSH }]);
  const { NetworkInsightsAccessScopeAnalysis: analysis } = region.call(
    'StartNetworkInsightsAccessScopeAnalysis',
    { NetworkInsightsAccessScopeId },
  );
  expect(analysis).toMatchObject({ Status: 'running', FindingsFound: 'unknown' });
  expect(Object.keys(given(analysis))).not.toContain('EndDate');
  const found = region.call('GetNetworkInsightsAccessScopeAnalysisFindings', {
    NetworkInsightsAccessScopeAnalysisId: given(analysis?.NetworkInsightsAccessScopeAnalysisId),
  });
  expect(found).toMatchObject({ AnalysisStatus: 'running', AnalysisFindings: [] });
});

test('a scope is kept as it was given, and goes when its analyses are gone', () => {
  const { region, analyse } = newScope();
  const match = [{ Source: FROM_THE_INTERNET, Destination: TO_SSH }];
  const { NetworkInsightsAccessScopeId = '', NetworkInsightsAccessScopeAnalysisId = '' } = analyse(match);
  expect(region.call('GetNetworkInsightsAccessScopeContent', { NetworkInsightsAccessScopeId })).toEqual({
    NetworkInsightsAccessScopeContent: {
      NetworkInsightsAccessScopeId,
      MatchPaths: match,
      ExcludePaths: [],
    },
  });
  const remove = () => region.call('DeleteNetworkInsightsAccessScope', { NetworkInsightsAccessScopeId });
  expect(refusalOf(remove)).toMatch(/^AnalysisExistsForNetworkInsightsAccessScope/);
  region.call('DeleteNetworkInsightsAccessScopeAnalysis', { NetworkInsightsAccessScopeAnalysisId });
  remove();
  expect(refusalOf(remove)).toMatch(/^InvalidNetworkInsightsAccessScopeId.NotFound/);
});

const refusals: readonly (readonly [path: AccessScopePathRequest, refusal: RegExp])[] = [
  [
    { Source: { ResourceStatement: { ResourceTypes: ['AWS::EC2::VPNGateway'] } } },
    /^InvalidParameterValue: .*The types are AWS::EC2::NetworkInterface/,
  ],
  [{ Source: { ResourceStatement: { Resources: ['tgw-1'] } } }, /^InvalidParameterValue: .*begin and end at/],
  [
    { Source: { PacketHeaderStatement: { SourceAddresses: ['10.0.0'] } } },
    /^InvalidParameterValue: .*not a valid IPv4 address or CIDR/,
  ],
  [
    { Destination: { PacketHeaderStatement: { DestinationPorts: ['90-80'] } } },
    /^InvalidParameterValue: .*not a port/,
  ],
];

test.each(refusals)('a path of a scope with %j is refused', (path, refusal) => {
  const { region } = newPair();
  const create = () => region.call('CreateNetworkInsightsAccessScope', { MatchPaths: [path] });
  expect(refusalOf(create)).toMatch(refusal);
});
