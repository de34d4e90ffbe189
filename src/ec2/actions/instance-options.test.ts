import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { specOf } from '../../control/instances.ts';

/** A region with a VPC that has host names, and a subnet. */
function newSubnet() {
  const region = new TestRegion({ isSeeded: true });
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  region.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  const run = (more: Partial<RunInstancesRequest> = {}) => {
    const Filters = [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }];
    const ImageId = region.call('DescribeImages', { Filters }).Images?.[0]?.ImageId;
    const base = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId } as const;
    return given(region.call('RunInstances', { ...base, ...more }).Instances?.[0]);
  };
  const show = (id: string | undefined) =>
    region.call('DescribeInstances', { InstanceIds: [given(id)] }).Reservations?.[0]?.Instances?.[0];
  const become = (id: string | undefined, state: 'running' | 'stopped') =>
    region.write(({ tx }) => tx.instances.put({ ...given(tx.instances.get(given(id))), state }));
  return { region, SubnetId, run, show, become };
}

const IP_NAME = {
  HostnameType: 'ip-name',
  EnableResourceNameDnsARecord: false,
  EnableResourceNameDnsAAAARecord: false,
} as const;

test('an instance is called as its subnet says, unless its launch says otherwise', () => {
  const { region, SubnetId, run } = newSubnet();
  expect(run()).toMatchObject({
    PrivateDnsNameOptions: IP_NAME,
    PrivateDnsName: 'ip-10-0-0-4.ec2.internal',
    NetworkInterfaces: [{ PrivateDnsName: 'ip-10-0-0-4.ec2.internal' }],
  });
  const own = run({ PrivateDnsNameOptions: { HostnameType: 'resource-name' } });
  expect(own).toMatchObject({
    PrivateDnsNameOptions: { ...IP_NAME, HostnameType: 'resource-name' },
    PrivateDnsName: `${own.InstanceId}.ec2.internal`,
  });
  region.call('ModifySubnetAttribute', { SubnetId, PrivateDnsHostnameTypeOnLaunch: 'resource-name' });
  region.call('ModifySubnetAttribute', { SubnetId, EnableResourceNameDnsARecordOnLaunch: { Value: true } });
  const followed = run();
  expect(followed.PrivateDnsNameOptions).toEqual({
    HostnameType: 'resource-name',
    EnableResourceNameDnsARecord: true,
    EnableResourceNameDnsAAAARecord: false,
  });
  const instance = given(region.world.instances.get(given(followed.InstanceId)));
  expect(specOf(region.world, instance)).toMatchObject({
    hostname: followed.InstanceId,
    domain: 'ec2.internal',
  });
  const Filters = [{ Name: 'private-dns-name', Values: [`${followed.InstanceId}.ec2.internal`] }];
  expect(region.call('DescribeInstances', { Filters }).Reservations).toMatchObject([
    { Instances: [{ InstanceId: followed.InstanceId }] },
  ]);
  expect(run({ PrivateDnsNameOptions: IP_NAME }).PrivateDnsNameOptions).toEqual(IP_NAME);
});

test('names are changed: the records at any time, the type of name while it is stopped', () => {
  const { region, run, show, become } = newSubnet();
  const { InstanceId } = run();
  become(InstanceId, 'running');
  region.call('ModifyPrivateDnsNameOptions', { InstanceId, EnableResourceNameDnsARecord: true });
  expect(show(InstanceId)?.PrivateDnsNameOptions).toEqual({ ...IP_NAME, EnableResourceNameDnsARecord: true });
  const rename = () =>
    region.call('ModifyPrivateDnsNameOptions', { InstanceId, PrivateDnsHostnameType: 'resource-name' });
  expect(refusalOf(rename)).toBe(
    `IncorrectInstanceState: The instance '${InstanceId}' is not in the 'stopped' state.`,
  );
  become(InstanceId, 'stopped');
  expect(rename()).toEqual({ Return: true });
  expect(show(InstanceId)).toMatchObject({
    PrivateDnsNameOptions: { HostnameType: 'resource-name', EnableResourceNameDnsARecord: true },
    PrivateDnsName: `${InstanceId}.ec2.internal`,
  });
});

test.each<[type: string, options: object | undefined, expected: object]>([
  ['t2.micro', undefined, { CoreCount: 1, ThreadsPerCore: 1 }],
  ['t3.micro', undefined, { CoreCount: 1, ThreadsPerCore: 2 }],
  ['c5.xlarge', undefined, { CoreCount: 2, ThreadsPerCore: 2 }],
  ['c5.xlarge', { CoreCount: 2, ThreadsPerCore: 1 }, { CoreCount: 2, ThreadsPerCore: 1 }],
  ['c5.xlarge', { CoreCount: 1 }, { CoreCount: 1, ThreadsPerCore: 2 }],
])('%s with CPU options %j has %j', (InstanceType, CpuOptions, expected) => {
  const { run } = newSubnet();
  const made = run({ InstanceType, CpuOptions } as Partial<RunInstancesRequest>);
  expect(made.CpuOptions).toEqual(expected);
});

test.each<[options: object, refusal: string]>([
  [
    { CoreCount: 3 },
    'InvalidParameterValue: CpuOptions of 3 cores with 2 threads are not supported for the instance type c5.xlarge, which has 2 cores with 2 threads each.',
  ],
  [
    { ThreadsPerCore: 0 },
    'InvalidParameterValue: CpuOptions of 2 cores with 0 threads are not supported for the instance type c5.xlarge, which has 2 cores with 2 threads each.',
  ],
  [
    { AmdSevSnp: 'enabled' },
    "UnsupportedOperation: Cloudcroft does nothing by the parameter CpuOptions.AmdSevSnp of RunInstances but 'disabled'. Leave it out.",
  ],
])('CPU options %j are refused', (CpuOptions, refusal) => {
  const { run } = newSubnet();
  expect(refusalOf(() => run({ InstanceType: 'c5.xlarge', CpuOptions }))).toBe(refusal);
});

test('recovery and credits: as the launch says, and changed afterwards', () => {
  const { region, run, show } = newSubnet();
  const plain = run();
  expect(plain.MaintenanceOptions).toEqual({ AutoRecovery: 'default' });
  expect(run({ MaintenanceOptions: { AutoRecovery: 'disabled' } }).MaintenanceOptions).toEqual({
    AutoRecovery: 'disabled',
  });
  const { InstanceId } = plain;
  expect(region.call('ModifyInstanceMaintenanceOptions', { InstanceId, AutoRecovery: 'disabled' })).toEqual({
    InstanceId,
    AutoRecovery: 'disabled',
  });
  expect(show(InstanceId)?.MaintenanceOptions).toEqual({ AutoRecovery: 'disabled' });
  const large = run({ InstanceType: 'c5.large' }).InstanceId;
  const changed = region.call('ModifyInstanceCreditSpecification', {
    InstanceCreditSpecifications: [
      { InstanceId, CpuCredits: 'standard' },
      { InstanceId: large, CpuCredits: 'standard' },
    ],
  });
  expect(changed).toEqual({
    SuccessfulInstanceCreditSpecifications: [{ InstanceId }],
    UnsuccessfulInstanceCreditSpecifications: [
      {
        InstanceId: large,
        Error: {
          Code: 'InstanceCreditSpecification.NotSupported',
          Message: `The instance ${large} is of the type c5.large, which has no CPU credits.`,
        },
      },
    ],
  });
  expect(region.call('DescribeInstanceCreditSpecifications', {}).InstanceCreditSpecifications).toContainEqual(
    { InstanceId, CpuCredits: 'standard' },
  );
});

test('a new instance says that it is pending, and no more once it runs', () => {
  const { run, show, become } = newSubnet();
  const made = run();
  expect(made.StateReason).toEqual({ Code: 'pending', Message: 'pending' });
  become(made.InstanceId, 'running');
  expect(show(made.InstanceId)).not.toHaveProperty('StateReason');
});

test('a launch template says how its instances are called', () => {
  const { region, run } = newSubnet();
  region.call('CreateLaunchTemplate', {
    LaunchTemplateName: 'named',
    LaunchTemplateData: {
      PrivateDnsNameOptions: { HostnameType: 'resource-name' },
      MaintenanceOptions: { AutoRecovery: 'disabled' },
    },
  });
  expect(run({ LaunchTemplate: { LaunchTemplateName: 'named' } })).toMatchObject({
    PrivateDnsNameOptions: { HostnameType: 'resource-name' },
    MaintenanceOptions: { AutoRecovery: 'disabled' },
  });
});
