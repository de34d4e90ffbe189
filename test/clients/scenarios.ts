import type { Step } from './scenario.ts';
import { connectionSteps } from './scenario-connections.ts';
import { instanceSteps } from './scenario-instances.ts';
import { networkSteps } from './scenario-network.ts';

/** All scenarios: together they call every action there is, each in a world of its own. */
export const scenarios: readonly (readonly [name: string, steps: readonly Step[]])[] = [
  ['networks', networkSteps],
  ['instances', instanceSteps],
  ['connections', connectionSteps],
];
