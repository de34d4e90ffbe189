import { expect, test } from 'vitest';
import { given, TestRegion } from '../../../test/support/ec2.ts';
import { imagesOf } from '../catalogue/images.ts';

test.each([
  ['EnableResourceNameDnsARecordOnLaunch', { a: true, aaaa: false }],
  ['EnableResourceNameDnsAAAARecordOnLaunch', { a: false, aaaa: true }],
  [undefined, { a: false, aaaa: false }],
] as const)('an instance shows the records of its name by id that its subnet asks for: %s', (wish, shown) => {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  if (wish !== undefined) region.call('ModifySubnetAttribute', { SubnetId, [wish]: { Value: true } });
  const { imageId: ImageId } = given(imagesOf('us-east-1').find((image) => image.architecture === 'x86_64'));
  const wanted = { ImageId, MinCount: 1, MaxCount: 1, SubnetId };
  const launched = region.call('RunInstances', { ...wanted, InstanceType: 't3.micro' });
  expect(launched.Instances?.[0]?.PrivateDnsNameOptions).toEqual({
    HostnameType: 'ip-name',
    EnableResourceNameDnsARecord: shown.a,
    EnableResourceNameDnsAAAARecord: shown.aaaa,
  });
});
