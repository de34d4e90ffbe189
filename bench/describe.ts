import { answersASecond, answersOfEach } from './load.ts';
import { type Benchmark, median, type Row } from './row.ts';
import { compare, type Side, startSides } from './side.ts';

/** How many VPCs there are: a new account's, a large one's, and more than any has. */
const COUNTS = [1, 1_000, 10_000];
/** moto takes seconds for one answer about ten thousand. */
const MANY = 10_000;
const MILLISECONDS = 1_000;
/** The most that a page may have. */
const PAGE = { MaxResults: '1000' };
/** By id, an answer is to cost the same among many; the rest is what two measurements of one thing differ by. */
const SAME_COST = { of: 'value', is: 'at least', limit: 0.8 } as const;

/** DescribeVpcs: all of them, a page of them, and one by its id, among few and among many. */
export const describe: Benchmark = {
  name: 'describe',
  summary: 'DescribeVpcs a second with 1, 1,000 and 10,000 VPCs, against moto_server',
  run: async () => {
    const sides = await startSides();
    const rows: Row[] = [];
    const byId: number[][] = [];
    let existing = 1;
    for (const count of COUNTS) {
      for (const side of [sides.croft, sides.moto]) await addVpcs(side, count - existing);
      existing = count;
      const ofAll = count < MANY ? { clients: 4, rounds: 3 } : { clients: 1, rounds: 1 };
      const measure = async (
        name: string,
        { clients, rounds }: { readonly clients: number; readonly rounds: number },
        requestOf: (side: Side) => Promise<Buffer>,
      ): Promise<number[]> => {
        const load = { clients, milliseconds: MILLISECONDS };
        const values: number[] = [];
        const measured = await compare(`describe.${name}.${count}`, rounds, sides, async (side) => {
          const value = await answersASecond(side.port, await requestOf(side), load);
          if (side === sides.croft) values.push(value);
          return value;
        });
        rows.push(...measured);
        return values;
      };
      await measure('all', ofAll, async (side) => side.request('DescribeVpcs'));
      await measure('page', ofAll, async (side) => side.request('DescribeVpcs', PAGE));
      byId.push(
        await measure('by-id', { clients: 4, rounds: 3 }, async (side) => {
          const id = await side.ask('vpcId', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
          return side.request('DescribeVpcs', { 'VpcId.1': id });
        }),
      );
    }
    await sides.close();
    const [few = [], many = []] = [byId[0], byId.at(-1)];
    rows.push({
      name: 'describe.by-id.many-to-one',
      value: median(many) / median(few),
      unit: '',
      target: SAME_COST,
    });
    return rows;
  },
};

async function addVpcs(side: Side | undefined, count: number): Promise<void> {
  if (side === undefined || count === 0) return;
  const request = side.request('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  await answersOfEach(
    side.port,
    Array.from({ length: count }, () => request),
    8,
  );
}
