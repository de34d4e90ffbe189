import { findPrefix } from '../src/region/prefixes.ts';
import type { Installation } from '../test/support/installation.ts';
import { Network, type Placed } from './network.ts';

const REGION = 'ap-northeast-2';
/** The region's S3 by name, and its address. */
export const S3_HOST = `s3.${REGION}.amazonaws.com`;
export const S3_ADDRESS = findPrefix(REGION, 's3')?.serverAddress ?? '';
/** Of the file that is copied: 1 GiB. */
export const MEGABYTES = 1024;

/** Whoever is in a VPC may do anything, signed or not: what is measured is not signing. */
const OPEN_TO_THE_VPC = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:*',
      Resource: 'arn:aws:s3:::bench/*',
      Condition: { StringLike: { 'aws:SourceVpce': 'vpce-*' } },
    },
  ],
});

/** An instance that reaches S3 through a gateway endpoint, may use it, and has a file `big`; the bucket `bench` is there. */
export async function placeWithEndpoint(croft: Installation): Promise<Placed> {
  const network = await Network.make(croft);
  const subnetId = await network.addSubnet(1, true);
  await croft.ec2('CreateVpcEndpoint', {
    VpcId: network.vpcId,
    ServiceName: `com.amazonaws.${REGION}.s3`,
    RouteTableIds: [network.publicTable],
  });
  const instance = await network.place(subnetId, []);
  await croft.ec2('AssociateIamInstanceProfile', {
    InstanceId: instance.instanceId,
    IamInstanceProfile: { Name: 'bench' },
  });
  await croft.settle();
  await runInside(croft, instance, `head -c ${MEGABYTES}M /dev/urandom > big && aws s3 mb s3://bench`);
  await runInside(
    croft,
    instance,
    `aws s3api delete-public-access-block --bucket bench && aws s3api put-bucket-policy --bucket bench --policy '${OPEN_TO_THE_VPC}'`,
  );
  return instance;
}

/** Megabytes a second at which a command in an instance copies the file. */
export async function measureCopy(croft: Installation, instance: Placed, command: string): Promise<number> {
  const start = performance.now();
  await runInside(croft, instance, command);
  return (MEGABYTES * 1.048576) / ((performance.now() - start) / 1000);
}

/** Runs a command in an instance and resolves with what it wrote. Throws what it complained of. */
export async function runInside(
  croft: Installation,
  { instanceId }: Placed,
  command: string,
): Promise<string> {
  const { code, stdout, stderr } = await croft.croft('exec', instanceId, '--', 'sh', '-c', command);
  if (code !== 0) throw new Error(`${command}: ${stderr}${stdout}`);
  return stdout;
}
