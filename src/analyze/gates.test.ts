import { expect, test } from 'vitest';
import { BASTION_WORLD } from '../../test/walkthrough-world.ts';
import { acl, entry, worldOf } from '../../test/worlds.ts';
import { evaluateAcl } from '../model/gates.ts';
import type { NetworkAclEntry } from '../model/records.ts';
import { planNetworkAcls } from '../plan/acl.ts';

const ACCEPTED = 'return';

/** What the planned map decides of TCP to a port from an address: the first number of each range that holds it. */
function decidePlanned(entries: readonly NetworkAclEntry[], port: number, address: number): boolean {
  const world = worldOf({ ...BASTION_WORLD, networkAcls: [acl('acl-1', ['subnet-pub'], entries)] });
  const { maps, chains } = planNetworkAcls(world, 'vpc-1');
  const map = maps.find(({ name }) => name === 'acl-1_in_ports');
  // What decides the same of every packet is a rule, not a map.
  if (map === undefined)
    return chains.find(({ name }) => name === 'acl-1_in')?.rules[0]?.startsWith(ACCEPTED) ?? false;
  const hit = map?.elements.find(({ key }) => {
    const [protocols = '', ports = '', addresses = ''] = key.split(' . ');
    return (
      isWithin(protocols, 6, Number) &&
      isWithin(ports, port, Number) &&
      isWithin(addresses, address, toNumber)
    );
  });
  return hit?.value === ACCEPTED;
}

function isWithin(range: string, value: number, parse: (text: string) => number): boolean {
  const [first = '', last = first] = range.split('-');
  return parse(first) <= value && value <= parse(last);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

const ENTRY_SETS: readonly (readonly [string, readonly NetworkAclEntry[]])[] = [
  ['nothing but *', []],
  ['all', [entry(100, false, 'allow')]],
  ['a deny before an allow', [entry(90, false, 'deny', { from: 22, to: 22 }), entry(100, false, 'allow')]],
  ['a deny after an allow', [entry(110, false, 'deny', { from: 22, to: 22 }), entry(100, false, 'allow')]],
  ['one block', [{ ...entry(100, false, 'allow', { from: 20, to: 25 }), cidrBlock: '198.51.100.0/24' }]],
  ['another protocol', [{ ...entry(100, false, 'allow'), protocol: '17' }]],
  ['the other way', [entry(100, true, 'allow')]],
];

for (const [name, entries] of ENTRY_SETS) {
  test(`S62 the model decides as the planned ruleset does: ${name}`, () => {
    for (const port of [19, 22, 25, 26, 65535]) {
      for (const source of ['198.51.100.10', '203.0.113.7']) {
        const packets = { protocol: 6, source, destination: '10.0.0.4', ports: { first: port, last: port } };
        const isAllowed = evaluateAcl(acl('acl-1', ['subnet-pub'], entries), false, packets).extent === 'all';
        expect([port, source, isAllowed]).toEqual([
          port,
          source,
          decidePlanned(entries, port, toNumber(source)),
        ]);
      }
    }
  });
}
