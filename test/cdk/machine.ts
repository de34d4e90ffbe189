import { type Stack, Tags } from 'aws-cdk-lib';
import {
  Instance,
  InstanceClass,
  InstanceSize,
  InstanceType,
  type IVpc,
  MachineImage,
  type SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';

/** The laptop of the simulated Internet. */
export const LAPTOP = '198.51.100.10/32';

/** An instance with a name. */
export function addInstance(
  stack: Stack,
  name: string,
  vpc: IVpc,
  vpcSubnets: SubnetSelection,
  securityGroup: SecurityGroup,
): Instance {
  const instance = new Instance(stack, name, {
    vpc,
    vpcSubnets,
    securityGroup,
    instanceType: InstanceType.of(InstanceClass.T3, InstanceSize.MICRO),
    machineImage: MachineImage.latestAmazonLinux2023(),
  });
  Tags.of(instance).add('Name', name);
  return instance;
}
