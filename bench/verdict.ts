import { LAPTOP } from '../src/plan/places.ts';
import { Installation } from '../test/support/installation.ts';
import { ApiClient, type QueryParameters } from './api-client.ts';
import { Network, publicIpOf } from './network.ts';
import { Packets, type Route } from './packets.ts';
import { type Benchmark, median, medianRatio } from './row.ts';

const ROUNDS = 25;
const TARGET_MILLISECONDS = 50;
const GIVE_UP_SECONDS = 3;

/** A call that opens or closes a port to the first datagram that is treated so. */
export const verdict: Benchmark = {
  name: 'verdict',
  summary: 'Authorize- and RevokeSecurityGroupIngress to the first packet that is let through, or dropped',
  run: async () => {
    const croft = await Installation.start();
    const network = await Network.make(croft);
    const groupId = await network.addGroup('verdict', []);
    const placed = await network.place(await network.addSubnet(0, true), [groupId]);
    await croft.settle();
    const packets = new Packets(croft.world);
    const route = { server: placed.namespace, client: LAPTOP, address: publicIpOf(placed) };
    const client = new ApiClient(
      Number(new URL((await croft.status()).apiUrl).port),
      croft.state.credentials(),
    );
    const rule = {
      GroupId: groupId,
      'IpPermissions.1.IpProtocol': 'udp',
      'IpPermissions.1.FromPort': '7000',
      'IpPermissions.1.ToPort': '7000',
      'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0',
    };
    const change = { packets, route, client, rule };
    const [opened, closed]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      opened.push(await millisecondsTo('AuthorizeSecurityGroupIngress', 'pass', change));
      closed.push(await millisecondsTo('RevokeSecurityGroupIngress', 'drop', change));
    }
    client.close();
    await packets.close();
    await croft.end();
    const target = { of: 'value', is: 'at most', limit: TARGET_MILLISECONDS } as const;
    return [
      { name: 'verdict.open', value: median(opened), unit: 'ms', target },
      { name: 'verdict.open.slowest', value: Math.max(...opened), unit: 'ms' },
      {
        name: 'verdict.close',
        value: median(closed),
        unit: 'ms',
        ratio: medianRatio(closed, opened),
        target,
      },
      { name: 'verdict.close.slowest', value: Math.max(...closed), unit: 'ms' },
    ];
  },
};

interface Change {
  readonly packets: Packets;
  readonly route: Route;
  readonly client: ApiClient;
  readonly rule: QueryParameters;
}

async function millisecondsTo(
  action: string,
  wanted: 'pass' | 'drop',
  { packets, route, client, rule }: Change,
): Promise<number> {
  const { changed } = await packets.watch(route, wanted, GIVE_UP_SECONDS);
  const begin = performance.timeOrigin + performance.now();
  await client.call(action, rule);
  const at = (await changed) * 1_000;
  if (Number.isNaN(at))
    throw new Error(`${action} changed nothing for packets within ${GIVE_UP_SECONDS} seconds`);
  return at - begin;
}
