import { type App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';

/** What everybody begins with; once changed, the zones share one NAT gateway. */
export class DefaultStack extends Stack {
  constructor(app: App, name: string, isChanged: boolean) {
    super(app, name);
    new Vpc(this, 'Vpc', isChanged ? { natGateways: 1 } : {});
  }
}
