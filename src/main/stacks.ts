import { randomUUID } from 'node:crypto';
import { StackEngine } from '../cloudformation/engine.ts';
import { resourceTypes } from '../cloudformation/resources/index.ts';
import { createCloudFormation } from '../cloudformation/service.ts';
import type { StackParts } from '../cloudformation/stack-parts.ts';
import { Templates } from '../cloudformation/templates.ts';
import type { ActionTable } from '../ec2/dispatch.ts';
import type { ServiceHandler } from '../ec2/service.ts';
import type { Store } from '../state/store.ts';
import type { ActionRunner } from './api.ts';
import { askServices, type RemoteServices } from './remote-services.ts';

/** What stacks need of the daemon. */
export interface StackSurroundings extends RemoteServices {
  readonly store: Store;
  readonly runner: ActionRunner;
  readonly actions: ActionTable;
  readonly log: (line: string) => void;
}

/** CloudFormation's API, and the engine that does what it accepts. */
export interface Stacks {
  readonly service: ServiceHandler;
  readonly engine: StackEngine;
}

/** Makes both; the engine goes on with what an earlier daemon left once it is started. */
export function openStacks(surroundings: StackSurroundings): Stacks {
  const { store, runner, actions, log } = surroundings;
  const parts: StackParts = {
    store,
    actions,
    types: resourceTypes,
    templates: new Templates(),
    transact: ({ account, region }, act) => {
      const arn = `arn:aws:iam::${account}:root`;
      const caller = { account, accessKeyId: 'cloudformation', arn, userId: account };
      return runner.transact({ caller, region, requestId: randomUUID() }, act).value;
    },
    askRemote: askServices(surroundings),
    onBug: (error, about) =>
      log(`bug in the stack ${about}: ${error instanceof Error ? (error.stack ?? error.message) : error}`),
  };
  const service = createCloudFormation(parts, (request, act) => runner.commit(request, act));
  return { service, engine: new StackEngine(parts) };
}
