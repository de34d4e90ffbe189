import type { ActionContext } from '../ec2/action.ts';
import type { ActionTable } from '../ec2/dispatch.ts';
import type { Scope } from '../model/world.ts';
import type { Store } from '../state/store.ts';
import type { AskRemote, ResourceTypes } from './resource-type.ts';
import type { Templates } from './templates.ts';

/** What stacks are made with. */
export interface StackParts {
  readonly store: Store;
  readonly actions: ActionTable;
  readonly types: ResourceTypes;
  readonly templates: Templates;
  /** Runs `act` as the account itself, in one transaction of the scope's world; throws what it threw, with nothing written. */
  readonly transact: <R>(scope: Scope, act: (context: ActionContext) => R) => R;
  readonly askRemote: AskRemote;
  /** Told of what failed by a mistake of ours. */
  readonly onBug: (error: unknown, about: string) => void;
}
