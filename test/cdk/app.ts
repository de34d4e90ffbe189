/**
 * Stacks of the kinds that people write, for test/system/cdk.test.ts: deployed, deployed again as `-c changed=true` has them,
 * and destroyed. Their instances and endpoints are named, so that expectations can be.
 */
import { App } from 'aws-cdk-lib';
import { BastionStack } from './bastion.ts';
import { DefaultStack } from './default.ts';
import { DualStack } from './dual.ts';
import { FlowLogStack } from './flow-logs.ts';
import { LookupStack } from './lookup.ts';
import { PeeringStack } from './peering.ts';
import { PrivateLinkStack } from './private-link.ts';
import { ThreeTierStack } from './three-tier.ts';
import { TransitStack } from './transit.ts';

const app = new App();
const isChanged = app.node.tryGetContext('changed') === 'true';

new DefaultStack(app, 'Default', isChanged);
new ThreeTierStack(app, 'ThreeTier', isChanged);
new BastionStack(app, 'Bastion');
new PeeringStack(app, 'Peering', isChanged);
new TransitStack(app, 'Transit', isChanged);
new FlowLogStack(app, 'FlowLogs');
new DualStack(app, 'Dual');
new PrivateLinkStack(app, 'PrivateLink');
new LookupStack(app, 'Lookup');
