import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
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

/** One life of the world's processes, from their start to the first death among them. */
interface Life {
  readonly world: World;
  readonly agent: Channel;
  readonly servers: readonly Channel[];
  readonly control: Control;
  /** Tells the servers of the world. */
  readonly telling: Loop;
  readonly flowLogs: FlowLogControl;
  readonly children: readonly ChildProcess[];
  /** Resolves with the name of the process that ended first. */
  readonly ended: Promise<string>;
}

/** How long to wait before a world that died is started again; twice as long each time that fails, up to the most. */
const RESTART_MILLISECONDS = 200;
const MOST_RESTART_MILLISECONDS = 5_000;
/** How long a process may take to end once its channel is gone. What it listens at is free only then. */
const END_MILLISECONDS = 3_000;

/**
 * Keeps the world alive: the anchor, the agent in it, the services, and the control loops over them. When one of them
 * dies, all that still lives is adopted and what is missing is started again; instances go on meanwhile.
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
    return logs.flat();
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
        const name = await life.ended;
        this.#parts.log(`${name} ended`);
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
    const children: ChildProcess[] = [];
    try {
      return await this.#beginWith(children);
    } catch (error) {
      this.#control?.close();
      await endProcesses(children);
      throw error;
    }
  }

  /** Begins a life; the processes it starts are put into `children` as they come. */
  async #beginWith(children: ChildProcess[]): Promise<Life> {
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
    const spawned = (name: string, namespace?: string, ...words: readonly string[]): ChildProcess => {
      const child = forkInside(
        world,
        [`${INSIDE.application}/bin/croft`, `internal-${name}`, ...words],
        namespace,
        (line) => log(`${name}: ${line}`),
      );
      children.push(child);
      return child;
    };
    const agent = await connect(spawned('agent'), 'agent');
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
    // The servers stand in namespaces that the network has just made.
    const serverProcesses = [
      spawned('services', SERVICES),
      spawned('internet', INTERNET),
      spawned('laptop', LAPTOP, String(this.#apiPort)),
    ];
    const servers = await Promise.all(serverProcesses.map((child) => connect(child, 'server')));
    const telling = this.#makeTelling(servers);
    telling.wake('the view');
    await telling.idle();
    const unwatch = store.watch(() => telling.wake('the view'));
    await control.startInstances();
    const ended = Promise.race(
      children.map((child) => once(child, 'exit').then(() => `process ${child.pid} of the world`)),
    ).finally(unwatch);
    return { world, agent, servers, control, telling, flowLogs: this.#writeFlowLogs(agent), children, ended };
  }

  /** A loop that sends the servers what they have to know, when it is not what they were last sent. */
  #makeTelling(servers: readonly Channel[]): Loop {
    const { store, state, isOpen, plugged, log } = this.#parts;
    const own = state.credentials();
    const pace = new Pace();
    let last = '';
    return new Loop(
      async () => {
        await pace.turn();
        const { view, text } = pace.run(() => {
          const made = tellWorlds([...store.worlds()], { own, isOpen, plugged });
          return { view: made, text: JSON.stringify(made) };
        });
        if (text === last) return;
        for (const server of servers) server.tell('view', view);
        last = text;
      },
      (name, error) =>
        log(`${name} cannot be told: ${error instanceof Error ? error.message : String(error)}`),
    );
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
    await endProcesses(life.children);
    if (findWorld(this.#parts.state.path) === undefined) this.#parts.log('the world ended');
  }
}

/** Without its channel a process of ours ends by itself, and leaves what it listens at; the instances do not. */
async function endProcesses(children: readonly ChildProcess[]): Promise<void> {
  const living = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ended = Promise.all(living.map((child) => once(child, 'exit')));
  for (const child of living) if (child.connected) child.disconnect();
  await Promise.race([ended, pause(END_MILLISECONDS, undefined, { ref: false })]);
}

/** Resolves with the channel once the process says that it is ready. */
function connect(child: ChildProcess, name: string): Promise<Channel> {
  const channel = new Channel(child, name);
  return new Promise((resolve, reject) => {
    channel.onEvent('ready', () => resolve(channel));
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the ${name} process ended with code ${code} before it was ready`)),
    );
  });
}
