import { type App, Stack } from 'aws-cdk-lib';
import { IpAddresses, IpProtocol, Ipv6Addresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';

/** IPv4 and IPv6, with an egress-only internet gateway. */
export class DualStack extends Stack {
  constructor(app: App, name: string) {
    super(app, name);
    new Vpc(this, 'Vpc', {
      ipProtocol: IpProtocol.DUAL_STACK,
      ipAddresses: IpAddresses.cidr('10.8.0.0/16'),
      ipv6Addresses: Ipv6Addresses.amazonProvided(),
      maxAzs: 2,
      natGateways: 1,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
    });
  }
}
