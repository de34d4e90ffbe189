import { actions } from '../../src/ec2/actions/index.ts';
import { makeConsoleActions } from '../../src/ec2/actions/instance-console.ts';
import { isRegion } from '../../src/ec2/catalogue/regions.ts';
import { type ActionTable, createDispatcher, type Transactions } from '../../src/ec2/dispatch.ts';
import { createEc2Service } from '../../src/ec2/ec2-service.ts';
import type { Quotas } from '../../src/ec2/quotas.ts';
import { type RunningServer, startServer } from '../../src/ec2/server.ts';
import { loadModel } from '../../src/ec2/wire/model.ts';
import { tokensInWorld } from '../../src/main/api.ts';
import { ControlledRegion } from '../support/controlled-region.ts';
import { ACCOUNT, given, REGION, TestRegion } from '../support/ec2.ts';
import { placeLoadBalancer } from '../support/load-balancers.ts';

/** Two accounts that clients can sign for. */
export const CREDENTIALS = {
  owner: { account: ACCOUNT, accessKeyId: 'AKIAOWNER', secretAccessKey: 'owners-secret' },
  partner: { account: '210987654321', accessKeyId: 'AKIAPARTNER', secretAccessKey: 'partners-secret' },
} as const;

/** One call of an action, as the action itself saw it. */
export interface Call {
  readonly action: string;
  readonly input: unknown;
  readonly output: unknown;
}

/**
 * The EC2 API on a port of 127.0.0.1, over a world in memory that control keeps: every request waits until the one
 * before has come true. Ids count up and the world's clock stands, so that two endpoints answer the same.
 */
export class Ec2Endpoint {
  readonly url: string;
  /** Every action the endpoint answers, those included that ask the fabric. */
  readonly actions: readonly string[];
  /** Every call so far. */
  readonly calls: readonly Call[];
  readonly #controlled: ControlledRegion;
  readonly #server: RunningServer;

  private constructor(
    controlled: ControlledRegion,
    server: RunningServer,
    names: readonly string[],
    calls: readonly Call[],
  ) {
    this.#controlled = controlled;
    this.#server = server;
    this.url = `http://127.0.0.1:${given(server.port)}`;
    this.actions = names;
    this.calls = calls;
  }

  /** How many of each thing the owner's region may have from now on. */
  limit(quotas: Quotas): void {
    this.#controlled.region.quotas = quotas;
  }

  static async start(): Promise<Ec2Endpoint> {
    const region = new TestRegion({ isSeeded: true });
    placeLoadBalancer(region);
    const partner = region.elsewhere({ account: CREDENTIALS.partner.account });
    const controlled = await ControlledRegion.start(region);
    const table: ActionTable = {
      ...actions,
      ...makeConsoleActions((instanceId) => controlled.compute.consoleOutput(instanceId)),
    };
    const calls: Call[] = [];
    const regions = new Map([region, partner].map((each) => [each.scope.account, each]));
    const transactions: Transactions = {
      commit: async ({ caller }, act) => given(regions.get(caller.account)).write(act),
      rehearse: ({ caller }, act) => {
        const used = given(regions.get(caller.account));
        used.store.rehearse(used.scope, (tx) => act(used.contextOf(tx)));
      },
    };
    const dispatch = createDispatcher({
      model: loadModel(),
      actions: recordCalls(table, calls),
      transactions,
      tokens: tokensInWorld,
      onBug: (error) => {
        throw error;
      },
    });
    const server = await startServer({
      port: 0,
      services: {
        ec2: createEc2Service(async (query, request) => {
          await controlled.control.idle();
          return dispatch(query, request);
        }),
      },
      defaultRegion: REGION,
      isRegion,
      clock: () => new Date(),
      onBug: (error) => {
        throw error;
      },
      isOpen: false,
      defaultAccount: ACCOUNT,
      secretOf: (id) => {
        const found = Object.values(CREDENTIALS).find(({ accessKeyId }) => accessKeyId === id);
        return found === undefined ? undefined : { secret: found.secretAccessKey, account: found.account };
      },
    });
    return new Ec2Endpoint(controlled, server, Object.keys(table), calls);
  }

  /** Work that control could not do: `name: message`. */
  get failures(): readonly string[] {
    return this.#controlled.failures;
  }

  async stop(): Promise<void> {
    await this.#server.stop(0);
    await this.#controlled.control.idle();
    this.#controlled.control.close();
  }
}

type AnyAction = (...values: unknown[]) => unknown;

/** The same table, whose actions write down what they were given and what they gave. */
function recordCalls(table: ActionTable, calls: Call[]): ActionTable {
  const recorded = Object.entries<unknown>(table).map(([action, known]) => {
    const record =
      (act: AnyAction): AnyAction =>
      (context, input, prepared) => {
        const output = act(context, input, prepared);
        calls.push(structuredClone({ action, input, output }));
        return output;
      };
    if (isFunction(known)) return [action, record(known)];
    const act: unknown = Reflect.get(Object(known), 'act');
    if (!isFunction(act)) throw new Error(`${action} is neither a function nor has one`);
    return [action, { ...Object(known), act: record(act) }];
  });
  return Object.fromEntries(recorded);
}

function isFunction(value: unknown): value is AnyAction {
  return typeof value === 'function';
}
