import { describe, expect, test } from 'vitest';
import { consumerRecords, providerRecords } from '../../test/private-link-world.ts';
import { BASTION_WORLD, ENDPOINT_WORLD, NAT_WORLD } from '../../test/walkthrough-world.ts';
import { type WorldRecords, worldOf } from '../../test/worlds.ts';
import { explainFlow } from './explain.ts';

/** What ids are filled up with to AWS's length, and a name as long as people give them. */
const LONG_ID = '0123456789abcdef0';
const LONG_NAME = 'the network of the databases that nobody may reach from outside';

/** The same world with ids and names of the length that real ones have. */
function lengthen(records: Partial<WorldRecords>): Partial<WorldRecords> {
  const ids = /"(vpc|subnet|igw|rtb|sg|sgr|acl|eni|eipalloc|nat|vpce|i)-([a-z0-9-]{1,16})"/g;
  const text = JSON.stringify(records)
    .replaceAll(ids, (_, kind: string, rest: string) => `"${kind}-${(rest + LONG_ID).slice(0, 17)}"`)
    .replaceAll(/\{"key":"Name","value":"([a-z-]+)"\}/g, `{"key":"Name","value":"$1 ${LONG_NAME}"}`);
  return JSON.parse(text);
}

const PARTS: readonly (readonly [name: string, records: Partial<WorldRecords>])[] = [
  ['bastion', BASTION_WORLD],
  ['NAT gateway', NAT_WORLD],
  ['endpoint', ENDPOINT_WORLD],
  ['PrivateLink, its provider', providerRecords()],
  ['PrivateLink, its consumer', consumerRecords()],
];

describe('no line is longer than 100 columns, whoever asks about whom', () => {
  for (const [name, records] of PARTS.flatMap(([part, each]) => [
    [part, each] as const,
    [`${part}, with long ids and names`, lengthen(each)] as const,
  ])) {
    test(name, () => {
      const world = worldOf(records);
      const ends = [...world.networkInterfaces.values()].map(({ networkInterfaceId }) => networkInterfaceId);
      let asked = 0;
      for (const source of [...ends, 'laptop', 'internet']) {
        for (const destination of [...ends, 'laptop', 'internet', '10.0.0.77']) {
          for (const protocol of ['tcp', 'udp', 'icmp', '47']) {
            const lines = linesOf([world], source, destination, protocol);
            if (lines === undefined) continue;
            asked++;
            expect(lines.filter((line) => line.length > 100)).toEqual([]);
          }
        }
      }
      expect(asked).toBeGreaterThan(20);
    });
  }
});

/** The lines of an answer; undefined where the question is refused, as of a gateway that begins nothing. */
function linesOf(
  worlds: Parameters<typeof explainFlow>[0],
  source: string,
  destination: string,
  protocol: string,
): readonly string[] | undefined {
  try {
    return explainFlow(worlds, { source, destination, port: undefined, protocol }).lines;
  } catch (error) {
    expect(String(error)).toMatch(/begins no connections|is no |in both|themselves|same/);
    return undefined;
  }
}
