import { randomInt, randomUUID } from 'node:crypto';
import type { ActionContext, Caller } from '../ec2/action.ts';
import type { ActionTable, Request, Transactions } from '../ec2/dispatch.ts';
import type { TokenStore } from '../ec2/idempotency.ts';
import { type Quotas, STANDARD_QUOTAS } from '../ec2/quotas.ts';
import type { Scope } from '../model/world.ts';
import type { Commit, Store, Transaction } from '../state/store.ts';

/** Fills a region that is used for the first time: the default VPC and what belongs to it. */
export type SeedRegion = (context: ActionContext) => void;

/** Runs actions on the store, for the wire and for the croft command alike. */
export class ActionRunner implements Transactions {
  readonly #store: Store;
  readonly #seed: SeedRegion;
  readonly #clock: () => Date;
  readonly #quotas: Quotas;

  constructor(store: Store, seed: SeedRegion, clock: () => Date, quotas: Quotas = STANDARD_QUOTAS) {
    this.#quotas = quotas;
    this.#store = store;
    this.#seed = seed;
    this.#clock = clock;
  }

  async commit<R>(request: Request, act: (context: ActionContext) => R): Promise<R> {
    const { value, durable } = this.transact(request, act);
    await durable;
    return value;
  }

  /** Commits at once; throws what `act` threw. */
  transact<R>(request: Request, act: (context: ActionContext) => R): Commit<R> {
    const scope = this.#openRegion(request);
    return this.#store.transact(scope, (tx) => act(this.#contextOf(tx, request)));
  }

  rehearse<R>(request: Request, act: (context: ActionContext) => R): void {
    const scope = this.#openRegion(request);
    this.#store.rehearse(scope, (tx) => act(this.#contextOf(tx, request)));
  }

  /** Makes the region's default resources if nobody has used it yet. */
  openRegion(caller: Caller, region: string): Scope {
    return this.#openRegion({ caller, region, requestId: randomUUID() });
  }

  #openRegion(request: Request): Scope {
    const scope = { account: request.caller.account, region: request.region };
    if (this.#store.world(scope)?.dhcpOptions.size) return scope;
    this.#store.transact(scope, (tx) => this.#seed(this.#contextOf(tx, request)));
    return scope;
  }

  #contextOf(tx: Transaction, { caller, region, requestId }: Request): ActionContext {
    return {
      tx,
      caller,
      region,
      account: caller.account,
      requestId,
      quotas: this.#quotas,
      now: this.#clock(),
      newId: (prefix) => `${prefix}-0${randomDigits()}`,
      randomBelow: (limit) => randomInt(limit),
    };
  }
}

/**
 * Sixteen random hexadecimal digits: the ends of a UUID, which hold nothing else. Node draws the randomness of many UUIDs at
 * once, and a VPC takes six ids.
 */
function randomDigits(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(-8);
}

/** Client tokens as records of the world: on disk exactly when what they stand for is. */
export const tokensInWorld: TokenStore = {
  recall: (context, tokenId) => context.tx.clientTokens.get(tokenId),
  remember: (context, tokenId, { requestHash, reply }) => {
    context.tx.clientTokens.put({ tokenId, requestHash, reply, createTime: context.now.toISOString() });
  },
};

/**
 * Runs an action by name with an input of the SDK's shape and resolves with the SDK's output: for the croft command,
 * which asks for the same things as an AWS client, by a shorter way.
 */
export async function runActionByName(
  runner: ActionRunner,
  actions: ActionTable,
  request: Request,
  name: string,
  input: unknown,
): Promise<unknown> {
  const table: Readonly<Record<string, unknown>> = actions;
  const action = Object.hasOwn(table, name) ? table[name] : undefined;
  if (typeof action === 'function') return runner.commit(request, (context) => action(context, input));
  if (typeof action === 'object' && action !== null && 'prepare' in action && 'act' in action) {
    const { prepare, act } = action;
    if (typeof prepare === 'function' && typeof act === 'function') {
      const prepared: unknown = await prepare(input);
      return runner.commit(request, (context) => act(context, input, prepared));
    }
  }
  throw new Error(`there is no action "${name}"`);
}
