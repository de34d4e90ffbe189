import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resourceTypes } from '../../src/cloudformation/resources/index.ts';
import { imagesOf } from '../../src/ec2/catalogue/images.ts';
import { destinationOf } from '../../src/model/routes.ts';
import type { Scope } from '../../src/model/world.ts';
import { exportCloudFormation } from '../../src/transfer/cloudformation/export.ts';
import type { Step } from '../clients/scenario.ts';
import { anyWorld, recordsOf } from '../differential/random-worlds.ts';
import { ControlledRegion } from '../support/controlled-region.ts';
import { allVerdictsOf, describeWorld } from '../support/describe-world.ts';
import { regionOf } from '../support/dump.ts';
import { given, TestRegion } from '../support/ec2.ts';
import { StackBench } from '../support/stacks.ts';
import { SCOPE, type WorldRecords } from '../worlds.ts';
import { exportRegion } from './export-region.ts';
import { richSteps } from './rich-steps.ts';
import { regionAfter } from './run-steps.ts';

/** A template made a stack, in a region of its own; throws what the stack says when it fails. */
async function deploy(template: string, scope?: Scope): Promise<TestRegion> {
  const controlled = await ControlledRegion.start(new TestRegion({ isSeeded: true }, scope));
  const { region } = controlled;
  const bench = new StackBench({ types: [...resourceTypes.values()], region });
  const s3 = [...region.world.prefixLists.values()].find(({ prefixListName }) =>
    prefixListName.endsWith('.s3'),
  );
  const parameters = template.includes('"s3PrefixList"')
    ? {
        'Parameters.member.1.ParameterKey': 's3PrefixList',
        'Parameters.member.1.ParameterValue': given(s3?.prefixListId),
      }
    : {};
  const reply = await bench.ask('CreateStack', { StackName: 'copy', TemplateBody: template, ...parameters });
  for (let round = 0; round < 200 && bench.status('copy') === 'CREATE_IN_PROGRESS'; round++) {
    await controlled.control.idle();
    await new Promise((resolve) => setImmediate(resolve));
  }
  controlled.control.close();
  if (bench.status('copy') !== 'CREATE_COMPLETE') {
    throw new Error([reply, ...bench.events('copy').filter((line) => /FAILED/.test(line))].join('\n'));
  }
  return region;
}

/** The same template with its resources the other way round: only what they say of each other orders them. */
function reversed(template: string): string {
  const { Resources, ...rest } = JSON.parse(template);
  return JSON.stringify({ ...rest, Resources: Object.fromEntries(Object.entries(Resources).toReversed()) });
}

test('a region of everything, exported and deployed elsewhere, is the same region', async () => {
  const region = await regionAfter(richSteps);
  const { text, notes } = exportRegion(region.world, exportCloudFormation);
  expect(notes).toEqual([
    'HubVpc gets another IPv6 block of Amazon’s.',
    'NetworkAcl is no default network ACL: its subnets are associated with it.',
    'RouteTable is no main route table: its subnets are associated with it.',
    'RouteTableNo2 is no main route table: its subnets are associated with it.',
  ]);
  for (const template of [text, reversed(text)]) {
    const copy = await deploy(template);
    expect(describeWorld(copy.world)).toEqual(describeWorld(region.world));
    expect(allVerdictsOf(copy.world)).toEqual(allVerdictsOf(region.world));
  }
});

const IMAGE = given(imagesOf(SCOPE.region).find(({ architecture }) => architecture === 'x86_64')).imageId;

/** The records as actions would have made them. */
function deployable(records: WorldRecords): WorldRecords {
  const seen = new Set<string>();
  return {
    ...records,
    securityGroups: records.securityGroups.map((group) => ({ ...group, groupName: `of-${group.groupId}` })),
    securityGroupRules: records.securityGroupRules.filter(({ securityGroupRuleId: _id, ...rule }) => {
      const text = JSON.stringify(rule);
      return !seen.has(text) && seen.add(text);
    }),
    networkInterfaces: records.networkInterfaces.map((eni) => ({
      ...eni,
      groupIds: eni.groupIds.length === 0 && eni.interfaceType === 'interface' ? ['sg-0'] : eni.groupIds,
    })),
    // A route to the VPC's own block is the local one, with another target.
    routeTables: records.routeTables.map((table) => ({
      ...table,
      routes: table.routes.map((route) =>
        destinationOf(route) === '10.0.0.0/16' ? { ...route, origin: 'CreateRouteTable' as const } : route,
      ),
    })),
    networkAcls: records.networkAcls.map((acl) => ({
      ...acl,
      entries: acl.entries.map(({ portRange, ...entry }) =>
        entry.protocol === '1'
          ? { ...entry, icmpTypeCode: { type: -1, code: -1 } }
          : { ...entry, ...(portRange === undefined ? {} : { portRange }) },
      ),
    })),
    instances: records.instances.map((instance) => ({ ...instance, imageId: IMAGE })),
  };
}

test('a default group that was changed is told of: a stack has no hold of it', async () => {
  const group = {
    Filters: [
      { Name: 'group-name', Values: ['default'] },
      { Name: 'vpc-id', Values: ['$vpc'] },
    ],
  };
  const steps: readonly Step[] = [
    ['CreateVpc', { CidrBlock: '10.0.0.0/16' }, { vpc: 'Vpc.VpcId' }],
    ['DescribeSecurityGroups', group, { group: 'SecurityGroups.0.GroupId' }],
    [
      'RevokeSecurityGroupIngress',
      {
        GroupId: '$group',
        IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: '$group' }] }],
      },
    ],
  ];
  const notesAfter = async (count: number) =>
    exportRegion((await regionAfter(steps.slice(0, count))).world, exportCloudFormation).notes;
  expect(await notesAfter(2)).toEqual([]);
  expect(await notesAfter(3)).toEqual([
    'The default group of Vpc has other rules than usual: in the stack it has the usual ones.',
  ]);
});

/** What an export leaves out changes verdicts, and is told. */
const LEFT_OUT =
  /blackhole|in the place of a local route|in the stack it runs|is not part of what is exported|default group/;

test('of any world that is exported whole, the copy has the same verdicts', async () => {
  let compared = 0;
  let allowed = 0;
  await fc.assert(
    fc.asyncProperty(anyWorld, async (choices) => {
      const region = regionOf(deployable(recordsOf(choices)), SCOPE);
      const { text, notes } = exportRegion(region.world, exportCloudFormation);
      if (notes.some((note) => LEFT_OUT.test(note))) return;
      const copy = await deploy(text, SCOPE);
      const verdicts = allVerdictsOf(region.world);
      expect(allVerdictsOf(copy.world)).toEqual(verdicts);
      compared++;
      allowed += verdicts.filter((verdict) => verdict.endsWith(' true')).length;
    }),
    { numRuns: 100 },
  );
  expect([compared > 10, allowed > 100]).toEqual([true, true]);
});
