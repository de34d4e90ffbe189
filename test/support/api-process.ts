import { ActionRunner } from '../../src/main/api.ts';
import { startApi } from '../../src/main/api-server.ts';
import { DEFAULT_REGION } from '../../src/main/defaults.ts';
import { seedRegion } from '../../src/main/seed.ts';
import { WorldSupervisor } from '../../src/main/supervisor.ts';
import { StateDirectory } from '../../src/state/directory.ts';
import { Journal } from '../../src/state/journal.ts';
import { Store } from '../../src/state/store.ts';

/**
 * The daemon without a world: the API on a free port, told to the parent, over the state in the directory it is given.
 * Ends with its parent.
 */
const [, , path = ''] = process.argv;
const state = new StateDirectory(path);
state.create();
const journal = Journal.open(state.journal);
const store = new Store(journal);
const credentials = state.credentials();
const clock = (): Date => new Date();
const log = (line: string): void => console.error(line);
const runner = new ActionRunner(store, seedRegion, clock);
const { account, accessKeyId } = credentials;
runner.openRegion(
  { account, accessKeyId, arn: `arn:aws:iam::${account}:root`, userId: account },
  DEFAULT_REGION,
);
const api = await startApi({
  state,
  store,
  port: 0,
  isOpen: false,
  plugged: [],
  credentials,
  runner,
  supervisor: new WorldSupervisor({ state, store, isOpen: false, plugged: [], clock, log }),
  clock,
  log,
  reset: () => store.clear(),
});
void journal.failed.then(() => process.exit(1));
process.once('disconnect', () => process.exit());
process.send?.({ port: api.port });
