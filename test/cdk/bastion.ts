import { type App, Stack } from 'aws-cdk-lib';
import { BastionHostLinux, IpAddresses, Peer, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { LAPTOP } from './machine.ts';

/** CDK's own bastion host, in a public subnet. */
export class BastionStack extends Stack {
  constructor(app: App, name: string) {
    super(app, name);
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.2.0.0/16'),
      maxAzs: 1,
      natGateways: 0,
      subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC }],
    });
    const bastion = new BastionHostLinux(this, 'Bastion', {
      vpc,
      subnetSelection: { subnetType: SubnetType.PUBLIC },
      instanceName: 'bastion-host',
    });
    bastion.allowSshAccessFrom(Peer.ipv4(LAPTOP));
  }
}
