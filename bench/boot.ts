import { LAPTOP } from '../src/plan/places.ts';
import { Installation } from '../test/support/installation.ts';
import { Network, publicIpOf } from './network.ts';
import { Packets } from './packets.ts';
import { type Benchmark, median, medianRatio } from './row.ts';

const ROUNDS = 3;
const MANY = 20;
const TARGET_ONE_SECONDS = 0.3;
const TARGET_MANY_SECONDS = 2;
const GIVE_UP_SECONDS = 15;

/** RunInstances to the SSH banner, seen from the laptop through the public address: one instance and many, in turns. */
export const boot: Benchmark = {
  name: 'boot',
  summary: `RunInstances to the SSH banner at the public address, 1 and ${MANY} at once`,
  run: async () => {
    const croft = await Installation.start();
    const network = await Network.make(croft);
    const packets = new Packets(croft.world);
    const subnetId = await network.addSubnet(0, true);
    const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    const groupId = await network.addGroup('ssh', [ssh]);
    const secondsFor = async (count: number): Promise<number> => {
      const begin = Date.now() / 1_000;
      const placed = await network.launch(count, subnetId, [groupId]);
      const seen = await packets.awaitBanners(LAPTOP, placed.map(publicIpOf), GIVE_UP_SECONDS);
      await network.terminate(placed);
      if (seen.some(Number.isNaN))
        throw new Error(`an instance did not say SSH within ${GIVE_UP_SECONDS} seconds`);
      return Math.max(...seen) - begin;
    };
    // The first instance of a world warms the caches for all others.
    await secondsFor(1);
    const [one, many]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      one.push(await secondsFor(1), await secondsFor(1));
      many.push(await secondsFor(MANY));
    }
    await packets.close();
    await croft.end();
    return [
      {
        name: 'boot.1',
        value: median(one),
        unit: 's',
        target: { of: 'value', is: 'at most', limit: TARGET_ONE_SECONDS },
      },
      {
        name: `boot.${MANY}`,
        value: median(many),
        unit: 's',
        ratio: medianRatio(
          many,
          one.filter((_, index) => index % 2 === 1),
        ),
        target: { of: 'value', is: 'at most', limit: TARGET_MANY_SECONDS },
      },
    ];
  },
};
