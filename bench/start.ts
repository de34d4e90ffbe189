import { Client } from '../src/cli/client.ts';
import type { StateDirectory } from '../src/state/directory.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';
import { croft, newState, type Started, up } from './up.ts';

const ROUNDS = 4;
/** A state worth loading: what a small team has in its region. */
const VPCS = 20;
const TARGET_SECONDS = 0.5;

/** `croft up` to the first answer of the API, with nothing there and with a state to load, in turns. */
export const start: Benchmark = {
  name: 'start',
  summary: 'croft up -d to the first DescribeVpcs answered, and to the world ready',
  run: async () => {
    const fresh: Started[] = [];
    const existing: Started[] = [];
    const kept = newState();
    await up(kept);
    await fill(kept);
    await croft(kept, 'down');
    for (let round = 0; round < ROUNDS; round++) {
      const state = newState();
      fresh.push(await up(state));
      await croft(state, 'down', '--purge');
      existing.push(await up(kept));
      await croft(kept, 'down');
    }
    await croft(kept, 'down', '--purge');
    return [...rowsOf('answered', fresh, existing), ...rowsOf('ready', fresh, existing)];
  },
};

function rowsOf(what: keyof Started, fresh: readonly Started[], existing: readonly Started[]): Row[] {
  const [first, again] = [fresh, existing].map((list) => list.map((each) => each[what]));
  if (first === undefined || again === undefined) return [];
  const target =
    what === 'answered' ? ({ target: { of: 'value', is: 'at most', limit: TARGET_SECONDS } } as const) : {};
  return [
    { name: `start.${what}.fresh`, value: median(first), unit: 's', ...target },
    {
      name: `start.${what}.existing`,
      value: median(again),
      unit: 's',
      ratio: medianRatio(again, first),
      ...target,
    },
  ];
}

async function fill(state: StateDirectory): Promise<void> {
  const client = new Client(state.socket);
  for (let index = 0; index < VPCS; index++) {
    await client.post('/ec2', { action: 'CreateVpc', input: { CidrBlock: `10.${index}.0.0/16` } });
  }
}
