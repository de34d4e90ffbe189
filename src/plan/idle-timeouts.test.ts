import { describe, expect, test } from 'vitest';
import { ENDPOINT_WORLD } from '../../test/walkthrough-world.ts';
import { change, eni, worldOf } from '../../test/worlds.ts';
import type { IdleTimeouts } from '../model/idle-timeouts.ts';
import type { NetworkInterface } from '../model/records.ts';
import { planIdleTimeouts } from './idle-timeouts.ts';
import { planVpc } from './plan.ts';
import { type Ruleset, renderRuleset } from './ruleset.ts';

function interfaceOf(name: string, idleTimeouts?: Partial<IdleTimeouts>): NetworkInterface {
  const bare = eni(`eni-${name}`, 1, 'subnet-1', '10.0.0.4', [], 'i-1');
  return idleTimeouts === undefined ? bare : { ...bare, idleTimeouts };
}

/** The timeouts that a new connection gets between two links, as the kernel goes through the table's rules. */
function givenBy(ruleset: Ruleset | undefined, protocol: 'tcp' | 'udp', from: string, to: string) {
  const follow = (chain: string): string | undefined => {
    const { rules = [] } = ruleset?.chains.find(({ name }) => name === chain) ?? {};
    for (const text of rules) {
      const [, end, set = ''] = /^([io])ifname @(\S+) /.exec(text) ?? [];
      const { elements = [] } = ruleset?.sets.find(({ name }) => name === set) ?? {};
      const isForIt = text.startsWith(`ct state new meta l4proto ${protocol} `);
      if (!isForIt && !elements.includes(`"${end === 'i' ? from : to}"`)) continue;
      const [, next] = / goto (\S+)$/.exec(text) ?? [];
      return next === undefined ? / ct timeout set "(\S+)" return$/.exec(text)?.[1] : follow(next);
    }
    return undefined;
  };
  const given = follow('forward');
  const timeout = ruleset?.timeouts?.find(({ name }) => name === given);
  expect(timeout?.protocol ?? protocol).toBe(protocol);
  return timeout?.seconds;
}

test('S85 where all interfaces have the default timeouts, the router has its own settings only', () => {
  const explicit = { tcpEstablishedTimeout: 432_000, udpStreamTimeout: 180, udpTimeout: 30 };
  expect(planIdleTimeouts([interfaceOf('a'), interfaceOf('b', explicit)])).toBeUndefined();
  expect(planVpc(worldOf(ENDPOINT_WORLD), 'vpc-1')[0]).not.toHaveProperty('timeouts');
});

test('S85 the table of an interface with a timeout, word for word', () => {
  const idleTimeouts = { tcpEstablishedTimeout: 350, udpTimeout: 60 };
  const records = change(ENDPOINT_WORLD, 'networkInterfaces', 'eni-b', { idleTimeouts });
  const router = planVpc(worldOf(records), 'vpc-1').find(({ name }) => name === 'vpc-1');
  const { timeouts } = router ?? {};
  const text = timeouts === undefined ? '' : renderRuleset(timeouts);
  expect(text.replaceAll(/^ {2}/gm, '')).toBe(`table ip cloudcroft_timeouts {
ct timeout tcp_350 {
  protocol tcp
  l3proto ip
  policy = { established : 350 }
}
ct timeout udp_30_180 {
  protocol udp
  l3proto ip
  policy = { unreplied : 30, replied : 180 }
}
ct timeout udp_60_180 {
  protocol udp
  l3proto ip
  policy = { unreplied : 60, replied : 180 }
}
set tcp_of_350 {
  type ifname
  elements = {
    "veni-b"
  }
}
set udp_of_30 {
  type ifname
  elements = {
    "veni-p"
  }
}
set udp_of_60 {
  type ifname
  elements = {
    "veni-b"
  }
}
set udp_stream_of_180 {
  type ifname
  elements = {
    "veni-b",
    "veni-p"
  }
}
chain tcp_timeouts {
  iifname @tcp_of_350 ct timeout set "tcp_350" return
  oifname @tcp_of_350 ct timeout set "tcp_350" return
}
chain udp_30 {
  iifname @udp_stream_of_180 ct timeout set "udp_30_180" return
  oifname @udp_stream_of_180 ct timeout set "udp_30_180" return
}
chain udp_60 {
  iifname @udp_stream_of_180 ct timeout set "udp_60_180" return
  oifname @udp_stream_of_180 ct timeout set "udp_60_180" return
}
chain udp_timeouts {
  iifname @udp_of_30 goto udp_30
  oifname @udp_of_30 goto udp_30
  iifname @udp_of_60 goto udp_60
  oifname @udp_of_60 goto udp_60
}
chain forward {
  type filter hook forward priority 10; policy accept;
  ct state new meta l4proto tcp goto tcp_timeouts
  ct state new meta l4proto udp goto udp_timeouts
}
}
`);
});

describe('S85 of the two interfaces of a connection, the shorter timeout counts', () => {
  const gateway: NetworkInterface = { ...interfaceOf('n'), interfaceType: 'nat_gateway' };
  const ruleset = planIdleTimeouts([
    interfaceOf('usual'),
    interfaceOf('brief', { tcpEstablishedTimeout: 60, udpStreamTimeout: 60 }),
    interfaceOf('hour', { tcpEstablishedTimeout: 3600 }),
    interfaceOf('patient', { udpTimeout: 60, udpStreamTimeout: 90 }),
    gateway,
  ]);
  test.each<readonly [a: string, b: string, established: number | undefined, udp: readonly [number, number]]>(
    [
      ['usual', 'usual', undefined, [30, 180]],
      ['usual', 'brief', 60, [30, 60]],
      ['usual', 'hour', 3600, [30, 180]],
      ['usual', 'patient', undefined, [30, 90]],
      ['brief', 'brief', 60, [30, 60]],
      ['brief', 'hour', 60, [30, 60]],
      ['brief', 'patient', 60, [30, 60]],
      ['hour', 'patient', 3600, [30, 90]],
      ['patient', 'patient', undefined, [60, 90]],
      // Ends that are no instance's interface shorten nothing: a NAT gateway, the Internet.
      ['patient', 'n', undefined, [60, 90]],
      ['hour', 'n', 3600, [30, 180]],
    ],
  )('%s and %s: established %s, UDP %j', (a, b, established, [unreplied, replied]) => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const [link, other] = [`veni-${from}`, `veni-${to}`];
      expect(givenBy(ruleset, 'tcp', link, other)?.['established']).toBe(established);
      expect(givenBy(ruleset, 'udp', link, other)).toEqual({ unreplied, replied });
    }
  });

  test('with an end outside of the VPC, those of the interface inside', () => {
    expect(givenBy(ruleset, 'tcp', 'igw', 'veni-hour')).toEqual({ established: 3600 });
    expect(givenBy(ruleset, 'udp', 'veni-patient', 'igw')).toEqual({ unreplied: 60, replied: 90 });
    expect(givenBy(ruleset, 'udp', 'services', 'igw')).toBeUndefined();
    expect(givenBy(ruleset, 'tcp', 'igw', 'veni-n')).toBeUndefined();
  });
});

test('S85 a protocol of which nothing is said has no part in it', () => {
  const some = [interfaceOf('a', { tcpEstablishedTimeout: 90 }), interfaceOf('b')];
  expect(planIdleTimeouts(some)?.chains.map(({ name }) => name)).toEqual(['tcp_timeouts', 'forward']);
  const udp = [interfaceOf('a', { udpStreamTimeout: 60 })];
  expect(planIdleTimeouts(udp)?.chains.map(({ name }) => name)).toEqual([
    'udp_30',
    'udp_timeouts',
    'forward',
  ]);
});
