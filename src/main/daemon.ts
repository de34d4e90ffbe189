import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { DaemonOptions } from '../cli/verbs/up.ts';
import type { Caller } from '../ec2/action.ts';
import { Journal } from '../state/journal.ts';
import { Store } from '../state/store.ts';
import { ActionRunner } from './api.ts';
import { startApi } from './api-server.ts';
import { controlHandlers } from './control-handlers.ts';
import { serveControl } from './control-server.ts';
import { DEFAULT_REGION } from './defaults.ts';
import { openPluggedServices } from './plugged-services.ts';
import { seedRegion } from './seed.ts';
import { WorldSupervisor } from './supervisor.ts';
import { VERSION } from './version.ts';

/**
 * The daemon: the state, the API on 127.0.0.1, the control socket, and the world that follows. The API answers as soon
 * as the state is loaded; the world comes up beside it.
 */
export async function runDaemon({ state, port, isOpen, quotas, plugged }: DaemonOptions): Promise<number> {
  state.create();
  const log = (line: string): void =>
    appendFileSync(state.at('daemon.log'), `${new Date().toISOString()} ${line}\n`);
  const clock = (): Date => new Date();
  const journal = Journal.open(state.journal);
  const store = new Store(journal);
  const credentials = state.credentials();
  const runner = new ActionRunner(store, seedRegion, clock, quotas);
  const pluggedNames = plugged.map(({ name }) => name);
  const closePlugged = await openPluggedServices(state, plugged);
  const supervisor = new WorldSupervisor({ state, store, isOpen, plugged: pluggedNames, clock, log });
  const caller: Caller = {
    account: credentials.account,
    accessKeyId: credentials.accessKeyId,
    arn: `arn:aws:iam::${credentials.account}:root`,
    userId: credentials.account,
  };
  runner.openRegion(caller, DEFAULT_REGION);
  const reset = (): Promise<void> => store.clear();
  const api = await startApi({
    state,
    store,
    port,
    isOpen,
    plugged: pluggedNames,
    credentials,
    runner,
    supervisor,
    clock,
    log,
    reset,
  });
  const stopped = Promise.withResolvers<number>();
  const stop = (): void => stopped.resolve(0);
  const control: Server = await serveControl(
    state.socket,
    controlHandlers({
      state,
      store,
      runner,
      supervisor,
      caller,
      apiUrl: api.url,
      isOpen,
      stop,
      actions: api.actions,
    }),
  );
  void journal.failed.then((error) => {
    log(
      `the state cannot be written: ${error.message}; stopping, so that nothing is acknowledged that is not on disk`,
    );
    stopped.resolve(1);
  });
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  writeFileSync(state.at('daemon.pid'), `${process.pid}\n`);
  log(`cloudcroft ${VERSION} serves ${api.url}`);
  supervisor.start(api.port);
  const code = await stopped.promise;
  log('stopping');
  control.close();
  await api.close();
  await supervisor.stop();
  closePlugged();
  await journal.close();
  rmSync(state.socket, { force: true });
  rmSync(state.at('daemon.pid'), { force: true });
  return code;
}
