import { type App, BootstraplessSynthesizer, Stack } from 'aws-cdk-lib';
import {
  CfnRoute,
  CfnVPCPeeringConnection,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { addInstance } from './machine.ts';

/** Two VPCs and the way between them, which the changed stack has one way only. */
export class PeeringStack extends Stack {
  constructor(app: App, name: string, isChanged: boolean) {
    super(app, name, { synthesizer: new BootstraplessSynthesizer() });
    const [near, far] = [this.#makeVpc('Near', '10.3.0.0/16'), this.#makeVpc('Far', '10.4.0.0/16')];
    const peering = new CfnVPCPeeringConnection(this, 'Peering', { vpcId: near.vpcId, peerVpcId: far.vpcId });
    const connect = (id: string, from: Vpc, to: Vpc): void => {
      from.isolatedSubnets.forEach(({ routeTable }, index) => {
        new CfnRoute(this, `${id}${index}`, {
          routeTableId: routeTable.routeTableId,
          destinationCidrBlock: to.vpcCidrBlock,
          vpcPeeringConnectionId: peering.ref,
        });
      });
    };
    connect('There', near, far);
    if (!isChanged) connect('Back', far, near);
    for (const [label, vpc] of [['near', near] as const, ['far', far] as const]) {
      const group = new SecurityGroup(this, `${label}Group`, { vpc });
      group.addIngressRule(Peer.ipv4('10.0.0.0/8'), Port.SSH);
      addInstance(this, label, vpc, { subnetType: SubnetType.PRIVATE_ISOLATED }, group);
    }
  }

  #makeVpc(id: string, block: string): Vpc {
    return new Vpc(this, id, {
      ipAddresses: IpAddresses.cidr(block),
      maxAzs: 1,
      subnetConfiguration: [{ name: 'inner', subnetType: SubnetType.PRIVATE_ISOLATED }],
      restrictDefaultSecurityGroup: false,
    });
  }
}
