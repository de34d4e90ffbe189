import type { ActionContext } from '../../src/ec2/action.ts';
import { seedRegion } from '../../src/ec2/actions/defaults.ts';
import { actions } from '../../src/ec2/actions/index.ts';
import { type Quotas, STANDARD_QUOTAS } from '../../src/ec2/quotas.ts';
import type { Scope, World } from '../../src/model/world.ts';
import { Journal } from '../../src/state/journal.ts';
import type { Transaction } from '../../src/state/store.ts';
import { Store } from '../../src/state/store.ts';

type Actions = typeof actions;

/** The actions that need nothing prepared. */
export type ActionName = {
  [Name in keyof Actions]: Actions[Name] extends (context: ActionContext, input: never) => unknown
    ? Name
    : never;
}[keyof Actions];

type Input<Name extends ActionName> = Parameters<Actions[Name]>[1];
type Output<Name extends ActionName> = ReturnType<Actions[Name]>;

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** A region of its own, in memory: the clock stands still, ids count up, and chance always falls on the first. */
export class TestRegion {
  readonly store: Store;
  readonly scope: Scope;
  quotas: Quotas = STANDARD_QUOTAS;
  #ids = 0;

  /** With `isSeeded`, as a region is when somebody first uses it: default VPC, prefix lists. */
  constructor({ isSeeded = false, journal = Journal.open(':memory:') } = {}, scope?: Scope, store?: Store) {
    this.scope = scope ?? { account: ACCOUNT, region: REGION };
    this.store = store ?? new Store(journal);
    if (isSeeded) this.write((context) => seedRegion(context, prefixesOf(this.scope)));
  }

  /** Runs an action and gives back its output; throws the AwsError it refuses with. */
  call<Name extends ActionName>(name: Name, input: Input<Name>): Output<Name> {
    // The compiler cannot see that an action's input fits the action of the same name.
    const action = actions[name] as (context: ActionContext, input: Input<Name>) => Output<Name>;
    return this.write((context) => action(context, input));
  }

  /** Runs an action as DryRun does: nothing of it stays. */
  rehearse<Name extends ActionName>(name: Name, input: Input<Name>): Output<Name> {
    const action = actions[name] as (context: ActionContext, input: Input<Name>) => Output<Name>;
    return this.store.rehearse(this.scope, (tx) => action(this.contextOf(tx), input));
  }

  /** Writes to the world directly: for what no action makes. */
  write<R>(act: (context: ActionContext) => R): R {
    return this.store.transact(this.scope, (tx) => act(this.contextOf(tx))).value;
  }

  /** Another region, or one of another account, of the same installation. */
  elsewhere(scope: Partial<Scope>): TestRegion {
    const other = new TestRegion({}, { ...this.scope, ...scope }, this.store);
    // So that ids differ from those made here.
    other.#ids = this.#ids + 0x1000;
    return other;
  }

  get world(): World {
    const world = this.store.world(this.scope);
    if (world === undefined) throw new Error('the region was not used yet');
    return world;
  }

  contextOf(tx: Transaction): ActionContext {
    return {
      tx,
      caller: {
        account: this.scope.account,
        accessKeyId: 'AKIATEST',
        arn: `arn:aws:iam::${this.scope.account}:root`,
        userId: this.scope.account,
      },
      region: this.scope.region,
      account: this.scope.account,
      quotas: this.quotas,
      requestId: '00000000-0000-4000-8000-000000000000',
      now: new Date('2026-01-02T03:04:05.000Z'),
      newId: (prefix) => `${prefix}-${(++this.#ids).toString(16).padStart(17, '0')}`,
      randomBelow: () => 0,
    };
  }
}

/** AWS's prefix lists of the region, as small as they can be. */
const prefixesOf = ({ region }: Scope) => [
  { prefixListName: `com.amazonaws.${region}.s3`, cidrBlock: '52.219.0.0/22' },
  { prefixListName: `com.amazonaws.${region}.dynamodb`, cidrBlock: '52.94.0.0/24' },
];

/** The value, when it is there; for members of replies, which are all optional. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the reply lacks what the test needs');
  return value;
}

/** What an action refuses with, as `Code: message`; `no error` when it did not refuse. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
    return 'no error';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${String(error.code)}: ${error.message}`;
    throw error;
  }
}
