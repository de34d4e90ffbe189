import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { ProbeAnswer } from '../../model/passage.ts';
import { CLIENT_PORTS } from '../../net/flow.ts';
import { isIpv6 } from '../../net/ipv6.ts';
import type { Prober } from '../../plan/driver.ts';
import type { ProbeReport, ProbeSpec, TraceEvent } from '../../plan/probe.ts';
import type { NftFamily } from '../../plan/ruleset.ts';
import { CommandError, runCaptured } from '../process.ts';
import { INSIDE } from '../world/world.ts';

const NAMESPACES = '/run/netns';
const SCRIPT = `${INSIDE.application}/assets/world/probe.pl`;
/** What it takes besides waiting: an `nft` in each namespace. */
const MOST_SET_UP_MILLISECONDS = 30_000;

/** A probe cannot be sent; the message says why. */
export class ProbeError extends Error {}

/** Probes of `assets/world/probe.pl`, which makes nothing that outlives it. */
export class LinuxProber implements Prober {
  async probe(spec: ProbeSpec): Promise<ProbeReport> {
    const present = new Set(await readdir(NAMESPACES));
    if (!present.has(spec.machine)) throw new ProbeError(`${spec.machine} has no network namespace yet.`);
    const lines = await send(
      spec,
      spec.machines.filter((name) => present.has(name)),
    );
    const events = lines.flatMap(readEvent);
    return {
      answer: lines.flatMap(readAnswer)[0],
      unsent: lines.find((line) => line.startsWith('unsent '))?.slice('unsent '.length),
      events,
      rules: await readRules(events, isIpv6(spec.source) ? 'ip6' : 'ip'),
    };
  }
}

async function send(spec: ProbeSpec, machines: readonly string[]): Promise<string[]> {
  const { protocol, machine, source, destination, port, peers, milliseconds } = spec;
  const sourcePort = randomInt(CLIENT_PORTS.first, CLIENT_PORTS.last + 1);
  // Of a DNS question the second half is its flags: recursion desired, nothing else.
  const number = randomInt(1, 0xffff) * 0x10000 + 0x0100;
  const words = [protocol, machine, source, sourcePort, destination, port, milliseconds, number];
  const input = [`probe ${words.join(' ')}`, `peers ${peers.join(' ')}`, `watch ${machines.join(' ')}`, 'go'];
  const outcome = await runCaptured(['perl', SCRIPT], {
    input: `${input.join('\n')}\n`,
    timeoutMilliseconds: milliseconds + MOST_SET_UP_MILLISECONDS,
  }).catch((error: unknown) => {
    if (error instanceof CommandError) {
      throw new ProbeError('perl is missing, which sends probes. Install it: sudo apt-get install perl-base');
    }
    throw error;
  });
  const lines = outcome.stdout.split('\n');
  if (outcome.code === 0 && lines.includes('done')) return lines;
  throw new ProbeError(
    `The probe was not sent: ${outcome.stderr.trim().split('\n')[0] || 'its process was ended.'}`,
  );
}

function readEvent(line: string): TraceEvent[] {
  const [word, machine = '', table = '', chain = '', kind, handle, verdict = '', direction, ttl] =
    line.split(' ');
  if (word !== 'trace' || (kind !== 'rule' && kind !== 'return' && kind !== 'policy')) return [];
  return [
    {
      machine,
      table,
      chain,
      kind,
      handle: handle === '-' ? undefined : Number(handle),
      verdict,
      isReply: direction === 'back',
      ttl: ttl === '-' ? undefined : Number(ttl),
    },
  ];
}

const KINDS = [
  'syn-ack',
  'rst',
  'datagram',
  'echo-reply',
  'packet',
  'unreachable',
  'expired',
  'unknown-protocol',
] as const;

function readAnswer(line: string): ProbeAnswer[] {
  const [word, text, address = '', code, milliseconds] = line.split(' ');
  const kind = KINDS.find((each) => each === text);
  if (word !== 'answer' || kind === undefined) return [];
  return [{ kind, address, code: Number(code), milliseconds: Number(milliseconds) }];
}

/** The rules that were met in the tables of the packet's family, with their counts where they count. */
async function readRules(events: readonly TraceEvent[], family: NftFamily): Promise<ProbeReport['rules']> {
  const met = events.filter(({ table, handle }) => table === 'cloudcroft' && handle !== undefined);
  const rules: ProbeReport['rules'][number][] = [];
  for (const machine of new Set(met.map((event) => event.machine))) {
    const handles = new Set(met.filter((event) => event.machine === machine).map(({ handle }) => handle));
    // Without the sets' elements, of which there may be many.
    const list = ['nft', '--handle', '--terse', 'list', 'table', family, 'cloudcroft'];
    const { stdout } = await runCaptured(['nsenter', `--net=${NAMESPACES}/${machine}`, ...list], {
      timeoutMilliseconds: MOST_SET_UP_MILLISECONDS,
    });
    let chain = '';
    for (const line of stdout.split('\n')) {
      chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
      const [, text = '', handle] = /^\t\t(.+) # handle (\d+)$/.exec(line) ?? [];
      if (!handles.has(Number(handle))) continue;
      const counter = /\bcounter packets (\d+) bytes \d+/.exec(text);
      rules.push({
        machine,
        chain,
        handle: Number(handle),
        text: counter === null ? text : text.replace(counter[0], 'counter'),
        ...(counter === null ? {} : { packets: Number(counter[1]) }),
      });
    }
  }
  return rules;
}
