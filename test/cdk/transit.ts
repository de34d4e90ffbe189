import { type App, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import {
  CfnRoute,
  CfnTransitGateway,
  CfnTransitGatewayAttachment,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { addInstance } from './machine.ts';

/** Two VPCs on a transit gateway; the changed stack lets in another port. */
export class TransitStack extends Stack {
  constructor(app: App, name: string, isChanged: boolean) {
    super(app, name, { synthesizer: new LegacyStackSynthesizer() });
    const hub = new CfnTransitGateway(this, 'Hub', { description: 'between the spokes' });
    for (const [label, block, other] of [
      ['spoke-a', '10.5.0.0/16', '10.6.0.0/16'],
      ['spoke-b', '10.6.0.0/16', '10.5.0.0/16'],
    ] as const) {
      const vpc = new Vpc(this, `${label}Vpc`, {
        ipAddresses: IpAddresses.cidr(block),
        maxAzs: 1,
        subnetConfiguration: [{ name: 'inner', subnetType: SubnetType.PRIVATE_ISOLATED }],
        restrictDefaultSecurityGroup: false,
      });
      const attachment = new CfnTransitGatewayAttachment(this, `${label}Attachment`, {
        transitGatewayId: hub.ref,
        vpcId: vpc.vpcId,
        subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
      });
      vpc.isolatedSubnets.forEach(({ routeTable }, index) => {
        const route = new CfnRoute(this, `${label}Route${index}`, {
          routeTableId: routeTable.routeTableId,
          destinationCidrBlock: other,
          transitGatewayId: hub.ref,
        });
        route.addResourceDependency(attachment);
      });
      const group = new SecurityGroup(this, `${label}Group`, { vpc });
      group.addIngressRule(Peer.ipv4(other), isChanged ? Port.HTTPS : Port.SSH);
      addInstance(this, label, vpc, { subnetType: SubnetType.PRIVATE_ISOLATED }, group);
    }
  }
}
