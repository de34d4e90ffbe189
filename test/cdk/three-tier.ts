import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import {
  CfnSubnet,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { addInstance, LAPTOP } from './machine.ts';

/** Web, application and data, each let in by the one before; endpoints for S3 and Systems Manager. */
export class ThreeTierStack extends Stack {
  constructor(app: App, name: string, isChanged: boolean) {
    super(app, name);
    const tiers = [
      { name: 'web', subnetType: SubnetType.PUBLIC, cidrMask: 24 },
      { name: 'app', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
      { name: 'data', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ];
    const more = { name: 'cache', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 };
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.1.0.0/16'),
      maxAzs: 2,
      natGateways: 1,
      subnetConfiguration: isChanged ? [...tiers, more] : tiers,
    });
    // Another block is another subnet: the new one is made before the old one goes.
    const spare = new CfnSubnet(this, 'Spare', {
      vpcId: vpc.vpcId,
      cidrBlock: isChanged ? '10.1.201.0/24' : '10.1.200.0/24',
    });
    const web = new SecurityGroup(this, 'Web', { vpc });
    const application = new SecurityGroup(this, 'Application', { vpc });
    const data = new SecurityGroup(this, 'Data', { vpc, allowAllOutbound: false });
    web.addIngressRule(Peer.ipv4(isChanged ? '198.51.100.0/24' : LAPTOP), Port.tcp(443));
    application.addIngressRule(web, Port.tcp(8080));
    data.addIngressRule(application, Port.tcp(5432));
    addInstance(this, 'web', vpc, { subnetGroupName: 'web' }, web);
    addInstance(this, 'app', vpc, { subnetGroupName: 'app' }, application);
    addInstance(this, 'data', vpc, { subnetGroupName: 'data' }, data);
    vpc.addGatewayEndpoint('S3', {
      service: GatewayVpcEndpointAwsService.S3,
      subnets: [{ subnetGroupName: 'app' }],
    });
    const ssm = vpc.addInterfaceEndpoint('Ssm', {
      service: InterfaceVpcEndpointAwsService.SSM,
      subnets: { subnetGroupName: 'data' },
    });
    Tags.of(ssm).add('Name', 'ssm-endpoint');
    new CfnOutput(this, 'SpareSubnet', { value: spare.ref, exportName: 'SpareSubnet' });
  }
}
