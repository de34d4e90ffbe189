import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A packet to send: between two ends as its sender sees them. */
export interface Probe {
  /** From 1, never twice. */
  readonly id: number;
  /** IANA's number: 6, 17, 1 or 58, or 253. */
  readonly protocol: number;
  /** The machine it is sent in. */
  readonly sender: string;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Whether the source is not the sender's own; of IPv6 only. */
  readonly isForged?: boolean;
}

/** What became of a probe. */
export interface Seen {
  /** Where it came out, and how its source looked there; undefined where it came out nowhere. */
  readonly arrival: { readonly machine: string; readonly source: string; readonly port: number } | undefined;
  /** Whether an answer came back to the very end that asked, from the one that was asked. */
  readonly isAnswered: boolean;
}

/** Sends packets in the namespaces of a world: the long-lived process of `prober.pl`. */
export class Prober {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** `enter` makes of a command one that runs inside the world; `root` is where the world has this repository. */
  constructor(enter: (command: readonly string[]) => readonly string[], root: string) {
    const [file = '', ...words] = enter(['perl', join(root, 'test/proof/prober.pl')]);
    const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
    child.stdin.on('error', () => {});
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** From now on what comes to these machines is seen, and answered at their addresses. */
  serve(machines: ReadonlyMap<string, readonly string[]>): void {
    for (const [name, addresses] of machines) this.#say('receiver', name, ...addresses);
  }

  /** Forgets all connections that the machines track, and their ARP questions that nobody has answered. */
  forget(machines: Iterable<string>): void {
    for (const name of machines) this.#say('flush', name);
  }

  /** Sends probes all at once and waits for what comes of them. */
  async send(probes: readonly Probe[], milliseconds: number): Promise<Map<number, Seen>> {
    for (const { id, protocol, isForged, ...ends } of probes) {
      this.#say(isForged === true ? 'forge' : 'probe', id, protocol, ...wordsOf(ends));
    }
    this.#say('go', milliseconds);
    const seen = new Map<number, Seen>(
      probes.map(({ id }) => [id, { arrival: undefined, isAnswered: false }]),
    );
    for (const [what, id, machine = '', source = '', port] of await this.#answers()) {
      const before = seen.get(Number(id));
      if (before === undefined) continue;
      if (what === 'answered') seen.set(Number(id), { ...before, isAnswered: true });
      if (what !== 'arrived') continue;
      seen.set(Number(id), { ...before, arrival: { machine, source, port: Number(port) } });
    }
    return seen;
  }

  /** Begins TCP connections that stay; the ids of those that stand. */
  async connect(probes: readonly Probe[], milliseconds: number): Promise<Set<number>> {
    for (const { id, protocol: _tcp, ...ends } of probes) this.#say('open', id, ...wordsOf(ends));
    this.#say('opened', milliseconds);
    return new Set((await this.#answers()).map(([, id]) => Number(id)));
  }

  /** Sends a byte on each connection that stands; the ids of those on which it came back. */
  async sendAgain(milliseconds: number): Promise<Set<number>> {
    this.#say('again', milliseconds);
    return new Set((await this.#answers()).map(([, id]) => Number(id)));
  }

  /** Breaks off connections and closes receivers: nothing more is sent for any. */
  async close(): Promise<void> {
    this.#say('close');
    await this.#answers();
  }

  /** Ends the process. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exited;
  }

  #say(...words: readonly (string | number)[]): void {
    this.#child.stdin?.write(`${words.join(' ')}\n`);
  }

  async #answers(): Promise<string[][]> {
    const answers: string[][] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error('the process that sends probes has ended');
      if (value === 'done') return answers;
      answers.push(value.split(' '));
    }
  }
}

function wordsOf({
  sender,
  source,
  sourcePort,
  destination,
  destinationPort,
}: Omit<Probe, 'id' | 'protocol'>): (string | number)[] {
  return [sender, source, sourcePort, destination, destinationPort];
}
