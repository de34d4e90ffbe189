import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Outcome, runCaptured } from '../../src/fabric/process.ts';
import {
  enterWords,
  forkInside,
  INSIDE,
  removeState,
  startWorld,
  stopWorld,
  type World,
} from '../../src/fabric/world/world.ts';
import { Channel } from '../../src/main/ipc.ts';
import { applicationDirectory } from '../../src/main/program.ts';
import { remoteDriver } from '../../src/main/remote.ts';
import type { NetworkDriver } from '../../src/plan/driver.ts';

/** The first and the last address to be seen of each family: of documentation blocks that no test uses otherwise. */
const MARKS = {
  '-4': ['192.0.2.1', '192.0.2.2'],
  '-6': ['2001:db8:ffff::1', '2001:db8:ffff::2'],
} as const;

/** More than that work takes on a busy machine: it is a few milliseconds. */
const ADDRESS_MILLISECONDS = 200;

/** The network half of `src/main/agent.ts`: it needs no image, no region and nothing that they import. */
const AGENT = `
  import { LinuxDriver } from '${INSIDE.application}/src/fabric/linux/driver.ts';
  import { serveParent } from '${INSIDE.application}/src/main/ipc.ts';
  const driver = new LinuxDriver();
  const tell = serveParent({
    'network.list': () => driver.list(),
    'network.update': (machine) => driver.update(machine),
    'network.delete': (name) => driver.delete(name),
    'network.hasConnections': ({ name, address }) => driver.hasConnections(name, address),
  });
  tell('ready', true);
`;

/** A world with nothing in it but the linux driver. */
export class AgentWorld {
  readonly #state: string;
  readonly #world: World;
  #endAgent: () => Promise<void> = async () => {};

  private constructor(state: string, world: World) {
    this.#state = state;
    this.#world = world;
  }

  static async start(): Promise<AgentWorld> {
    const state = mkdtempSync(join(tmpdir(), 'croft-agent-'));
    const imageDirectory = join(state, 'image');
    mkdirSync(imageDirectory);
    const world = await startWorld({
      stateDirectory: state,
      applicationDirectory,
      nodeExecutable: process.execPath,
      imageDirectory,
    });
    return new AgentWorld(state, world);
  }

  /** The driver of an agent that knows nothing yet; the one before it, if any, has ended. */
  async freshDriver(): Promise<NetworkDriver> {
    await this.#endAgent();
    const complaints: string[] = [];
    const words = ['--input-type=module', '--eval', AGENT];
    const child = forkInside(this.#world, words, undefined, (line) => complaints.push(line));
    const agent = new Channel(child, 'agent');
    const exited = once(child, 'exit').then(() => {
      throw new Error(`the agent ended: ${complaints.join('; ')}`);
    });
    exited.catch(() => {});
    await Promise.race([exited, new Promise<unknown>((resolve) => agent.onEvent('ready', resolve))]);
    this.#endAgent = async () => {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    };
    return remoteDriver(agent);
  }

  /** Runs a command as the world's root. */
  run(...command: readonly string[]): Promise<Outcome> {
    return runCaptured(this.enter(command), { timeoutMilliseconds: 30_000 });
  }

  /** The command as one that runs inside. */
  enter(command: readonly string[]): readonly string[] {
    return enterWords(this.#world, command);
  }

  /**
   * What the kernel tells of changes of a machine and one family while `act` runs: one line each, as iproute2 writes them.
   * What it does by itself, for multicast, is passed over.
   */
  async changesOf(machine: string, act: () => Promise<void>, family: '-4' | '-6' = '-4'): Promise<string[]> {
    const [first, last] = MARKS[family];
    const words = ['ip', '-n', machine, family, 'monitor', 'link', 'address', 'route', 'rule', 'neigh'];
    const [file = '', ...rest] = enterWords(this.#world, words);
    const monitor = spawn(file, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
    let heard = '';
    monitor.stdout.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    // A change of our own before and after: when it is heard, all between was.
    await this.#mark(machine, first, () => heard);
    await act();
    // What comes of an address of IPv6 is told by work that the kernel does a moment later (addrconf_dad_work).
    if (family === '-6') await pause(ADDRESS_MILLISECONDS);
    await this.#mark(machine, last, () => heard);
    monitor.kill();
    return heard
      .split('\n')
      .map((line) => line.replaceAll(/\s+/g, ' ').trim())
      .filter((line) => line !== '' && ![first, last, 'ff02::'].some((own) => line.includes(own)));
  }

  async #mark(machine: string, address: string, heard: () => string): Promise<void> {
    for (let attempt = 0; !heard().includes(address); attempt++) {
      if (attempt > 200) throw new Error(`ip monitor says nothing of ${machine}`);
      for (const verb of ['add', 'del'])
        await this.run('ip', '-n', machine, 'route', verb, 'blackhole', address);
    }
  }

  /** Ends everything. */
  async end(): Promise<void> {
    await this.#endAgent();
    await stopWorld(this.#state);
    await removeState(this.#state);
    rmSync(this.#state, { recursive: true, force: true });
  }
}
