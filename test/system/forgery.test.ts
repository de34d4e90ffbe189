import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/plan/simulate/values.ts';
import { type ForgedPacket, forge, someForgeries } from '../proof/forgery-proof.ts';
import { KernelNetwork } from '../proof/kernel-network.ts';
import { FORGERY_MUTANTS } from '../proof/mutants.ts';
import type { Mutate } from '../proof/rules-proof.ts';
import { SteeredNetwork } from '../proof/steered-network.ts';
import { IPV6_SUBJECT } from '../proof/subject.ts';
import { findSystemObstacle } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: forged packets of IPv6: ${obstacle}`);

const WORLDS = 12;
/** Answers take a millisecond; this is what a busy machine is given. */
const PATIENCE_MILLISECONDS = 200;

describe.skipIf(obstacle !== undefined)('packets of IPv6 under a foreign address', () => {
  let network: KernelNetwork;
  let lastId = 0;

  beforeAll(async () => {
    network = await KernelNetwork.start();
  });

  afterAll(async () => {
    await network?.end();
  });

  /** Where forged packets of some worlds come out: by the rules, and in the kernel that has spoiled ones. */
  const receivers = async (mutate: Mutate) => {
    const found: { isChecked: boolean; byRules: string; inKernel: string }[] = [];
    for (const [choices, forgeries] of fc.sample(fc.tuple(IPV6_SUBJECT.anyWorld, someForgeries), WORLDS)) {
      const machines = IPV6_SUBJECT.planOf(choices);
      const simulated = new SteeredNetwork(IPV6_SUBJECT.sideOf(machines));
      await network.replace([...mutate(machines)]);
      const sent = withoutDoubles(forge(choices, forgeries)).map((each) => ({ ...each, id: ++lastId }));
      const probes = sent.map(({ id, machine, packet }) => ({
        id,
        isForged: true,
        protocol: packet.protocol,
        sender: machine,
        source: formatAddress(packet.source),
        sourcePort: packet.sourcePort,
        destination: formatAddress(packet.destination),
        destinationPort: packet.destinationPort,
      }));
      const seen = await network.prober.send(probes, PATIENCE_MILLISECONDS);
      for (const { id, machine, packet, isChecked } of sent) {
        const byRules = simulated.exchange(machine, packet, { natPort: 0 }).there.receiver ?? 'nowhere';
        found.push({ isChecked, byRules, inKernel: seen.get(id)?.arrival?.machine ?? 'nowhere' });
      }
    }
    return found;
  };

  test('S115 come out where the rules say: nowhere, where the sender is checked', async () => {
    const found = await receivers((machines) => machines);
    expect(found.map(({ inKernel }) => inKernel)).toEqual(found.map(({ byRules }) => byRules));
    const checked = found.filter(({ isChecked }) => isChecked);
    expect(checked.length).toBeGreaterThan(10);
    expect(new Set(checked.map(({ inKernel }) => inKernel))).toEqual(new Set(['nowhere']));
    // The others show that packets are sent at all.
    expect(found.filter(({ inKernel }) => inKernel !== 'nowhere').length).toBeGreaterThan(3);
  });

  test.each(FORGERY_MUTANTS.slice(0, 1))('it is noticed: %s', async (_name, mutate) => {
    const found = await receivers(mutate);
    expect(
      found.filter(({ byRules, inKernel }) => byRules === 'nowhere' && inKernel !== byRules),
    ).not.toEqual([]);
  });
});

/** Connection tracking knows what has no ports by its addresses, and an address may be forged by two: one packet is enough. */
function withoutDoubles(packets: readonly ForgedPacket[]): ForgedPacket[] {
  const keyOf = ({ packet }: ForgedPacket): string =>
    `${packet.protocol} ${[packet.source, packet.destination].map(formatAddress).sort().join(' ')}`;
  return [...new Map(packets.map((each) => [keyOf(each), each])).values()];
}
