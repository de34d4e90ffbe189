import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refusalOf } from '../../test/support/ec2.ts';
import { actions } from './actions/index.ts';
import { isUnreadMember, refuseUnreadMembers } from './unread-members.ts';
import { loadModel } from './wire/model.ts';

test.each([
  ['CreateVpc', { Ipv4IpamPoolId: 'ipam-pool-1' }, 'Ipv4IpamPoolId'],
  ['CreateVpc', { CidrBlock: '10.0.0.0/16', Ipv4IpamPoolId: '' }, undefined],
  ['RunInstances', { InstanceMarketOptions: { MarketType: 'spot' } }, 'InstanceMarketOptions'],
  ['RunInstances', { EnclaveOptions: { Enabled: false }, HibernationOptions: {} }, undefined],
  ['RunInstances', { Placement: { AvailabilityZone: 'us-east-1a', Tenancy: 'default' } }, undefined],
  ['RunInstances', { LicenseSpecifications: [] }, undefined],
  ['ModifyInstanceAttribute', { EnclaveOptions: { Enabled: true } }, 'EnclaveOptions'],
  ['ModifyInstanceAttribute', { EnaSupport: { Value: true } }, undefined],
  ['DescribeVpcs', { Ipv4IpamPoolId: 'ipam-pool-1' }, undefined],
  ['toString', {}, undefined],
])('%s with %j: refused for %s', (operation, input, member) => {
  expect(refusalOf(() => refuseUnreadMembers(operation, input))).toBe(
    member === undefined
      ? 'no error'
      : `UnsupportedOperation: Cloudcroft does nothing by the parameter ${member} of ${operation}. Leave it out.`,
  );
});

test('of a value that all have, another is refused', () => {
  const input = { Placement: { Tenancy: 'dedicated' } };
  expect(refusalOf(() => refuseUnreadMembers('RunInstances', input))).toBe(
    "UnsupportedOperation: Cloudcroft does nothing by the parameter Placement.Tenancy of RunInstances but 'default'. Leave it out.",
  );
});

/** What makes no difference here, and why. */
const INDIFFERENT: readonly RegExp[] = [
  // Asks to list more than there is.
  /^Describe\w+ (IncludeManagedResources|IncludeDeprecated|IncludeDisabled|IncludeUnsupportedInRegion)$/,
  /^Describe(Regions AllRegions|AvailabilityZones AllAvailabilityZones|VpcEndpointServices ServiceRegions)$/,
  // Every image may be used by everybody who sees it; no attribute of an address but its name.
  /^(DescribeImages ExecutableUsers|DescribeAddressesAttribute Attribute)$/,
  // Image ids stand in templates as they are; no image has snapshots.
  /^(CreateLaunchTemplateVersion|DescribeLaunchTemplateVersions) ResolveAlias$/,
  /^DeregisterImage DeleteAssociatedSnapshots$/,
  // Groups are told by their ids.
  /^(Authorize|Revoke)SecurityGroup(Ingress|Egress) SourceSecurityGroupOwnerId$/,
  // AWS reserves it; and an instance always ends.
  /^(Run|Start)Instances AdditionalInfo$/,
  /^(Stop|Terminate)Instances (Force|SkipOsShutdown)$/,
];

/** What the dispatcher reads, or lists of pages. */
const ALWAYS_READ = new Set(['DryRun', 'Filters', 'MaxResults', 'NextToken', 'ClientToken']);

/** The code of a family of actions: its own, and that with what it imports. */
interface Family {
  readonly own: string;
  readonly all: string;
}

function readFamilies(): readonly Family[] {
  const folder = join(import.meta.dirname, 'actions');
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return names.map((name) => {
    const own = readFileSync(join(folder, name), 'utf8');
    const imported = [...own.matchAll(/ from '(\.[^']+)'/g)].map(([, path = '']) => join(folder, path));
    const others = imported
      .filter((path) => !path.endsWith('unread-members.ts'))
      .map((path) => readFileSync(path, 'utf8'));
    return { own, all: [own, ...others].join('\n').replaceAll(/import type \{[^}]*\}/g, '') };
  });
}

test('every member of a request is named in the code of its action, refused, or indifferent', () => {
  const model = loadModel();
  const families = readFamilies();
  const passedOver: string[] = [];
  let count = 0;
  for (const operation of Object.keys(actions)) {
    const family = families.find(({ own }) => new RegExp(`\n {2}${operation}[(:]`).test(own));
    for (const { name } of model.operation(operation)?.input?.members ?? []) {
      count += 1;
      if (ALWAYS_READ.has(name) || isUnreadMember(operation, name)) continue;
      if (new RegExp(`\\b${name}\\b`).test(family?.all ?? '')) continue;
      passedOver.push(`${operation} ${name}`);
    }
  }
  expect(passedOver.filter((each) => !INDIFFERENT.some((pattern) => pattern.test(each)))).toEqual([]);
  expect(count).toBeGreaterThan(800);
});
