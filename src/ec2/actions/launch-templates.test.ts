import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { imagesOf } from '../catalogue/images.ts';

const ImageId = given(imagesOf('us-east-1').find(({ architecture }) => architecture === 'x86_64')).imageId;

function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const create = (LaunchTemplateData: object, rest: object = {}) =>
    given(
      region.call('CreateLaunchTemplate', { LaunchTemplateName: 'web', LaunchTemplateData, ...rest })
        .LaunchTemplate?.LaunchTemplateId,
    );
  const versions = (rest: object) =>
    region.call('DescribeLaunchTemplateVersions', rest).LaunchTemplateVersions ?? [];
  const launch = (rest: object) =>
    given(region.call('RunInstances', { MinCount: 1, MaxCount: 1, ...rest }).Instances?.[0]);
  return { region, create, versions, launch };
}

test('a template has versions, one of them its default', () => {
  const { region, create, versions } = newRegion();
  const LaunchTemplateId = create(
    { InstanceType: 't3.micro', KeyName: 'k' },
    {
      VersionDescription: 'first',
      TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'a', Value: 'b' }] }],
    },
  );
  region.call('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    SourceVersion: '1',
    LaunchTemplateData: { InstanceType: 't3.small' },
  });
  region.call('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    LaunchTemplateData: { InstanceType: 't3.large' },
  });
  expect(versions({ LaunchTemplateId }).map((each) => [each.VersionNumber, each.LaunchTemplateData])).toEqual(
    [
      [3, { InstanceType: 't3.large' }],
      [2, { InstanceType: 't3.small', KeyName: 'k' }],
      [1, { InstanceType: 't3.micro', KeyName: 'k' }],
    ],
  );
  region.call('ModifyLaunchTemplate', { LaunchTemplateName: 'web', DefaultVersion: '2' });
  expect(region.call('DescribeLaunchTemplates', {}).LaunchTemplates).toEqual([
    {
      LaunchTemplateId,
      LaunchTemplateName: 'web',
      CreateTime: new Date('2026-01-02T03:04:05.000Z'),
      CreatedBy: 'arn:aws:iam::123456789012:root',
      DefaultVersionNumber: 2,
      LatestVersionNumber: 3,
      Operator: { Managed: false },
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  ]);
  region.call('DeleteLaunchTemplate', { LaunchTemplateId });
  expect(region.world.launchTemplateVersions.size).toBe(0);
  expect(refusalOf(() => versions({ LaunchTemplateId }))).toBe(
    `InvalidLaunchTemplateId.NotFound: The specified launch template, with template ID ${LaunchTemplateId}, does not exist.`,
  );
});

test('versions are asked for by number, by $Latest and $Default, by range, by filter and by page', () => {
  const { region, create, versions } = newRegion();
  const LaunchTemplateId = create({ InstanceType: 't3.micro' });
  for (const InstanceType of ['t3.small', 't3.large'] as const) {
    region.call('CreateLaunchTemplateVersion', { LaunchTemplateId, LaunchTemplateData: { InstanceType } });
  }
  const numbers = (rest: object) => versions(rest).map(({ VersionNumber }) => VersionNumber);
  expect(numbers({ LaunchTemplateId, Versions: ['1', '$Latest'] })).toEqual([1, 3]);
  expect(numbers({ Versions: ['$Latest', '$Default'] })).toEqual([3, 1]);
  expect(numbers({ LaunchTemplateId, MinVersion: '2' })).toEqual([3, 2]);
  expect(numbers({ LaunchTemplateId, MaxVersion: '2' })).toEqual([2, 1]);
  expect(numbers({ LaunchTemplateId, Filters: [{ Name: 'instance-type', Values: ['t3.s*'] }] })).toEqual([2]);
  expect(numbers({ LaunchTemplateId, Filters: [{ Name: 'is-default-version', Values: ['true'] }] })).toEqual([
    1,
  ]);
  const first = region.call('DescribeLaunchTemplateVersions', { LaunchTemplateId, MaxResults: 2 });
  const { NextToken } = first;
  expect(first.LaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber)).toEqual([3, 2]);
  expect(numbers({ LaunchTemplateId, NextToken })).toEqual([1]);
});

const refusals: readonly (readonly [input: object, refusal: RegExp])[] = [
  [{ LaunchTemplateName: 'a b' }, /^InvalidLaunchTemplateName.MalformedException/],
  [{ LaunchTemplateName: 'ab' }, /^InvalidLaunchTemplateName.MalformedException/],
  [{ LaunchTemplateName: 'web' }, /^InvalidLaunchTemplateName.AlreadyExistsException: Launch template name/],
  [{ LaunchTemplateData: {} }, /^MissingParameter: .* LaunchTemplateData$/],
  [{ LaunchTemplateData: { UserData: '#!' } }, /^InvalidUserData.Malformed/],
  [
    { LaunchTemplateData: { InstanceType: 't3.micro', InstanceRequirements: {} } },
    /^InvalidParameterCombination/,
  ],
  [{ VersionDescription: 'x'.repeat(256) }, /^InvalidParameterValue/],
];

test.each(refusals)('a template with %j is refused', (input, refusal) => {
  const { region, create } = newRegion();
  create({ InstanceType: 't3.micro' });
  const request = { LaunchTemplateName: 'other', LaunchTemplateData: { InstanceType: 't3.nano' }, ...input };
  // Requests come ill-typed too: that is the point.
  expect(refusalOf(() => region.call('CreateLaunchTemplate', request as never))).toMatch(refusal);
});

test('a template that is not there, or not said', () => {
  const { region, create, versions } = newRegion();
  const LaunchTemplateId = create({ InstanceType: 't3.micro' });
  const modify = (rest: object) => refusalOf(() => region.call('ModifyLaunchTemplate', rest));
  expect(modify({ LaunchTemplateId, DefaultVersion: '666' })).toBe(
    `InvalidLaunchTemplateId.VersionNotFound: Could not find the specified version 666 for the launch template with ID ${LaunchTemplateId}.`,
  );
  expect(modify({ LaunchTemplateName: 'nope', DefaultVersion: '1' })).toBe(
    'InvalidLaunchTemplateName.NotFoundException: The specified launch template, with template name nope, does not exist.',
  );
  expect(modify({ LaunchTemplateId: 'x', DefaultVersion: '1' })).toMatch(
    /^InvalidLaunchTemplateId.Malformed/,
  );
  expect(modify({ LaunchTemplateId, LaunchTemplateName: 'web' })).toMatch(/^InvalidParameterCombination/);
  expect(modify({ DefaultVersion: '1' })).toMatch(/^MissingParameter/);
  expect(refusalOf(() => versions({ Versions: ['1'] }))).toMatch(/^MissingParameter/);
});

test('an instance is launched by a template; what the request says itself wins', () => {
  const { create, launch } = newRegion();
  const LaunchTemplateId = create({
    ImageId,
    InstanceType: 't3.micro',
    MetadataOptions: { HttpTokens: 'required' },
    TagSpecifications: [
      {
        ResourceType: 'instance',
        Tags: [
          { Key: 'Name', Value: 'of template' },
          { Key: 'team', Value: 'net' },
        ],
      },
    ],
  });
  const instance = launch({
    LaunchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
    InstanceType: 't3.small',
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'own' }] }],
  });
  expect(instance).toMatchObject({ ImageId, InstanceType: 't3.small' });
  expect(instance.MetadataOptions?.HttpTokens).toBe('required');
  expect(instance.Tags).toEqual([
    { Key: 'Name', Value: 'own' },
    { Key: 'team', Value: 'net' },
    { Key: 'aws:ec2launchtemplate:id', Value: LaunchTemplateId },
    { Key: 'aws:ec2launchtemplate:version', Value: '1' },
  ]);
});

test('a launch takes the default version; without an image it cannot be', () => {
  const { region, create, launch } = newRegion();
  const LaunchTemplateId = create({ ImageId, InstanceType: 't3.micro' });
  region.call('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    LaunchTemplateData: { InstanceType: 't3.large' },
  });
  expect(launch({ LaunchTemplate: { LaunchTemplateId } }).InstanceType).toBe('t3.micro');
  expect(refusalOf(() => launch({ LaunchTemplate: { LaunchTemplateId, Version: '2' } }))).toBe(
    'MissingParameter: The request must contain the parameter ImageId',
  );
});
