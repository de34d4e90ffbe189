import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import {
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KillableApi } from '../support/killable-api.ts';
import { chooseWrite, type Ids, type Made, randomFrom, readMade } from '../support/random-writes.ts';

/** Change it to meet other points; the machine's own timing varies them besides. */
const SEED = 20_260_101;
const WRITES = 1_000;
const WRITERS = ['a', 'b', 'c', 'd'];
/** Between two kills there are at most so many writes. */
const MOST_BETWEEN = 80;

let api: KillableApi;

beforeEach(() => {
  api = new KillableApi();
});

afterEach(() => api.end());

/** What a writer knows: what it was told is done, and what its last request would have done that got no answer. */
interface Knowledge {
  readonly acknowledged: Made;
  readonly unanswered: Made | undefined;
}

/** One writer among those who write until the process is killed under them. */
class Writer {
  readonly #name: string;
  readonly #random: () => number;
  #serial = 0;
  #made: Made = new Map();
  #ids: Ids = { vpcs: new Map(), groups: new Map() };

  constructor(name: string, random: () => number) {
    this.#name = name;
    this.#random = random;
  }

  /** Writes while `mayWrite` lets it; resolves when that ends or an answer fails to come because of the kill. */
  async write(client: EC2Client, mayWrite: () => boolean, isKilled: () => boolean): Promise<Knowledge> {
    while (mayWrite()) {
      const chosen = chooseWrite(this.#made, this.#random, `${this.#name}-${this.#serial++}`);
      try {
        await chosen.send(client, this.#ids);
      } catch (error) {
        if (!isKilled()) throw error;
        return { acknowledged: this.#made, unanswered: chosen.after };
      }
      this.#made = chosen.after;
    }
    return { acknowledged: this.#made, unanswered: undefined };
  }

  /** What is there is what was acknowledged, or that and the whole of the request that got no answer. */
  async check(client: EC2Client, { acknowledged, unanswered }: Knowledge): Promise<void> {
    const { made, ids } = await readMade(client, this.#name);
    const allowed = [acknowledged, ...(unanswered === undefined ? [] : [unanswered])].map(sorted);
    expect(allowed).toContainEqual(sorted(made));
    this.#made = made;
    this.#ids = ids;
  }
}

function sorted(made: Made): unknown[] {
  return [...made].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Every VPC has what CreateVpc makes with it, and nothing is there of a VPC that is not. */
async function expectNoHalfVpc(client: EC2Client): Promise<void> {
  const { Vpcs = [] } = await client.send(new DescribeVpcsCommand());
  const { RouteTables = [] } = await client.send(new DescribeRouteTablesCommand());
  const { NetworkAcls = [] } = await client.send(new DescribeNetworkAclsCommand());
  const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand());
  const { SecurityGroupRules = [] } = await client.send(new DescribeSecurityGroupRulesCommand());
  const vpcIds = Vpcs.map(({ VpcId }) => VpcId).sort();
  const idsOf = (list: readonly { readonly VpcId?: string | undefined }[]) =>
    list.map(({ VpcId }) => VpcId).sort();
  expect(idsOf(RouteTables)).toEqual(vpcIds);
  expect(idsOf(NetworkAcls)).toEqual(vpcIds);
  expect(idsOf(SecurityGroups.filter(({ GroupName }) => GroupName === 'default'))).toEqual(vpcIds);
  const known = new Set(SecurityGroups.map(({ GroupId }) => GroupId));
  expect(SecurityGroupRules.filter(({ GroupId }) => !known.has(GroupId))).toEqual([]);
  const withEgress = SecurityGroupRules.filter(({ IsEgress }) => IsEgress).map(({ GroupId }) => GroupId);
  expect(withEgress.sort()).toEqual([...known].sort());
}

test(`kill -9 at random points of ${WRITES} random writes: what was acknowledged is there, and no half-write is`, async () => {
  const random = randomFrom(SEED);
  const writers = WRITERS.map((name) => new Writer(name, randomFrom(SEED + name.charCodeAt(0))));
  let client = await api.start();
  let sent = 0;
  let kills = 0;
  while (sent < WRITES) {
    const end = Math.min(WRITES, sent + 1 + Math.floor(random() * MOST_BETWEEN));
    let killed: Promise<void> | undefined;
    const mayWrite = (): boolean => {
      if (killed !== undefined) return false;
      sent++;
      // With this writer's request on its way, and those of the others anywhere between sent and answered.
      if (sent >= end) setImmediate(() => (killed ??= api.kill()));
      return true;
    };
    const known = await Promise.all(
      writers.map((writer) => writer.write(client, mayWrite, () => killed !== undefined)),
    );
    await killed;
    kills++;
    client.destroy();
    client = await api.start();
    for (const [index, writer] of writers.entries()) {
      await writer.check(client, known[index] ?? { acknowledged: new Map(), unanswered: undefined });
    }
    await expectNoHalfVpc(client);
  }
  client.destroy();
  expect(kills).toBeGreaterThan(WRITES / MOST_BETWEEN);
});

describe('of a journal whose last writes were damaged', () => {
  /** Writes until the log has something in it, and kills the process: a clean end would leave no log. */
  async function leaveLog(): Promise<string> {
    const client = await api.start();
    for (let index = 0; index < 20; index++) {
      await client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    }
    client.destroy();
    await api.kill();
    return `${api.state.journal}-wal`;
  }

  const damage: Readonly<Record<string, (log: string) => void>> = {
    'torn within the last write': (log) => truncateSync(log, statSync(log).size - 100),
    'cut to half': (log) => truncateSync(log, Math.floor(statSync(log).size / 2)),
    'overwritten in one byte': (log) => {
      const bytes = readFileSync(log);
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      writeFileSync(log, bytes);
    },
    gone: (log) => writeFileSync(log, ''),
  };

  test.each(Object.keys(damage))('%s: the start refuses, says so, and leaves it as it is', async (name) => {
    const log = await leaveLog();
    copyFileSync(log, `${log}.whole`);
    damage[name]?.(log);
    const damaged = readFileSync(log);
    await expect(api.start()).rejects.toThrow(
      /it ends with commit \d+, and \d+ were acknowledged.*Nothing was changed/s,
    );
    expect(existsSync(log) && readFileSync(log).equals(damaged)).toBe(true);
    // With the log whole again, everything is there.
    copyFileSync(`${log}.whole`, log);
    const client = await api.start();
    expect((await client.send(new DescribeVpcsCommand())).Vpcs).toHaveLength(21);
    client.destroy();
  });
});
