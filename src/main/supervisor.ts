import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Control } from '../control/control.ts';
import { FlowLogControl } from '../control/flow-logs/flow-log-control.ts';
import { Loop } from '../control/loop.ts';
import { Pace } from '../control/pace.ts';
import { zoneIdOf } from '../ec2/catalogue/regions.ts';
import { ensureImage } from '../fabric/compute/image.ts';
import { modeOf } from '../fabric/world/mapping.ts';
import { findWorld, forkInside, INSIDE, startWorld, stopWorld, type World } from '../fabric/world/world.ts';
import { INTERNET, LAPTOP, SERVICES } from '../plan/places.ts';
import type { ProbeReport, ProbeSpec } from '../plan/probe.ts';
import type { StateDirectory } from '../state/directory.ts';
import type { Store } from '../state/store.ts';
import { deliverToBucket } from './flow-logs.ts';
import { tellWorlds } from './guest-view.ts';
import { Channel } from './ipc.ts';
import { KeptServer, untilReady } from './kept-server.ts';
import { applicationDirectory } from './program.ts';
import { remoteCompute, remoteDriver, remoteFlows, remoteProber } from './remote.ts';
import { publicServers } from './servers.ts';

/** What the supervisor is made of. */
export interface SupervisorParts {
  readonly state: StateDirectory;
  readonly store: Store;
  /** Whether services accept any access key. */
  readonly isOpen: boolean;
  /** Services that servers of the user's answer. */
  readonly plugged: readonly string[];
  readonly clock: () => Date;
  readonly log: (line: string) => void;
}

/** How far the world is, in the words that `croft status` shows. */
export interface WorldStatus {
  readonly phase: 'starting' | 'ready' | 'failed';
  readonly detail: string;
  readonly mode?: string;
  readonly pid?: number;
}

/** One life of the world's processes, from their start to the first death among them that ends it. */
interface Life {
  readonly world: World;
  readonly agent: Channel;
  readonly servers: readonly KeptServer[];
  readonly control: Control;
  /** Tells the servers of the world. */
  readonly telling: Loop;
  readonly flowLogs: FlowLogControl;
  /** Its processes now. */
  readonly children: () => ChildProcess[];
  /** Resolves with the name of the process whose end is this life's. */
  readonly ended: Promise<string>;
}

/** How long to wait before a world that died is started again; twice as long each time that fails, up to the most. */
const RESTART_MILLISECONDS = 200;
const MOST_RESTART_MILLISECONDS = 5_000;
/** A server that lives for less after its start takes the world's other processes with it into the next. */
const LEAST_SERVER_MILLISECONDS = 1_000;
/** How long a process may take to end once its channel is gone. What it listens at is free only then. */
const END_MILLISECONDS = 3_000;

/**
 * Keeps the world alive: the anchor, the agent in it, the servers, and the control loops over them. A server that dies is
 * started again by itself. When another dies, all that still lives is adopted and what is missing is started again; instances
 * go on meanwhile.
 */
export class WorldSupervisor {
  readonly #parts: SupervisorParts;
  #status: WorldStatus = { phase: 'starting', detail: '' };
  #life: Life | undefined;
  #control: Control | undefined;
  #apiPort = 0;
  #isStopping = false;
  #running: Promise<void> | undefined;
  readonly #ready = Promise.withResolvers<void>();

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  get status(): WorldStatus {
    return this.#status;
  }

  /** The living world's first process, for whoever wants to enter it. */
  get world(): World | undefined {
    return this.#life?.world;
  }

  /** Begins; errors are told by the status. */
  start(apiPort: number): void {
    this.#apiPort = apiPort;
    this.#running = this.#keepAlive();
  }

  /** Resolves when the world is ready for the first time, or has failed to become so. */
  settled(): Promise<void> {
    return this.#ready.promise;
  }

  /** An instance's console, from the world. */
  async consoleOutput(instanceId: string): Promise<string> {
    const life = this.#life;
    return life === undefined ? '' : remoteCompute(life.agent).consoleOutput(instanceId);
  }

  /** Sends a packet in the world and tells what became of it, once the kernel agrees with the records. */
  async probe(spec: ProbeSpec): Promise<ProbeReport> {
    await this.idle();
    const life = this.#life;
    if (life === undefined) throw new Error(`The world is not ready: ${this.#status.detail}`);
    return remoteProber(life.agent).probe(spec);
  }

  /** What the world's servers have seen, newest last. */
  async serverLog(): Promise<unknown> {
    const logs = await Promise.all((this.#life?.servers ?? []).map((server) => server.ask('log')));
    return logs.filter((log) => log !== undefined).flat();
  }

  /** Resolves when the world and the fabric agree. */
  async idle(): Promise<void> {
    await this.#life?.control.idle();
    await this.#life?.telling.idle();
  }

  /** Delivers what flow logs have gathered, without waiting for the end of their intervals. */
  async deliverFlowLogs(): Promise<void> {
    await this.#life?.flowLogs.flush();
  }

  /** Ends the world and everything in it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.race([this.deliverFlowLogs(), pause(END_MILLISECONDS, undefined, { ref: false })]);
    this.#control?.close();
    for (const server of this.#life?.servers ?? []) server.close();
    await stopWorld(this.#parts.state.path);
    await this.#running;
  }

  async #keepAlive(): Promise<void> {
    let failures = 0;
    let hasLived = false;
    while (!this.#isStopping) {
      try {
        const life = await this.#begin();
        this.#life = life;
        failures = 0;
        hasLived = true;
        this.#status = { phase: 'ready', detail: '', mode: life.world.mode, pid: life.world.pid };
        this.#ready.resolve();
        this.#parts.log(`${await life.ended} ended`);
        await this.#end(life);
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        this.#parts.log(`the world cannot be started: ${detail}`);
        failures++;
        // What has worked here will work again; what never has, waits for whoever reads why.
        if (!hasLived) {
          this.#status = { phase: 'failed', detail };
          this.#ready.resolve();
          return;
        }
      }
      if (this.#isStopping) return;
      this.#status = { phase: 'starting', detail: 'a process of the world ended; starting it again' };
      const delay = Math.min(RESTART_MILLISECONDS * 2 ** failures, MOST_RESTART_MILLISECONDS);
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }

  async #begin(): Promise<Life> {
    const agents: ChildProcess[] = [];
    const servers: KeptServer[] = [];
    const children = (): ChildProcess[] => [...agents, ...servers.flatMap(({ child }) => child ?? [])];
    try {
      return await this.#beginWith(agents, servers, children);
    } catch (error) {
      this.#control?.close();
      for (const server of servers) server.close();
      await endProcesses(children());
      throw error;
    }
  }

  /** Begins a life; the agent and the servers that it starts are put into the lists as they come. */
  async #beginWith(
    agents: ChildProcess[],
    servers: KeptServer[],
    children: () => ChildProcess[],
  ): Promise<Life> {
    const { state, store, clock, log } = this.#parts;
    const report = (detail: string): void => {
      this.#status = { phase: 'starting', detail };
    };
    const mode = modeOf(process.getuid?.() ?? 0);
    const imageDirectory = await ensureImage(mode, applicationDirectory, report);
    report('starting the world');
    const world = await startWorld({
      stateDirectory: state.path,
      applicationDirectory,
      nodeExecutable: process.execPath,
      imageDirectory,
    });
    const spawned = (name: string, namespace?: string, ...words: readonly string[]): ChildProcess =>
      forkInside(
        world,
        [`${INSIDE.application}/bin/croft`, `internal-${name}`, ...words],
        namespace,
        (line) => log(`${name}: ${line}`),
      );
    const agentProcess = spawned('agent');
    agents.push(agentProcess);
    const agent = new Channel(agentProcess, 'agent');
    await untilReady(agentProcess, agent, 'agent');
    const control = new Control({
      store,
      driver: remoteDriver(agent),
      compute: remoteCompute(agent),
      servers: publicServers(),
      clock,
      onFailure: (name, error, attempt) =>
        log(`${name}: attempt ${attempt} failed: ${error instanceof Error ? error.message : String(error)}`),
    });
    this.#control = control;
    agent.onEvent('exit', (value) => control.noticeExit(String(value)));
    await control.startNetwork();
    const telling = this.#makeTelling(servers);
    // The servers stand in namespaces that the network has just made.
    for (const [name, namespace, ...words] of [
      ['services', SERVICES],
      ['internet', INTERNET],
      ['laptop', LAPTOP, String(this.#apiPort)],
    ] as const) {
      const spawn = (): ChildProcess => {
        // Another process may have the number of a world that is gone.
        if (findWorld(state.path)?.pid !== world.pid) throw new Error('the world has ended');
        return spawned(name, namespace, ...words);
      };
      const leastMilliseconds = LEAST_SERVER_MILLISECONDS;
      servers.push(new KeptServer({ name, spawn, leastMilliseconds, view: telling.last, log }));
    }
    await Promise.all(servers.map((server) => server.start()));
    telling.loop.wake('the view');
    await telling.loop.idle();
    const unwatch = store.watch(() => telling.loop.wake('the view'));
    await control.startInstances();
    const ended = Promise.race([
      agent.closed.then(() => 'the agent'),
      ...servers.map(({ lost }) => lost),
    ]).finally(unwatch);
    const flowLogs = this.#writeFlowLogs(agent);
    return { world, agent, servers, control, telling: telling.loop, flowLogs, children, ended };
  }

  /** A loop that sends the servers what they have to know, when it is not what they were last sent. */
  #makeTelling(servers: readonly KeptServer[]): { readonly loop: Loop; readonly last: () => unknown } {
    const { store, state, isOpen, plugged, log } = this.#parts;
    const own = state.credentials();
    const pace = new Pace();
    let last: { readonly view: unknown; readonly text: string } | undefined;
    const loop = new Loop(
      async () => {
        await pace.turn();
        const { view, text } = pace.run(() => {
          const made = tellWorlds([...store.worlds()], { own, isOpen, plugged });
          return { view: made, text: JSON.stringify(made) };
        });
        if (text === last?.text) return;
        last = { view, text };
        for (const server of servers) server.tell('view', view);
      },
      (name, error) =>
        log(`${name} cannot be told: ${error instanceof Error ? error.message : String(error)}`),
    );
    return { loop, last: () => last?.view };
  }

  #writeFlowLogs(agent: Channel): FlowLogControl {
    const { store, state, clock, log } = this.#parts;
    const services = { socketPath: state.servicesSocket, credentials: state.credentials(), clock };
    return new FlowLogControl({
      store,
      flows: remoteFlows(agent),
      deliver: deliverToBucket(services),
      zoneIdOf: (zone) => zoneIdOf(zone) ?? zone,
      clock,
      newHash: () => randomBytes(4).toString('hex'),
      onFailure: (error) =>
        log(`flow logs cannot be written: ${error instanceof Error ? error.message : String(error)}`),
    });
  }

  async #end(life: Life): Promise<void> {
    this.#life = undefined;
    life.control.close();
    life.flowLogs.close();
    life.telling.close();
    for (const server of life.servers) server.close();
    await endProcesses(life.children());
    if (findWorld(this.#parts.state.path) === undefined) this.#parts.log('the world ended');
  }
}

/** Without its channel a process of ours ends by itself, and leaves what it listens at; the instances do not. */
async function endProcesses(children: readonly ChildProcess[]): Promise<void> {
  const living = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  // Not `once`, which an error of the channel, as of a message to a killed process, would make reject.
  const ended = Promise.all(living.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  for (const child of living) if (child.connected) child.disconnect();
  await Promise.race([ended, pause(END_MILLISECONDS, undefined, { ref: false })]);
}
