import { Installation } from '../test/support/installation.ts';
import { ApiClient, requestBytes, signAction } from './api-client.ts';
import { startBareServer } from './bare.ts';
import { answersASecond } from './load.ts';
import { type Benchmark, median, medianRatio } from './row.ts';

const ROUNDS = 5;
const TARGET_A_SECOND = 4_000;

/** Signed DescribeVpcs on kept connections, in turns with a bare HTTP server of Node that sends the same bytes. */
export const api: Benchmark = {
  name: 'api',
  summary: 'signed DescribeVpcs a second over HTTP, against a bare node:http server',
  run: async () => {
    const croft = await Installation.start();
    const port = Number(new URL((await croft.status()).apiUrl).port);
    const bytes = requestBytes(signAction(port, croft.state.credentials(), 'DescribeVpcs'));
    const client = new ApiClient(port, croft.state.credentials());
    const bare = await startBareServer(await client.call('DescribeVpcs'));
    client.close();
    const load = { clients: 8, milliseconds: 1_500 };
    const [ours, theirs]: [number[], number[]] = [[], []];
    await answersASecond(port, bytes, load);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await answersASecond(port, bytes, load));
      theirs.push(await answersASecond(bare.port, bytes, load));
    }
    bare.close();
    await croft.end();
    return [
      { name: 'api.bare', value: median(theirs), unit: 'requests/s' },
      {
        name: 'api.describe-vpcs',
        value: median(ours),
        unit: 'requests/s',
        ratio: medianRatio(ours, theirs),
        target: { of: 'value', is: 'at least', limit: TARGET_A_SECOND },
      },
    ];
  },
};
