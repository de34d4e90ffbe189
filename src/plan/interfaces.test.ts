import { expect, test } from 'vitest';
import { BASTION_WORLD } from '../../test/walkthrough-world.ts';
import { add, eni, worldOf } from '../../test/worlds.ts';
import type { NetworkInterface } from '../model/records.ts';
import { planVpc } from './plan.ts';

/** The walk-through's bastion with a second interface in the private subnet, at device index 1. */
function planWithSecond(attachment: Partial<NetworkInterface['attachment']> | undefined) {
  const { attachment: made, ...bare } = eni('eni-2', 7, 'subnet-priv', '10.0.1.9', ['sg-private'], 'i-b');
  const second: NetworkInterface = {
    ...bare,
    privateIpAddresses: ['10.0.1.9', '10.0.1.10'],
    ...(attachment === undefined || made === undefined ? {} : { attachment: { ...made, ...attachment } }),
  };
  const machines = planVpc(worldOf(add(BASTION_WORLD, 'networkInterfaces', second)), 'vpc-1');
  return new Map(machines.map((machine) => [machine.name, machine]));
}

test('a second interface is a link of its instance, which answers by it what it was asked by it', () => {
  const machines = planWithSecond({ deviceIndex: 1 });
  expect([...machines.keys()].toSorted()).toEqual(['eni-b', 'eni-p', 'vpc-1']);
  const bastion = machines.get('eni-b');
  expect(bastion?.links.map(({ name, addresses }) => [name, addresses])).toEqual([
    ['lo', []],
    ['eth0', ['10.0.0.4/24']],
    ['eth1', ['10.0.1.9/24', '10.0.1.10/24']],
  ]);
  expect(bastion?.routes).toEqual([
    { table: 254, destination: '0.0.0.0/0', type: 'unicast', via: '10.0.0.1', device: 'eth0' },
    { table: 10001, destination: '10.0.1.0/24', type: 'unicast', device: 'eth1' },
    { table: 10001, destination: '0.0.0.0/0', type: 'unicast', via: '10.0.1.1', device: 'eth1' },
  ]);
  expect(bastion?.rules).toEqual([
    { priority: 10001, source: '10.0.1.9/32', table: 10001 },
    { priority: 10001, source: '10.0.1.10/32', table: 10001 },
  ]);
});

test('both ends of its pair name each other', () => {
  const machines = planWithSecond({ deviceIndex: 1 });
  const end = machines.get('eni-b')?.links.find(({ name }) => name === 'eth1');
  const other = machines.get('vpc-1')?.links.find(({ alias }) => alias === 'eni-2');
  expect([end?.peer, other?.peer]).toEqual([
    { machine: 'vpc-1', name: other?.name },
    { machine: 'eni-b', name: 'eth1' },
  ]);
});

test('an interface attached to nothing is on no machine', () => {
  const machines = planWithSecond(undefined);
  expect(machines.get('eni-b')?.links.map(({ name }) => name)).toEqual(['lo', 'eth0']);
  expect(machines.get('vpc-1')?.links.some(({ alias }) => alias === 'eni-2')).toBe(false);
});
