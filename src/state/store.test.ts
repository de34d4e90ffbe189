import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InternetGateway } from '../model/records.ts';
import { Journal } from './journal.ts';
import { type Change, Store, type Transaction } from './store.ts';

const SCOPE = { account: '123456789012', region: 'us-east-1' };
const OTHER = { account: '123456789012', region: 'eu-west-1' };

function newStore(): Store {
  return new Store(Journal.open(':memory:'));
}

function gateway(id: string, vpcId?: string): InternetGateway {
  return { internetGatewayId: id, tags: [], ...(vpcId === undefined ? {} : { vpcId }) };
}

function idsOf(store: Store): string[] {
  return [...(store.world(SCOPE)?.internetGateways.values() ?? [])].map((each) => each.internetGatewayId);
}

function putAll(store: Store, ...ids: string[]): void {
  store.transact(SCOPE, (tx) => {
    for (const id of ids) tx.internetGateways.put(gateway(id, 'vpc-1'));
  });
}

test('a record is found by id, by the value of a field, and in order of creation', () => {
  const store = newStore();
  putAll(store, 'igw-c', 'igw-a', 'igw-b');
  store.transact(SCOPE, (tx) => tx.internetGateways.put(gateway('igw-c', 'vpc-2')));
  const table = store.world(SCOPE)?.internetGateways;
  expect(table?.get('igw-a')).toEqual(gateway('igw-a', 'vpc-1'));
  expect(table?.get('igw-x')).toBeUndefined();
  expect(table?.where('vpcId', 'vpc-2')).toEqual([gateway('igw-c', 'vpc-2')]);
  expect(table?.where('vpcId', 'vpc-3')).toEqual([]);
  expect(idsOf(store)).toEqual(['igw-c', 'igw-a', 'igw-b']);
});

test('a field that is a list finds a record by each of its elements', () => {
  const store = newStore();
  const endpoint = {
    vpcEndpointId: 'vpce-1',
    vpcEndpointType: 'Gateway',
    vpcId: 'vpc-1',
    serviceName: 'com.amazonaws.us-east-1.s3',
    state: 'available',
    policyDocument: '{}',
    routeTableIds: ['rtb-1', 'rtb-2'],
    subnetIds: [],
    groupIds: [],
    networkInterfaceIds: [],
    privateDnsEnabled: false,
    creationTimestamp: '2026-01-02T03:04:05.000Z',
    tags: [],
  } as const;
  store.transact(SCOPE, (tx) => tx.vpcEndpoints.put(endpoint));
  expect(store.world(SCOPE)?.vpcEndpoints.where('routeTableIds', 'rtb-2')).toEqual([endpoint]);
  store.transact(SCOPE, (tx) => tx.vpcEndpoints.put({ ...endpoint, routeTableIds: ['rtb-1'] }));
  expect(store.world(SCOPE)?.vpcEndpoints.where('routeTableIds', 'rtb-2')).toEqual([]);
});

test('worlds are apart', () => {
  const store = newStore();
  putAll(store, 'igw-a');
  expect(store.world(OTHER)).toBeUndefined();
  store.transact(OTHER, (tx) => {
    expect(tx.internetGateways.size).toBe(0);
    expect([...tx.allWorlds()].map((world) => world.scope.region)).toEqual(['us-east-1', 'eu-west-1']);
  });
});

function failAfter(write: (tx: Transaction) => void): (tx: Transaction) => never {
  return (tx) => {
    write(tx);
    throw new Error('refused');
  };
}

test('a transaction that throws leaves nothing, and those after it work', () => {
  const store = newStore();
  putAll(store, 'igw-a', 'igw-b');
  const write = (tx: Transaction): void => {
    tx.internetGateways.delete('igw-a');
    tx.internetGateways.put(gateway('igw-b', 'vpc-9'));
    tx.internetGateways.put(gateway('igw-c'));
  };
  expect(() => store.transact(SCOPE, failAfter(write))).toThrow('refused');
  expect(idsOf(store)).toEqual(['igw-a', 'igw-b']);
  expect(store.world(SCOPE)?.internetGateways.where('vpcId', 'vpc-9')).toEqual([]);
  expect(store.world(SCOPE)?.internetGateways.where('vpcId', 'vpc-1')).toHaveLength(2);
  putAll(store, 'igw-d');
  expect(idsOf(store)).toEqual(['igw-a', 'igw-b', 'igw-d']);
});

test('S125 a rehearsal gives the same value and the same errors, and leaves nothing', () => {
  const store = newStore();
  putAll(store, 'igw-a', 'igw-b');
  const value = store.rehearse(SCOPE, (tx) => {
    tx.internetGateways.delete('igw-a');
    return tx.internetGateways.size;
  });
  expect(value).toBe(1);
  expect(idsOf(store)).toEqual(['igw-a', 'igw-b']);
  expect(() =>
    store.rehearse(
      SCOPE,
      failAfter(() => {}),
    ),
  ).toThrow('refused');
});

const write = fc.record({
  id: fc.constantFrom('igw-1', 'igw-2', 'igw-3', 'igw-4'),
  vpcId: fc.option(fc.constantFrom('vpc-1', 'vpc-2'), { nil: undefined }),
  isDeletion: fc.boolean(),
});

test('undone writes leave records, order and indexes as they were, whatever the writes', () => {
  fc.assert(
    fc.property(fc.array(write), fc.array(write), (kept, undone) => {
      const store = newStore();
      const apply = (writes: typeof kept) => (tx: Transaction) => {
        tx.internetGateways.where('vpcId', 'vpc-1');
        for (const { id, vpcId, isDeletion } of writes) {
          if (isDeletion) tx.internetGateways.delete(id);
          else tx.internetGateways.put(gateway(id, vpcId));
        }
      };
      store.transact(SCOPE, apply(kept));
      const before = [...(store.world(SCOPE)?.internetGateways.values() ?? [])];
      store.rehearse(SCOPE, apply(undone));
      const table = store.world(SCOPE)?.internetGateways;
      expect([...(table?.values() ?? [])]).toEqual(before);
      const inVpc = before.filter(({ vpcId }) => vpcId === 'vpc-1').map((each) => each.internetGatewayId);
      expect(
        table
          ?.where('vpcId', 'vpc-1')
          .map((each) => each.internetGatewayId)
          .sort(),
      ).toEqual(inVpc.sort());
    }),
  );
});

test('a watcher hears of each commit with what was before and after, and of nothing that was undone', () => {
  const store = newStore();
  const heard: Change[] = [];
  const stop = store.watch((changes) => heard.push(...changes));
  putAll(store, 'igw-a');
  store.rehearse(SCOPE, (tx) => tx.internetGateways.delete('igw-a'));
  expect(() =>
    store.transact(
      SCOPE,
      failAfter((tx) => tx.internetGateways.delete('igw-a')),
    ),
  ).toThrow();
  store.transact(SCOPE, (tx) => tx.internetGateways.delete('igw-a'));
  stop();
  putAll(store, 'igw-b');
  const record = gateway('igw-a', 'vpc-1');
  expect(heard).toEqual([
    { scope: SCOPE, table: 'internetGateways', id: 'igw-a', before: undefined, after: record },
    { scope: SCOPE, table: 'internetGateways', id: 'igw-a', before: record, after: undefined },
  ]);
});

test('a table is not written outside of a transaction, nor one transaction within another', () => {
  const store = newStore();
  const escaped = store.transact(SCOPE, (tx) => tx).value;
  expect(() => escaped.internetGateways.put(gateway('igw-a'))).toThrow('outside a transaction');
  expect(() => store.transact(SCOPE, () => store.transact(SCOPE, () => 1))).toThrow('inside another');
});

test('deleting what is not there is no change', () => {
  const store = newStore();
  let commits = 0;
  store.watch(() => commits++);
  store.transact(SCOPE, (tx) => tx.internetGateways.delete('igw-x'));
  expect(commits).toBe(0);
});

test('clearing forgets every world, tells watchers, and leaves nothing on disk', async () => {
  const journal = Journal.open(':memory:');
  const store = new Store(journal);
  putAll(store, 'igw-a', 'igw-b');
  store.transact(OTHER, (tx) => tx.internetGateways.put(gateway('igw-c')));
  const heard: string[] = [];
  store.watch((changes) => heard.push(...changes.map(({ id, after }) => `${id} ${after === undefined}`)));
  await store.clear();
  expect(heard).toEqual(['igw-a true', 'igw-b true', 'igw-c true']);
  expect(idsOf(store)).toEqual([]);
  expect([...journal.load()]).toEqual([]);
  putAll(store, 'igw-d');
  expect(idsOf(store)).toEqual(['igw-d']);
});
