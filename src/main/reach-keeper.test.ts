import { expect, test } from 'vitest';
import { NAT_WORLD } from '../../test/walkthrough-world.ts';
import { eni, instance, rule, SCOPE } from '../../test/worlds.ts';
import { Journal } from '../state/journal.ts';
import { Store, type Transaction } from '../state/store.ts';
import type { TableWriter } from '../state/table.ts';
import { ReachKeeper } from './reach-keeper.ts';

/** A store that holds the walk-through, and who asks it. */
function open(): { store: Store; keeper: ReachKeeper; write: (action: (tx: Transaction) => void) => void } {
  const store = new Store(Journal.open(':memory:'));
  store.transact(SCOPE, (tx) => {
    putAll(tx.vpcs, NAT_WORLD.vpcs);
    putAll(tx.subnets, NAT_WORLD.subnets);
    putAll(tx.internetGateways, NAT_WORLD.internetGateways);
    putAll(tx.routeTables, NAT_WORLD.routeTables);
    putAll(tx.securityGroups, NAT_WORLD.securityGroups);
    putAll(tx.securityGroupRules, NAT_WORLD.securityGroupRules);
    putAll(tx.networkAcls, NAT_WORLD.networkAcls);
    putAll(tx.networkInterfaces, NAT_WORLD.networkInterfaces);
    putAll(tx.instances, NAT_WORLD.instances);
    putAll(tx.natGateways, NAT_WORLD.natGateways);
    putAll(tx.addresses, NAT_WORLD.addresses);
  });
  const keeper = new ReachKeeper(store, new Set(['8.8.8.8']));
  return { store, keeper, write: (action) => void store.transact(SCOPE, action) };
}

function putAll<T>(table: TableWriter<T>, records: readonly T[]): void {
  for (const record of records) table.put(record);
}

function reaches(keeper: ReachKeeper, store: Store, from: string, to: string, port: number): boolean {
  const world = store.world(SCOPE);
  const matrix = keeper.matrix();
  if (world === undefined) throw new Error('no world');
  const [source, destination] = [matrix.classOf(world, from), matrix.classOf(world, to)];
  if (source === undefined || destination === undefined) return false;
  return matrix.spaces.has(matrix.between(source, destination), 6, port);
}

test('a rule that comes or goes is taken into the matrix that is there', () => {
  const { store, keeper, write } = open();
  const first = keeper.matrix();
  expect(reaches(keeper, store, 'eni-p', 'eni-b', 80)).toBe(false);
  write((tx) => tx.securityGroupRules.put(rule('sgr-new', 'sg-bastion', false, 80, '10.0.0.0/16')));
  expect(reaches(keeper, store, 'eni-p', 'eni-b', 80)).toBe(true);
  write((tx) => tx.securityGroupRules.delete('sgr-new'));
  expect(reaches(keeper, store, 'eni-p', 'eni-b', 80)).toBe(false);
  write((tx) => tx.keyPairs.delete('key-none'));
  expect(keeper.matrix()).toBe(first);
});

test('whatever else packets depend on makes a new one', () => {
  const { store, keeper, write } = open();
  const first = keeper.matrix();
  write((tx) => {
    tx.instances.put(instance('i-new', 'subnet-priv', 'new'));
    tx.networkInterfaces.put(eni('eni-new', 77, 'subnet-priv', '10.0.1.77', ['sg-private'], 'i-new'));
  });
  expect(keeper.matrix()).not.toBe(first);
  expect(keeper.matrix().classOf(store.world(SCOPE) ?? Object.create(null), 'eni-new')).toBeDefined();
  const second = keeper.matrix();
  // A block that tells the addresses of one class apart.
  write((tx) => tx.securityGroupRules.put(rule('sgr-half', 'sg-bastion', false, 80, '10.0.1.77/32')));
  expect(keeper.matrix()).not.toBe(second);
});
