import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../test/support/ec2.ts';
import { BALANCER, placeLoadBalancer } from '../../test/support/load-balancers.ts';
import { actions } from './actions/index.ts';
import {
  SHOWN_INSTANCE_FILTERS,
  SHOWN_INSTANCE_TYPE_FILTERS,
  SHOWN_INTERFACE_FILTERS,
} from './instance-filters.ts';
import { loadModel, type Structure, type TypeData } from './wire/model.ts';

const model = loadModel();

/** The SDK's declarations, which carry AWS's documentation of every parameter. */
function readDeclarations(): string {
  const main = createRequire(import.meta.url).resolve('@aws-sdk/client-ec2');
  const folder = join(dirname(dirname(main)), 'dist-types', 'models');
  const files = readdirSync(folder).filter((name) => /^models_\d+\.d\.ts$/.test(name));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

/** The filters of an action by AWS's documentation; none where it documents none. `tag:KEY` is every action's. */
function documentedFilters(declarations: string, action: string): string[] {
  const start = declarations.indexOf(`export interface ${action}Request {`);
  const request = declarations.slice(start, declarations.indexOf('\n}\n', start));
  const end = request.search(/ {4}Filters?\?: Filter/);
  if (start === -1 || end === -1) return [];
  const text = request.slice(request.lastIndexOf('/**', end), end).replaceAll(/\n\s*\*/g, ' ');
  const names = [...text.matchAll(/<li>\s*<p>\s*<code>([^<]+)<\/code>(:?)/g)];
  return names.flatMap(([, name = '', colon]) =>
    colon === ':' || /^tag(:|$)/.test(name) ? [] : name.trim(),
  );
}

/** Severities, which the documentation lists as filters although they are values of one. */
const NO_FILTERS = /^DescribeImages (?:informational|low|medium|high|critical):/;

/** What some actions want besides filters. */
function makeRequired(region: TestRegion): Readonly<Record<string, object>> {
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const gateway = given(region.call('CreateTransitGateway', {}).TransitGateway);
  const table = { TransitGatewayRouteTableId: gateway.Options?.AssociationDefaultRouteTableId };
  placeLoadBalancer(region);
  const { ServiceConfiguration: service } = region.call('CreateVpcEndpointServiceConfiguration', {
    NetworkLoadBalancerArns: [BALANCER],
  });
  const list = region.call('CreateManagedPrefixList', {
    PrefixListName: 'list',
    AddressFamily: 'IPv4',
    MaxEntries: 1,
  });
  const { NetworkInsightsAccessScope: scope } = region.call('CreateNetworkInsightsAccessScope', {
    MatchPaths: [{}],
  });
  const { NetworkInsightsAccessScopeAnalysis: analysis } = region.call(
    'StartNetworkInsightsAccessScopeAnalysis',
    { NetworkInsightsAccessScopeId: given(scope?.NetworkInsightsAccessScopeId) },
  );
  return {
    GetNetworkInsightsAccessScopeAnalysisFindings: {
      NetworkInsightsAccessScopeAnalysisId: analysis?.NetworkInsightsAccessScopeAnalysisId,
    },
    GetSecurityGroupsForVpc: { VpcId },
    GetTransitGatewayRouteTableAssociations: table,
    GetTransitGatewayRouteTablePropagations: table,
    SearchTransitGatewayRoutes: { ...table, Filters: [{ Name: 'state', Values: ['active'] }] },
    DescribeVpcEndpointServicePermissions: { ServiceId: service?.ServiceId },
    DescribeLaunchTemplateVersions: { Versions: ['$Latest'] },
    DescribeStaleSecurityGroups: { VpcId },
    GetManagedPrefixListEntries: { PrefixListId: list.PrefixList?.PrefixListId },
  };
}

test('every filter that AWS documents is understood', () => {
  const declarations = readDeclarations();
  const region = new TestRegion({ isSeeded: true });
  const required = makeRequired(region);
  const refused: string[] = [];
  let count = 0;
  for (const [name, action] of Object.entries<unknown>(actions)) {
    if (typeof action !== 'function') continue;
    for (const filter of documentedFilters(declarations, name)) {
      count += 1;
      const wish = [{ Name: filter, Values: ['x'] }];
      const input = { ...required[name], Filters: wish, Filter: wish };
      const refusal = refusalOf(() => region.write((context) => action(context, input)));
      if (refusal !== 'no error') refused.push(`${name} ${filter}: ${refusal}`);
    }
  }
  expect(refused.filter((line) => !NO_FILTERS.test(line))).toEqual([]);
  // That the documentation was found.
  expect(count).toBeGreaterThan(500);
});

test('every list of pages takes its own page tokens only, and bounds the size of a page', () => {
  const region = new TestRegion({ isSeeded: true });
  const required = makeRequired(region);
  const wrong: string[] = [];
  for (const [name, action] of Object.entries<unknown>(actions)) {
    const hasPages = model.operation(name)?.input?.members.some((member) => member.name === 'NextToken');
    if (typeof action !== 'function' || hasPages !== true) continue;
    const refused = (input: object): string =>
      refusalOf(() => region.write((context) => action(context, { ...required[name], ...input })));
    const ofToken = refused({ NextToken: 'none', MaxResults: 5 });
    if (!ofToken.startsWith('InvalidPaginationToken: ')) wrong.push(`${name}: token: ${ofToken}`);
    const ofSize = refused({ MaxResults: 100_000 });
    if (!ofSize.startsWith('InvalidParameterValue: ')) wrong.push(`${name}: size: ${ofSize}`);
  }
  expect(wrong).toEqual([]);
});

/** Whether the members lead to something in what the operation answers. */
function isShown(operation: string, path: string): boolean {
  let structure: Structure | undefined = model.operation(operation)?.output;
  for (const name of path.split('.')) {
    const member = structure?.members.find((each) => each.name === name);
    if (member === undefined) return false;
    structure = structureOf(member.type);
  }
  return true;
}

function structureOf(type: TypeData): Structure | undefined {
  if (typeof type === 'number') return model.structure(type);
  return Array.isArray(type) && typeof type[1] !== 'string' && type[0] !== 'E'
    ? structureOf(type[1])
    : undefined;
}

test.each([
  ['DescribeInstances', 'Reservations.Instances', SHOWN_INSTANCE_FILTERS],
  ['DescribeNetworkInterfaces', 'NetworkInterfaces', SHOWN_INTERFACE_FILTERS],
  ['DescribeInstanceTypes', 'InstanceTypes', SHOWN_INSTANCE_TYPE_FILTERS],
] as const)('the filters of what %s shows are of members that it has', (operation, list, paths) => {
  const wrong = Object.values(paths).filter((path) => !isShown(operation, `${list}.${path}`));
  expect(wrong).toEqual([]);
});

test('a filter of what is shown fits what is shown', () => {
  const region = new TestRegion();
  const names = (Name: string, Values: string[]) =>
    region
      .call('DescribeInstanceTypes', { Filters: [{ Name, Values }] })
      .InstanceTypes?.map(({ InstanceType }) => InstanceType);
  expect(names('network-info.ena-support', ['required'])).toContain('t3.micro');
  expect(names('network-info.maximum-network-cards', ['2'])).toEqual([]);
  expect(names('supported-boot-mode', ['none'])).toEqual([]);
});
