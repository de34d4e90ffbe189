import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** Launches one instance; its id. */
function launch(region: TestRegion, more: object = {}): string {
  const Filters = [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }];
  const ImageId = region.call('DescribeImages', { Filters }).Images?.[0]?.ImageId;
  const base = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
  return given(region.call('RunInstances', { ...base, ...more }).Instances?.[0]?.InstanceId);
}

function volumesOf(region: TestRegion, id: string) {
  const Filters = [{ Name: 'attachment.instance-id', Values: [id] }];
  return region.call('DescribeVolumes', { Filters }).Volumes ?? [];
}

test.each<[string, BlockDeviceMapping[], object[]]>([
  ['nothing', [], [{ Size: 8, VolumeType: 'gp3', Iops: 3000, Throughput: 125, Encrypted: false }]],
  [
    'a larger root',
    [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20, Encrypted: true } }],
    [{ Size: 20, VolumeType: 'gp3', Encrypted: true }],
  ],
  [
    'a root of gp2',
    [{ DeviceName: '/dev/xvda', Ebs: { VolumeType: 'gp2', VolumeSize: 100 } }],
    [{ VolumeType: 'gp2', Iops: 300 }],
  ],
  [
    'a second volume',
    [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 500, VolumeType: 'st1', DeleteOnTermination: false } }],
    [
      { Size: 8 },
      { Size: 500, VolumeType: 'st1', Attachments: [{ Device: '/dev/sdf', DeleteOnTermination: false }] },
    ],
  ],
  [
    'a device taken out, and an instance store',
    [
      { DeviceName: '/dev/sdb', NoDevice: '' },
      { DeviceName: '/dev/sdc', VirtualName: 'ephemeral0' },
    ],
    [{ Size: 8 }],
  ],
  [
    'a key',
    [{ DeviceName: '/dev/xvda', Ebs: { KmsKeyId: 'alias/own' } }],
    [{ Encrypted: true, KmsKeyId: 'alias/own' }],
  ],
])('a launch with %s has the volumes it asked for', (_, BlockDeviceMappings, expected) => {
  const region = new TestRegion({ isSeeded: true });
  const id = launch(region, { BlockDeviceMappings });
  const volumes = volumesOf(region, id);
  expect(volumes).toMatchObject(expected);
  expect(volumes).toHaveLength(expected.length);
  const shown = region.call('DescribeInstances', { InstanceIds: [id] }).Reservations?.[0]?.Instances?.[0];
  expect(shown?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId)).toEqual(
    volumes.map(({ VolumeId }) => VolumeId),
  );
});

test.each<[BlockDeviceMapping[], string]>([
  [[{ Ebs: { VolumeSize: 8 } }], 'MissingParameter: The request must contain the parameter deviceName'],
  [
    [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }],
    "InvalidBlockDeviceMapping: A volume of 4GB is smaller than the image's: expect >= 8GB.",
  ],
  [
    [{ DeviceName: '/dev/sdf', Ebs: {} }],
    'InvalidBlockDeviceMapping: Either a snapshot or a volume size must be given.',
  ],
  [
    [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 9, VolumeType: 'io1' } }],
    'MissingParameter: The request must contain the parameter iops',
  ],
  [
    [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 9, VolumeType: 'st1', Iops: 100 } }],
    'InvalidBlockDeviceMapping: The parameter iops is not supported for st1 volumes.',
  ],
  [
    [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 9, VolumeType: 'gp2', Throughput: 200 } }],
    'InvalidBlockDeviceMapping: The parameter throughput is not supported for gp2 volumes.',
  ],
  [
    [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 20_000, VolumeType: 'gp2' } }],
    'InvalidParameterValue: Value (20000) for parameter size is invalid. A volume of type gp2 has 1 to 16384 GiB.',
  ],
  [
    [
      { DeviceName: '/dev/sdf', NoDevice: '' },
      { DeviceName: '/dev/sdf', NoDevice: '' },
    ],
    'InvalidBlockDeviceMapping: /dev/sdf is named twice.',
  ],
])('volumes that cannot be: %j', (BlockDeviceMappings, refusal) => {
  const region = new TestRegion({ isSeeded: true });
  expect(refusalOf(() => launch(region, { BlockDeviceMappings }))).toBe(refusal);
});

test('volumes are tagged at launch and later, and found by their tags', () => {
  const region = new TestRegion({ isSeeded: true });
  const TagSpecifications = [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'disk' }] }];
  const id = launch(region, { TagSpecifications });
  const VolumeId = given(volumesOf(region, id)[0]?.VolumeId);
  region.call('CreateTags', { Resources: [VolumeId], Tags: [{ Key: 'team', Value: 'net' }] });
  region.call('DeleteTags', { Resources: [VolumeId], Tags: [{ Key: 'Name' }] });
  expect(volumesOf(region, id)[0]?.Tags).toEqual([{ Key: 'team', Value: 'net' }]);
  const Filters = [{ Name: 'resource-type', Values: ['volume'] }];
  expect(region.call('DescribeTags', { Filters }).Tags).toEqual([
    { ResourceId: VolumeId, ResourceType: 'volume', Key: 'team', Value: 'net' },
  ]);
  const tag = (volume: string) => () =>
    region.call('CreateTags', { Resources: [volume], Tags: [{ Key: 'a' }] });
  expect(refusalOf(tag('vol-0123456789abcdef0'))).toBe(
    "InvalidVolume.NotFound: The volume 'vol-0123456789abcdef0' does not exist.",
  );
  expect(refusalOf(tag('vol-x'))).toMatch(/^InvalidVolumeID.Malformed: /);
});

test('of a volume, whether it ends with the instance can be changed', () => {
  const region = new TestRegion({ isSeeded: true });
  const InstanceId = launch(region);
  const change = (DeviceName: string) => () =>
    region.call('ModifyInstanceAttribute', {
      InstanceId,
      BlockDeviceMappings: [{ DeviceName, Ebs: { DeleteOnTermination: false } }],
    });
  change('/dev/xvda')();
  expect(volumesOf(region, InstanceId)[0]?.Attachments?.[0]?.DeleteOnTermination).toBe(false);
  expect(refusalOf(change('/dev/sdz'))).toBe(
    'InvalidInstanceAttributeValue: No device is currently mapped at /dev/sdz',
  );
});

test('credits are as the launch says, and of burstable types only', () => {
  const region = new TestRegion({ isSeeded: true });
  const CreditSpecification = { CpuCredits: 'standard' };
  const ids = [launch(region, { CreditSpecification }), launch(region)];
  const shown = region.call('DescribeInstanceCreditSpecifications', { InstanceIds: ids });
  expect(shown.InstanceCreditSpecifications?.map(({ CpuCredits }) => CpuCredits)).toEqual([
    'standard',
    'unlimited',
  ]);
  expect(refusalOf(() => launch(region, { InstanceType: 'm5.large', CreditSpecification }))).toMatch(
    /^InvalidParameterCombination: /,
  );
  expect(refusalOf(() => launch(region, { CreditSpecification: { CpuCredits: 'all' } }))).toBe(
    'InvalidParameterValue: Value (all) for parameter cpuCredits is invalid. Use standard or unlimited.',
  );
});

test('monitoring is switched on and off, of all named instances or of none', () => {
  const region = new TestRegion({ isSeeded: true });
  const id = launch(region);
  const stateOf = () =>
    region.call('DescribeInstances', { InstanceIds: [id] }).Reservations?.[0]?.Instances?.[0]?.Monitoring
      ?.State;
  const InstanceIds = [id, 'i-0123456789abcdef0'];
  expect(refusalOf(() => region.call('MonitorInstances', { InstanceIds }))).toMatch(
    /^InvalidInstanceID.NotFound: /,
  );
  expect(stateOf()).toBe('disabled');
  region.call('MonitorInstances', { InstanceIds: [id] });
  expect(stateOf()).toBe('enabled');
  region.call('UnmonitorInstances', { InstanceIds: [id] });
  expect(stateOf()).toBe('disabled');
});

test('an instance of a launch template has its volumes and credits, and is refused what nobody does', () => {
  const region = new TestRegion({ isSeeded: true });
  const make = (LaunchTemplateName: string, data: object) => {
    region.call('CreateLaunchTemplate', { LaunchTemplateName, LaunchTemplateData: data });
    return launch(region, { LaunchTemplate: { LaunchTemplateName } });
  };
  const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 30 } }];
  const id = make('large', { BlockDeviceMappings, CreditSpecification: { CpuCredits: 'standard' } });
  expect(volumesOf(region, id)).toMatchObject([{ Size: 30 }]);
  expect(refusalOf(() => make('spot', { InstanceMarketOptions: { MarketType: 'spot' } }))).toMatch(
    /^UnsupportedOperation: .* InstanceMarketOptions /,
  );
});
