import { expect, test } from 'vitest';
import { exportCloudFormation } from '../../src/transfer/cloudformation/export.ts';
import { exportTerraform } from '../../src/transfer/terraform/export.ts';
import { given, TestRegion } from '../support/ec2.ts';
import { exportRegion } from './export-region.ts';

/** A region with a VPC of both families, a subnet of both and, when wished, one of IPv6 only. */
function regionWith(isNativeThere: boolean): TestRegion {
  const region = new TestRegion({ isSeeded: true });
  const made = region.call('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true });
  const VpcId = given(made.Vpc?.VpcId);
  const both = { CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8:c000::/64' };
  region.call('CreateSubnet', { VpcId, ...both });
  const native = { Ipv6Native: true, Ipv6CidrBlock: '2001:db8:c000:1::/64' };
  if (isNativeThere) region.call('CreateSubnet', { VpcId, ...native });
  return region;
}

test('a subnet of IPv6 only as Terraform', () => {
  const { text, notes } = exportRegion(regionWith(true).world, exportTerraform);
  const block = /resource "aws_subnet" "\w*ipv6\w*" \{[^}]*\}/.exec(text)?.[0] ?? '';
  expect(block).toMatch(/^ {2}ipv6_native +=+ true$/m);
  expect(block).toMatch(/^ {2}ipv6_cidr_block +=+ cidrsubnet\(aws_vpc\.\w+\.ipv6_cidr_block, 8, 1\)$/m);
  expect(block).not.toMatch(/^ {2}cidr_block/m);
  expect(text.match(/^ {2}cidr_block += "10.0.0.0\/24"$/gm)).toHaveLength(1);
  expect(notes).toEqual(['main gets another IPv6 block of Amazon’s.']);
  expect(exportRegion(regionWith(false).world, exportTerraform).text).not.toContain('ipv6_native');
});

test('a subnet of IPv6 only as CloudFormation', () => {
  const { text } = exportRegion(regionWith(true).world, exportCloudFormation);
  const { Resources } = JSON.parse(text);
  const subnets = Object.values<{ Type: string; Properties: object }>(Resources)
    .filter(({ Type }) => Type === 'AWS::EC2::Subnet')
    .map(({ Properties }) => Properties);
  expect(subnets).toHaveLength(2);
  const native = subnets.filter((properties) => 'Ipv6Native' in properties);
  expect(native).toMatchObject([{ Ipv6Native: true, AssignIpv6AddressOnCreation: true }]);
  expect(native[0]).not.toHaveProperty('CidrBlock');
});
