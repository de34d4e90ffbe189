import { describe, expect, test } from 'vitest';
import { BASTION_IPV6, DUAL_WORLD, PRIVATE_IPV6 } from '../../test/ipv6-world.ts';
import { worldOf } from '../../test/worlds.ts';
import { endAt, type FlowEnd } from '../model/flow-endpoints.ts';
import { tracePath } from '../model/path.ts';
import { LAPTOP_IPV6 } from './places.ts';
import { planProbe } from './probe.ts';

const WORLD = worldOf(DUAL_WORLD);
const SERVER = '2001:4860:4860::8888';
const SERVERS = { internet: ['8.8.8.8', SERVER], services: [] };

function interfaceAt(id: string, address: string): FlowEnd {
  const eni = WORLD.networkInterfaces.get(id);
  if (eni === undefined) throw new Error(`there is no ${id}`);
  return endAt(WORLD, eni, 'name', address);
}

function outsideAt(address: string): FlowEnd {
  return { kind: 'outside', address, label: address, block: `${address}/128` };
}

function plan(source: FlowEnd, destination: FlowEnd) {
  const ports = { first: 80, last: 80 };
  const flow = { source, destination, protocol: 17, ports, publicHosts: undefined, worlds: [WORLD] };
  const { spec, waypoints } = planProbe(flow, tracePath(flow), SERVERS, 100);
  return { ...spec, ends: waypoints.filter(({ isEnd }) => isEnd).map(({ machine }) => machine) };
}

describe('a probe of IPv6', () => {
  test('from the laptop: to the interface’s own address, which alone answers', () => {
    expect(plan(outsideAt(LAPTOP_IPV6), interfaceAt('eni-b', BASTION_IPV6))).toEqual({
      protocol: 17,
      machine: 'laptop',
      source: LAPTOP_IPV6,
      destination: BASTION_IPV6,
      port: 80,
      peers: [BASTION_IPV6],
      machines: ['laptop', 'vpc-1', 'eni-b', 'internet', 'services'],
      milliseconds: 100,
      ends: ['eni-b', 'laptop'],
    });
  });

  test('from an instance, at its IPv6 address, to a server of the Internet', () => {
    expect(plan(interfaceAt('eni-p', PRIVATE_IPV6), outsideAt(SERVER))).toMatchObject({
      machine: 'eni-p',
      source: PRIVATE_IPV6,
      destination: SERVER,
      peers: [SERVER],
      ends: ['eni-p', 'internet'],
    });
  });

  test('by IPv4 no IPv6 address answers', () => {
    expect(plan(interfaceAt('eni-p', '10.0.1.4'), interfaceAt('eni-b', '10.0.0.4'))).toMatchObject({
      source: '10.0.1.4',
      destination: '10.0.0.4',
      peers: expect.not.arrayContaining([BASTION_IPV6]),
    });
  });

  test.each([
    ['2001:db8:2::7', 'Trace from laptop, or from 2001:4860:4860::8888.'],
    ['203.0.113.7', 'Trace from laptop, or from 8.8.8.8.'],
  ])('nobody has %s', (address, hint) => {
    const destination = interfaceAt('eni-b', address.includes(':') ? BASTION_IPV6 : '10.0.0.4');
    expect(() => plan(outsideAt(address), destination)).toThrow(hint);
  });
});
