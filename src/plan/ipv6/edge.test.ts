import { describe, expect, test } from 'vitest';
import { ENDPOINT_WORLD } from '../../../test/walkthrough-world.ts';
import { add, change, type WorldRecords, worldOf } from '../../../test/worlds.ts';
import type { Machine } from '../machine.ts';
import { planEdge } from '../plan.ts';

const SERVERS = { internet: ['8.8.8.8', '2001:4860:4860::8888'], services: ['52.219.32.1'] };
const BASTION = '2001:db8:c000:0:1::5';
const PRIVATE = '2001:db8:c000:1:2::6';

/** The walk-through, in which two interfaces have an IPv6 address, with or without each kind of gateway. */
function recordsWith(gateways: { readonly isOpen: boolean; readonly isEgressOnly: boolean }): WorldRecords {
  const [bastion, inside] = ENDPOINT_WORLD.networkInterfaces;
  if (bastion === undefined || inside === undefined) throw new Error('the walk-through lacks interfaces');
  const steps: ((records: WorldRecords) => WorldRecords)[] = [
    (records) =>
      change(records, 'networkInterfaces', bastion.networkInterfaceId, { ipv6Addresses: [BASTION] }),
    (records) =>
      change(records, 'networkInterfaces', inside.networkInterfaceId, { ipv6Addresses: [PRIVATE] }),
    ...(gateways.isOpen ? [] : [(records: WorldRecords) => ({ ...records, internetGateways: [] })]),
    ...(gateways.isEgressOnly
      ? [
          (records: WorldRecords) =>
            add(records, 'egressOnlyInternetGateways', {
              egressOnlyInternetGatewayId: 'eigw-1',
              vpcId: 'vpc-1',
              tags: [],
            }),
        ]
      : []),
  ];
  return steps.reduce((records, step) => step(records), ENDPOINT_WORLD);
}

function planned(records: WorldRecords, name: string): Machine {
  const machine = planEdge([worldOf(records)], SERVERS).find((each) => each.name === name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  return machine;
}

const SERVER_ADDRESSES = [{ link: 'lo', address: '2001:4860:4860::8888/128' }];
const LAPTOP_NEIGHBOUR = { link: 'laptop', address: '2001:db8:1::10', mac: '0e:c0:0f:00:00:10' };
const BASE_ROUTES = [
  { table: 254, destination: '::/0', type: 'blackhole' },
  { table: 254, destination: '2001:db8:1::10/128', type: 'unicast', device: 'laptop' },
];
const neighbourOn = (link: string) => ({ link, address: 'fe80::cc0:fff:fe00:1', mac: '0e:c0:0f:00:00:01' });
const routesBy = (device: string) =>
  [BASTION, PRIVATE].map((address) => ({
    table: 254,
    destination: `${address}/128`,
    type: 'unicast',
    via: 'fe80::cc0:fff:fe00:1',
    device,
  }));

describe('the Internet’s IPv6', () => {
  test.each([
    [
      'both gateways: in by the internet gateway',
      { isOpen: true, isEgressOnly: true },
      [neighbourOn('ivpc-1'), neighbourOn('ovpc-1')],
      routesBy('ivpc-1'),
    ],
    [
      'an internet gateway',
      { isOpen: true, isEgressOnly: false },
      [neighbourOn('ivpc-1')],
      routesBy('ivpc-1'),
    ],
    [
      'an egress-only internet gateway',
      { isOpen: false, isEgressOnly: true },
      [neighbourOn('ovpc-1')],
      routesBy('ovpc-1'),
    ],
    ['no gateway: no way to the VPC', { isOpen: false, isEgressOnly: false }, [], []],
  ])('%s', (_, gateways, neighbours, routes) => {
    expect(planned(recordsWith(gateways), 'internet').ipv6).toEqual({
      addresses: SERVER_ADDRESSES,
      neighbours: [LAPTOP_NEIGHBOUR, ...neighbours],
      routes: [...BASE_ROUTES, ...routes],
      rules: [],
      ruleset: undefined,
    });
  });

  test('the servers of each family are at their own addresses, with or without a VPC', () => {
    const [internet] = planEdge([], SERVERS);
    expect(internet?.links[0]).toEqual({ name: 'lo', addresses: ['8.8.8.8/32'], neighbours: [] });
    expect(internet?.ipv6).toEqual({
      addresses: SERVER_ADDRESSES,
      neighbours: [LAPTOP_NEIGHBOUR],
      routes: BASE_ROUTES,
      rules: [],
      ruleset: undefined,
    });
    expect(internet?.sysctls).toMatchObject({
      'net/ipv4/ip_forward': '1',
      'net/ipv6/conf/all/forwarding': '1',
    });
  });

  test('an interface that no instance runs behind has no way', () => {
    const open = recordsWith({ isOpen: true, isEgressOnly: false });
    const [bastion] = open.networkInterfaces;
    const stopped = change(open, 'instances', bastion?.attachment?.instanceId ?? '', { state: 'stopped' });
    const destinations = planned(stopped, 'internet').ipv6?.routes.map(({ destination }) => destination);
    expect(destinations).toEqual(['::/0', '2001:db8:1::10/128', `${PRIVATE}/128`]);
  });
});

describe('the link of an egress-only internet gateway', () => {
  const endOf = (machine: Machine) => machine.links.find(({ name }) => name === 'ovpc-1');

  test.each([[true], [false]])('is there with or without an internet gateway: %s', (isOpen) => {
    expect(endOf(planned(recordsWith({ isOpen, isEgressOnly: true }), 'internet'))).toEqual({
      name: 'ovpc-1',
      peer: { machine: 'vpc-1', name: 'eigw' },
      mac: '0e:c0:0f:00:00:02',
      mtu: 1500,
      alias: 'eigw-1',
      addresses: [],
      neighbours: [],
    });
  });

  test('is not there without the gateway', () => {
    expect(endOf(planned(recordsWith({ isOpen: true, isEgressOnly: false }), 'internet'))).toBeUndefined();
  });

  test('is not there while nothing runs in the VPC', () => {
    const records = recordsWith({ isOpen: false, isEgressOnly: true });
    expect(
      endOf(planned({ ...records, networkInterfaces: [], vpcEndpoints: [] }, 'internet')),
    ).toBeUndefined();
  });
});

test('the laptop’s IPv6 leads to the Internet', () => {
  expect(planned(ENDPOINT_WORLD, 'laptop').ipv6).toEqual({
    addresses: [{ link: 'eth0', address: '2001:db8:1::10/64' }],
    neighbours: [{ link: 'eth0', address: 'fe80::cc0:fff:fe00:2', mac: '0e:c0:0f:00:00:02' }],
    routes: [
      { table: 254, destination: '::/0', type: 'unicast', via: 'fe80::cc0:fff:fe00:2', device: 'eth0' },
    ],
    rules: [],
    ruleset: undefined,
  });
});

test('the services speak IPv4 only', () => {
  const services = planned(recordsWith({ isOpen: true, isEgressOnly: true }), 'services');
  expect(services.ipv6).toBeUndefined();
});
