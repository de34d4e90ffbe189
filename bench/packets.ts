import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { enterWords, INSIDE, type World } from '../src/fabric/world/world.ts';

/** The kinds of traffic that are measured, and the unit of each. */
export const TRAFFIC = {
  stream: 'MB/s',
  request: 'requests/s',
  connect: 'connections/s',
} as const;

export type Traffic = keyof typeof TRAFFIC;

/** Two ends in the world, and the address by which the client reaches the server. */
export interface Route {
  readonly server: string;
  readonly client: string;
  readonly address: string;
}

/** What is fetched again and again. */
export interface Page {
  readonly address: string;
  readonly host: string;
  readonly path: string;
  /** `accept:*` */
  readonly header: string;
}

/** How fast answers came. */
export interface Pace {
  readonly perSecond: number;
  /** The 99th percentile of the time to an answer. */
  readonly p99Milliseconds: number;
}

/** Sends and receives in a world's namespaces: the long-lived process of `packets.pl`. One command at a time. */
export class Packets {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(world: World) {
    const script = `${INSIDE.application}/bench/packets.pl`;
    const [file = '', ...words] = enterWords(world, ['perl', script]);
    const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
    this.#child = child;
    child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** How much of a kind of traffic the route carries in a second, measured for the given time. */
  async measure(traffic: Traffic, { server, client, address }: Route, milliseconds: number): Promise<number> {
    return Number(await this.#ask(`${traffic} ${server} ${client} ${address} ${milliseconds}`));
  }

  /** Megabytes a second of a plain copy of a file over the route, into the server's file or out of it. */
  async copy({ server, client, address }: Route, megabytes: number, way: 'in' | 'out'): Promise<number> {
    return Number(await this.#ask(`copy ${server} ${client} ${address} ${megabytes} ${way}`));
  }

  /** GETs on one connection. `header` has no spaces. */
  async getRepeatedly(client: string, { address, host, path, header }: Page, seconds: number): Promise<Pace> {
    return readPace(await this.#ask(`http ${client} ${address} ${host} ${path} ${header} ${seconds}`));
  }

  /** Questions for the address of a name, one after the other, so many a second at most. */
  async resolveRepeatedly(
    client: string,
    address: string,
    name: string,
    perSecond: number,
    seconds: number,
  ): Promise<Pace> {
    return readPace(await this.#ask(`dns ${client} ${address} ${name} ${perSecond} ${seconds}`));
  }

  /** Time of day, in seconds, at which a server has first answered that a page is there; NaN when it has not in time. */
  async awaitAnswer(client: string, { address, host, path }: Page, seconds: number): Promise<number> {
    return Number(await this.#ask(`answer ${client} ${address} ${host} ${path} ${seconds}`));
  }

  /** Times of day, in seconds, at which SSH servers have said who they are to the client. */
  async awaitBanners(client: string, addresses: readonly string[], seconds: number): Promise<number[]> {
    const answer = await this.#ask(`banner ${client} ${seconds} ${addresses.join(' ')}`);
    return answer.split(' ').map(Number);
  }

  /**
   * Sends datagrams until the first one passes, or is dropped. Resolves once it sends; the promise in it with the time of
   * day, in seconds, at which that one was sent (NaN when none was).
   */
  async watch(
    route: Route,
    wanted: 'pass' | 'drop',
    seconds: number,
  ): Promise<{ readonly changed: Promise<number> }> {
    const { server, client, address } = route;
    await this.#ask(`verdict ${server} ${client} ${address} ${wanted} ${seconds}`);
    return { changed: this.#answer().then(Number) };
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exited;
  }

  #ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    return this.#answer();
  }

  async #answer(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the process that measures packets has ended');
    if (value.startsWith('error ')) throw new Error(`packets: ${value.slice('error '.length)}`);
    return value;
  }
}

function readPace(answer: string): Pace {
  const [perSecond = Number.NaN, p99Milliseconds = Number.NaN] = answer.split(' ').map(Number);
  return { perSecond, p99Milliseconds };
}
