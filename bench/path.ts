import { runCaptured } from '../src/fabric/process.ts';
import { enterWords } from '../src/fabric/world/world.ts';
import { Installation } from '../test/support/installation.ts';
import { Packets, type Route, TRAFFIC, type Traffic } from './packets.ts';
import { makeRoutes } from './path-routes.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';

const ROUNDS = 9;
const ROUND_MILLISECONDS = 120;
const KINDS: readonly Traffic[] = ['stream', 'request', 'connect'];
/** Of a direct veth pair: what a packet through a router and all gates may cost. */
const TARGET_ACROSS = 0.6;
/** 1,000 rules against 1: looking rules up must not depend on their number. */
const TARGET_FLAT = 0.9;

/** Two namespaces with nothing between them but a veth pair, and two on a bridge: what the kernel can do at best. */
const BASES = `
for name in direct-a direct-b bridge bridge-a bridge-b; do ip netns add "bench-$name"; done
ip link add eth0 mtu 9001 netns bench-direct-a type veth peer name eth0 netns bench-direct-b
ip -n bench-direct-b link set eth0 mtu 9001
ip -n bench-bridge link add br0 mtu 9001 type bridge
for end in a b; do
  ip link add eth0 mtu 9001 netns "bench-bridge-$end" type veth peer name "$end" netns bench-bridge
  ip -n bench-bridge link set dev "$end" mtu 9001 master br0 up
done
ip -n bench-bridge link set br0 up
for kind in direct bridge; do
  ip -n "bench-$kind-a" address add 192.0.2.1/24 dev eth0
  ip -n "bench-$kind-b" address add 192.0.2.2/24 dev eth0
  for end in a b; do ip -n "bench-$kind-$end" link set lo up; ip -n "bench-$kind-$end" link set eth0 up; done
done
`;

/** What packets cost on the ways through a VPC, as ratios to a direct veth pair of the same rounds. */
export const path: Benchmark = {
  name: 'path',
  summary: 'traffic on the ways through a VPC, against a direct veth pair and a plain bridge',
  run: async () => {
    const croft = await Installation.start();
    const made = await runCaptured(enterWords(croft.world, ['sh', '-ec', BASES]));
    if (made.code !== 0) throw new Error(`the direct pair and the bridge cannot be made: ${made.stderr}`);
    const between = (kind: string): Route => ({
      server: `bench-${kind}-b`,
      client: `bench-${kind}-a`,
      address: '192.0.2.2',
    });
    const routes = new Map([
      ['direct', between('direct')],
      ['bridge', between('bridge')],
      ...(await makeRoutes(croft)),
    ]);
    const packets = new Packets(croft.world);
    const measured = await measureInTurns(packets, routes);
    await packets.close();
    await croft.end();
    return KINDS.flatMap((kind) => rowsOf(kind, measured));
  },
};

type Measured = ReadonlyMap<string, readonly number[]>;

async function measureInTurns(packets: Packets, routes: ReadonlyMap<string, Route>): Promise<Measured> {
  const measured = new Map<string, number[]>();
  // The first round only fills caches: neighbours, flows, page tables.
  for (let round = -1; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      for (const [name, route] of routes) {
        const value = await packets.measure(kind, route, ROUND_MILLISECONDS);
        if (round < 0) measured.set(`${kind}.${name}`, []);
        else measured.get(`${kind}.${name}`)?.push(value);
      }
    }
  }
  return measured;
}

function rowsOf(kind: Traffic, measured: Measured): Row[] {
  const of = (name: string): readonly number[] => measured.get(`${kind}.${name}`) ?? [];
  const names = [...measured.keys()]
    .filter((key) => key.startsWith(`${kind}.`))
    .map((key) => key.slice(kind.length + 1));
  const rows = names.map((name): Row => {
    const row = { name: `path.${kind}.${name}`, value: median(of(name)), unit: TRAFFIC[kind] };
    if (name === 'direct') return row;
    const target = { of: 'ratio', is: 'at least', limit: TARGET_ACROSS } as const;
    return { ...row, ratio: medianRatio(of(name), of('direct')), ...(name === 'across' ? { target } : {}) };
  });
  const flatness = medianRatio(of('1000-rules'), of('1-rule'));
  const target = { of: 'value', is: 'at least', limit: TARGET_FLAT } as const;
  return [...rows, { name: `path.${kind}.1000-rules/1-rule`, value: flatness, unit: '', target }];
}
