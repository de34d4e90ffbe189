import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

const volumes: readonly (readonly [name: string, type: string, device: string])[] = [
  ['al2023-ami-2023.*-x86_64', 'gp3', '/dev/xvda'],
  ['amzn2-ami-hvm-*-x86_64-gp2', 'gp2', '/dev/xvda'],
  ['ubuntu/images/hvm-ssd/ubuntu-jammy-*-amd64-server-*', 'gp2', '/dev/sda1'],
  ['ubuntu/images/hvm-ssd-gp3/ubuntu-noble-*-amd64-server-*', 'gp3', '/dev/sda1'],
];

test.each(volumes)('%s has a root volume of type %s, and so have its instances', (name, type, device) => {
  const region = new TestRegion({ isSeeded: true });
  const find = (volumeType: string) =>
    region.call('DescribeImages', {
      Filters: [
        { Name: 'name', Values: [name] },
        { Name: 'block-device-mapping.volume-type', Values: [volumeType] },
      ],
    }).Images ?? [];
  const [image] = find(type);
  const ImageId = given(image?.ImageId);
  expect(find(type === 'gp2' ? 'gp3' : 'gp2')).toEqual([]);
  const ebs = image?.BlockDeviceMappings?.[0]?.Ebs;
  expect(ebs).toMatchObject({ VolumeType: type, SnapshotId: `snap-${ImageId.slice('ami-'.length)}` });
  expect(ebs?.Throughput).toBe(type === 'gp2' ? undefined : 125);
  const Filters = [{ Name: 'block-device-mapping.snapshot-id', Values: [given(ebs?.SnapshotId)] }];
  expect(region.call('DescribeImages', { Filters }).Images).toMatchObject([{ ImageId }]);
  const launch = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
  const InstanceId = given(region.call('RunInstances', launch).Instances?.[0]?.InstanceId);
  const of = [{ Name: 'attachment.instance-id', Values: [InstanceId] }];
  expect(region.call('DescribeVolumes', { Filters: of }).Volumes).toMatchObject([
    { VolumeType: type, Size: 8, Attachments: [{ Device: device }] },
  ]);
  expect(
    region.call('DescribeInstanceAttribute', { InstanceId, Attribute: 'rootDeviceName' }).RootDeviceName,
  ).toEqual({ Value: device });
});

test.each([
  [
    't2.micro',
    { DefaultVCpus: 1, DefaultCores: 1, DefaultThreadsPerCore: 1, ValidCores: [1], ValidThreadsPerCore: [1] },
  ],
  [
    't2.medium',
    {
      DefaultVCpus: 2,
      DefaultCores: 2,
      DefaultThreadsPerCore: 1,
      ValidCores: [1, 2],
      ValidThreadsPerCore: [1],
    },
  ],
  [
    't3.micro',
    {
      DefaultVCpus: 2,
      DefaultCores: 1,
      DefaultThreadsPerCore: 2,
      ValidCores: [1],
      ValidThreadsPerCore: [1, 2],
    },
  ],
  [
    't4g.micro',
    {
      DefaultVCpus: 2,
      DefaultCores: 2,
      DefaultThreadsPerCore: 1,
      ValidCores: [1, 2],
      ValidThreadsPerCore: [1],
    },
  ],
] as const)('the type %s has the processors %j', (type, processors) => {
  const region = new TestRegion({ isSeeded: true });
  const { InstanceTypes } = region.call('DescribeInstanceTypes', { InstanceTypes: [type] });
  expect(InstanceTypes?.[0]?.VCpuInfo).toEqual(processors);
});

test('records are found by the value of any tag', () => {
  const region = new TestRegion({ isSeeded: true });
  const tagged = (Value: string) =>
    region.call('CreateVpc', {
      CidrBlock: '10.0.0.0/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'team', Value }] }],
    }).Vpc?.VpcId;
  const [own] = [tagged('my-team'), tagged('other')];
  const Filters = [{ Name: 'tag-value', Values: ['my-*'] }];
  expect(region.call('DescribeVpcs', { Filters }).Vpcs).toMatchObject([{ VpcId: own }]);
  const wrong = [{ Name: 'tag-values', Values: ['my-*'] }];
  expect(refusalOf(() => region.call('DescribeVpcs', { Filters: wrong }))).toBe(
    "InvalidParameterValue: The filter 'tag-values' is invalid",
  );
});
