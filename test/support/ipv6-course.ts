import type { Course } from './course.ts';
import type { Installation } from './installation.ts';

/** What the course's network has besides when it speaks IPv6. */
export interface Ipv6Course {
  readonly bastion: string;
  readonly private: string;
  readonly egressOnlyGatewayId: string;
  /** Of the VPC's block. */
  readonly associationId: string;
}

const EVERYWHERE = { DestinationIpv6CidrBlock: '::/0' };
const ALL = [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];
const SSH = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];

/**
 * Gives the course's VPC, subnets and instances IPv6: the bastion's subnet leads out by the internet gateway, the private one
 * by an egress-only one. Groups let all of IPv6 out; the bastion's SSH is open to it.
 */
export async function speakIpv6(croft: Installation, course: Course): Promise<Ipv6Course> {
  const { vpcId, publicSubnet, privateSubnet, publicTable, mainTable, gatewayId } = course;
  const given = await croft.ec2('AssociateVpcCidrBlock', { VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true });
  const described = await croft.ec2('DescribeVpcs', { VpcIds: [vpcId] });
  const block = described.text('Vpcs.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlock');
  for (const [index, SubnetId] of [publicSubnet, privateSubnet].entries()) {
    const Ipv6CidrBlock = block.replace(/00::\/56$/, `0${index}::/64`);
    await croft.ec2('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock });
  }
  const made = await croft.ec2('CreateEgressOnlyInternetGateway', { VpcId: vpcId });
  const EgressOnlyInternetGatewayId = made.text('EgressOnlyInternetGateway.EgressOnlyInternetGatewayId');
  await croft.ec2('CreateRoute', { ...EVERYWHERE, RouteTableId: publicTable, GatewayId: gatewayId });
  await croft.ec2('CreateRoute', { ...EVERYWHERE, RouteTableId: mainTable, EgressOnlyInternetGatewayId });
  for (const GroupId of [course.bastionGroup, course.privateGroup]) {
    await croft.ec2('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions: ALL });
  }
  await croft.ec2('AuthorizeSecurityGroupIngress', { GroupId: course.bastionGroup, IpPermissions: SSH });
  const bastion = await assign(croft, course.bastionId);
  const inner = await assign(croft, course.privateId);
  await croft.settle();
  return {
    bastion,
    private: inner,
    egressOnlyGatewayId: EgressOnlyInternetGatewayId,
    associationId: given.text('Ipv6CidrBlockAssociation.AssociationId'),
  };
}

/** Gives a running instance an IPv6 address. */
async function assign(croft: Installation, instanceId: string): Promise<string> {
  const described = await croft.ec2('DescribeInstances', { InstanceIds: [instanceId] });
  const eni = described.text('Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId');
  const assigned = await croft.ec2('AssignIpv6Addresses', { NetworkInterfaceId: eni, Ipv6AddressCount: 1 });
  return assigned.text('AssignedIpv6Addresses.0');
}
