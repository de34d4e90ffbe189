import type { Input } from '../src/cli/demo/aws-line.ts';
import { eventually, type Installation } from '../test/support/installation.ts';

/** Where an instance is. */
export interface Placed {
  readonly instanceId: string;
  /** Its network namespace, named after the primary interface. */
  readonly namespace: string;
  readonly privateIp: string;
  readonly publicIp: string | undefined;
}

/** A VPC with an internet gateway, for benchmarks to build on. */
export class Network {
  readonly croft: Installation;
  readonly vpcId: string;
  /** A route table that leads to the internet gateway. */
  readonly publicTable: string;
  readonly #imageId: string;

  private constructor(croft: Installation, vpcId: string, publicTable: string, imageId: string) {
    this.croft = croft;
    this.vpcId = vpcId;
    this.publicTable = publicTable;
    this.#imageId = imageId;
  }

  /** 10.0.0.0/16, with no subnets yet. */
  static async make(croft: Installation): Promise<Network> {
    const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' })).text('Vpc.VpcId');
    const gateway = (await croft.ec2('CreateInternetGateway')).text('InternetGateway.InternetGatewayId');
    await croft.ec2('AttachInternetGateway', { InternetGatewayId: gateway, VpcId: vpcId });
    const table = (await croft.ec2('CreateRouteTable', { VpcId: vpcId })).text('RouteTable.RouteTableId');
    const toInternet = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway };
    await croft.ec2('CreateRoute', { RouteTableId: table, ...toInternet });
    const images = await croft.ec2('DescribeImages', {
      Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
    });
    return new Network(croft, vpcId, table, images.text('Images.0.ImageId'));
  }

  /** Makes the subnet 10.0.INDEX.0/24; one with a way to the Internet gives its instances public addresses. */
  async addSubnet(index: number, isPublic: boolean): Promise<string> {
    const made = await this.croft.ec2('CreateSubnet', { VpcId: this.vpcId, CidrBlock: `10.0.${index}.0/24` });
    const subnetId = made.text('Subnet.SubnetId');
    if (isPublic) {
      await this.croft.ec2('AssociateRouteTable', { RouteTableId: this.publicTable, SubnetId: subnetId });
      await this.croft.ec2('ModifySubnetAttribute', {
        SubnetId: subnetId,
        MapPublicIpOnLaunch: { Value: true },
      });
    }
    return subnetId;
  }

  /** Makes a security group with these rules for what comes in; out of it everything may go. */
  async addGroup(name: string, ingress: readonly Input[]): Promise<string> {
    const wish = { GroupName: name, Description: name, VpcId: this.vpcId };
    const groupId = (await this.croft.ec2('CreateSecurityGroup', wish)).text('GroupId');
    if (ingress.length > 0)
      await this.croft.ec2('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: ingress });
    return groupId;
  }

  /** Launches instances; resolves as soon as the API has answered. */
  async launch(count: number, subnetId: string, groupIds: readonly string[]): Promise<Placed[]> {
    const reply = await this.croft.ec2('RunInstances', {
      ImageId: this.#imageId,
      InstanceType: 't3.micro',
      MinCount: count,
      MaxCount: count,
      SubnetId: subnetId,
      SecurityGroupIds: groupIds,
    });
    const ids = reply.list('Instances').map((instance) => instance.text('InstanceId'));
    const described = await this.croft.ec2('DescribeInstances', { InstanceIds: ids });
    return described.list('Reservations').flatMap((reservation) =>
      reservation.list('Instances').map((instance) => ({
        instanceId: instance.text('InstanceId'),
        namespace: instance.text('NetworkInterfaces.0.NetworkInterfaceId'),
        privateIp: instance.text('PrivateIpAddress'),
        publicIp: instance.maybe('PublicIpAddress'),
      })),
    );
  }

  /** Launches one instance and waits until it runs. */
  async place(subnetId: string, groupIds: readonly string[]): Promise<Placed> {
    const [placed] = await this.launch(1, subnetId, groupIds);
    if (placed === undefined) throw new Error('RunInstances returned no instance');
    await eventually(`${placed.instanceId} runs`, async () => {
      const reply = await this.croft.ec2('DescribeInstances', { InstanceIds: [placed.instanceId] });
      return reply.maybe('Reservations.0.Instances.0.State.Name') === 'running';
    });
    return placed;
  }

  /** Terminates instances and waits until the fabric has let them go. */
  async terminate(placed: readonly Placed[]): Promise<void> {
    await this.croft.ec2('TerminateInstances', { InstanceIds: placed.map(({ instanceId }) => instanceId) });
    await this.croft.settle();
  }
}

/** The public address of an instance that must have one. */
export function publicIpOf({ instanceId, publicIp }: Placed): string {
  if (publicIp === undefined) throw new Error(`${instanceId} has no public address`);
  return publicIp;
}
