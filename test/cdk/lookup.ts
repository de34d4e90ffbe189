import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import { MachineImage, Peer, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';

const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** What CDK asks the account about while it synthesises: a VPC, an image, a parameter, zones. */
export class LookupStack extends Stack {
  constructor(app: App, name: string) {
    const { CDK_DEFAULT_ACCOUNT: account = '', CDK_DEFAULT_REGION: region = '' } = process.env;
    super(app, name, { env: { account, region } });
    const vpc = Vpc.fromLookup(this, 'Found', { isDefault: true });
    const group = new SecurityGroup(this, 'Group', { vpc });
    for (const { ipv4CidrBlock } of vpc.publicSubnets)
      group.addIngressRule(Peer.ipv4(ipv4CidrBlock), Port.HTTPS);
    const image = MachineImage.lookup({ name: 'al2023-ami-2023.*-x86_64', owners: ['amazon'] });
    new CfnOutput(this, 'Image', { value: image.getImage(this).imageId });
    new CfnOutput(this, 'Parameter', { value: StringParameter.valueFromLookup(this, IMAGE) });
    new CfnOutput(this, 'Zones', { value: this.availabilityZones.join(' ') });
  }
}
