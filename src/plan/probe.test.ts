import { expect, test } from 'vitest';
import type { Flow, OutsideEnd } from '../model/flow-endpoints.ts';
import { planProbe } from './probe.ts';

const SERVERS = { internet: ['8.8.8.8', '2001:4860:4860::8888'], services: ['52.219.32.1'] };
const PATH = { isAllowed: true, hops: [], obstacles: [] };

function flowBetween(source: string, destination: string): Flow {
  const endAt = (address: string): OutsideEnd => ({
    kind: 'outside',
    address,
    label: address,
    block: address,
  });
  return {
    source: endAt(source),
    destination: endAt(destination),
    protocol: 6,
    ports: { first: 80, last: 80 },
    publicHosts: undefined,
    worlds: [],
  };
}

test.each([
  ['198.51.100.10', '8.8.8.8', 'laptop', ['laptop', 'internet']],
  ['2001:db8:1::10', '2001:4860:4860::8888', 'laptop', ['laptop', 'internet']],
  ['2001:4860:4860::8888', '2001:db8:1::10', 'internet', ['laptop', 'internet']],
  ['52.219.32.1', '198.51.100.10', 'services', ['laptop', 'services']],
])('a probe from %s to %s is sent in %s', (source, destination, machine, ends) => {
  const { spec, waypoints } = planProbe(flowBetween(source, destination), PATH, SERVERS, 1000);
  expect(spec).toMatchObject({ machine, source, destination });
  expect(waypoints.filter(({ isEnd }) => isEnd).map((each) => each.machine)).toEqual(ends);
});

test.each(['203.0.113.9', '2001:db8:1::11'])('nothing can be sent from %s, which nobody has', (source) => {
  expect(() => planProbe(flowBetween(source, '8.8.8.8'), PATH, SERVERS, 1000)).toThrow(
    `Nobody has ${source} on the simulated Internet`,
  );
});
