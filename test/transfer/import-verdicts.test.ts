import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import type { NetworkInterface } from '../../src/model/records.ts';
import type { World } from '../../src/model/world.ts';
import { Dump } from '../../src/transfer/aws/dump.ts';
import { PUBLIC_HOSTS } from '../differential/random-flows.ts';
import { anyWorld, recordsOf } from '../differential/random-worlds.ts';
import { dumpRegion, importRegion, regionOf } from '../support/dump.ts';
import { SCOPE, type WorldRecords } from '../worlds.ts';

const PORTS = [22, 80, 443, 45_000];

/** What explain says of every pair of interfaces, and of the Internet, in full. */
function verdictsOf(world: World): string[] {
  const all = [...world.networkInterfaces.values()];
  const own = all.filter(({ interfaceType }) => interfaceType === 'interface');
  const idOf = ({ networkInterfaceId }: NetworkInterface): string => networkInterfaceId;
  const pairs = ['internet', ...own.map(idOf)].flatMap((source) =>
    ['internet', ...all.map(idOf)].map((destination) => ({ source, destination })),
  );
  return pairs.flatMap(({ source, destination }) =>
    PORTS.map((port) => {
      if (source === destination) return '';
      const { lines } = explainFlow([world], { source, destination, port, protocol: 'tcp' }, PUBLIC_HOSTS);
      return [source, destination, port, ...lines].join('\n');
    }),
  );
}

function prepare(records: WorldRecords): WorldRecords {
  return {
    ...records,
    // An import refuses what is no MAC address.
    networkInterfaces: records.networkInterfaces.map((eni, index) => ({
      ...eni,
      macAddress: `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`,
    })),
  };
}

test('any world and its copy have the same verdicts, in the same words, between all interfaces and the Internet', () => {
  let allowed = 0;
  fc.assert(
    fc.property(anyWorld, (choices) => {
      const region = regionOf(prepare(recordsOf(choices)), SCOPE);
      const dump = new Dump(dumpRegion(region));
      const copy = importRegion(dump, SCOPE);
      const verdicts = verdictsOf(region.world);
      allowed += verdicts.filter((text) => text.includes(' can reach ')).length;
      expect(verdictsOf(copy.world)).toEqual(verdicts);
    }),
    { numRuns: 100 },
  );
  expect(allowed).toBeGreaterThan(100);
});
