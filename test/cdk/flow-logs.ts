import { type App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { FlowLogDestination, FlowLogTrafficType, IpAddresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';

/** A VPC's flow logs, to a bucket of the stack's own. */
export class FlowLogStack extends Stack {
  constructor(app: App, name: string) {
    super(app, name);
    const bucket = new Bucket(this, 'Logs', {
      removalPolicy: RemovalPolicy.DESTROY,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
    });
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.7.0.0/16'),
      maxAzs: 1,
      subnetConfiguration: [{ name: 'inner', subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
    vpc.addFlowLog('Rejected', {
      destination: FlowLogDestination.toS3(bucket, 'rejected/'),
      trafficType: FlowLogTrafficType.REJECT,
    });
  }
}
