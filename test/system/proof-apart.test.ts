import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import { SERVERS } from '../differential/random-flows.ts';
import { recordsOf, type WorldChoices } from '../differential/random-worlds.ts';
import { KernelNetwork } from '../proof/kernel-network.ts';
import type { Seen } from '../proof/prober.ts';
import { eventually, findSystemObstacle } from '../support/installation.ts';
import { worldOf } from '../worlds.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: what the proof leaves of a world: ${obstacle}`);

/** Answers take a millisecond; this is what a busy machine is given. */
const PATIENCE_MILLISECONDS = 1000;

/** Two instances in two subnets, which everything is open between. */
const OPEN: WorldChoices = {
  hasInternetGateway: true,
  natGateway: undefined,
  endpoint: undefined,
  interfaceEndpoint: undefined,
  instances: [2, 1].map((subnet) => ({
    subnet,
    address: 'none',
    groups: [0],
    isRunning: true,
    sourceDestCheck: true,
  })),
  peer: undefined,
  tables: [[], [], []],
  gatewayTable: undefined,
  tableOf: [undefined, undefined, undefined],
  rules: [],
  acls: [],
  aclOf: [undefined, undefined, undefined],
  isLogged: false,
};
const WITH_ENDPOINT: WorldChoices = {
  ...OPEN,
  interfaceEndpoint: { subnet: 2, groups: [0], isAvailable: true },
};
const SHUT: WorldChoices = {
  ...OPEN,
  acls: [
    [true, false].map((isEgress) => ({
      isEgress,
      isAllowed: false,
      protocol: '-1',
      ports: [0, 65_535],
      cidrBlock: '0.0.0.0/0',
    })),
  ],
  aclOf: [undefined, 0, undefined],
  isLogged: false,
};

const TO_ENDPOINT = {
  protocol: 6,
  sender: 'eni-0',
  source: '10.0.2.4',
  sourcePort: 32_768,
  destination: '10.0.2.100',
  destinationPort: 80,
};
const TO_INSTANCE = { ...TO_ENDPOINT, destination: '10.0.1.5', destinationPort: 22 };

function planOf(choices: WorldChoices): Machine[] {
  return planAll([worldOf(recordsOf(choices))], SERVERS);
}

/** The kernel holds one world after the other, and the same machines in them: what is asked in one is not for the next. */
describe.skipIf(obstacle !== undefined)('the proof leaves nothing of a world to the next', () => {
  let network: KernelNetwork;
  let lastId = 0;

  beforeAll(async () => {
    network = await KernelNetwork.start();
  });

  afterAll(async () => {
    await network?.end();
  });

  const send = async (probe: typeof TO_ENDPOINT, milliseconds: number): Promise<Seen | undefined> => {
    const id = ++lastId;
    return (await network.prober.send([{ id, ...probe }], milliseconds)).get(id);
  };

  /** A link that was made just now drops packets for some milliseconds, until the kernel has seen to both of its ends. */
  const untilAnswered = (probe: typeof TO_ENDPOINT): Promise<void> =>
    eventually('the links carry packets', async () => (await send(probe, 20))?.isAnswered === true);

  test('no packet that waits for an ARP answer, nor the question', async () => {
    await network.replace(planOf(OPEN));
    await untilAnswered({ ...TO_INSTANCE, sourcePort: 32_769 });
    expect(await send(TO_ENDPOINT, 20)).toEqual({ arrival: undefined, isAnswered: false });
    await network.replace(planOf(WITH_ENDPOINT));
    // The other instance asks its router, which answers at once.
    await untilAnswered({ ...TO_ENDPOINT, sender: 'eni-1', source: '10.0.1.5' });
    expect(await send(TO_ENDPOINT, PATIENCE_MILLISECONDS)).toEqual({
      arrival: { machine: 'services', source: '10.0.2.4', port: 32_768 },
      isAnswered: true,
    });
  });

  test('no end of a connection that was cut', async () => {
    await network.replace(planOf(OPEN));
    await untilAnswered({ ...TO_INSTANCE, sourcePort: 32_769 });
    const id = ++lastId;
    const open = await network.prober.connect([{ id, ...TO_INSTANCE }], PATIENCE_MILLISECONDS);
    expect([...open]).toEqual([id]);
    await network.change(planOf(SHUT));
    expect([...(await network.prober.sendAgain(20))]).toEqual([]);
    await network.replace(planOf(OPEN));
    expect(await send(TO_INSTANCE, PATIENCE_MILLISECONDS)).toEqual({
      arrival: { machine: 'eni-1', source: '10.0.2.4', port: 32_768 },
      isAnswered: true,
    });
  });
});
