import { expect, test } from 'vitest';
import { consumerRecords, ENDPOINT, NODE, providerRecords } from '../../test/private-link-world.ts';
import { SCOPE, worldOf } from '../../test/worlds.ts';
import type { Machine } from './machine.ts';
import { planVpc } from './plan.ts';
import { renderRuleset } from './ruleset.ts';

const provider = worldOf(
  providerRecords({
    isCrossZone: true,
    targets: [
      { id: 'i-2', port: 8080 },
      { id: 'i-3', port: 8081 },
    ],
  }),
);
const consumer = worldOf(consumerRecords(), { ...SCOPE, account: '111111111111' });

/** A machine of the two worlds' plans, by its name. */
function machineOf(name: string, worlds = [provider, consumer]): Machine {
  const machines = [...planVpc(provider, 'vpc-1', worlds), ...planVpc(consumer, 'vpc-2', worlds)];
  const found = machines.find((machine) => machine.name === name);
  if (found === undefined) throw new Error(`the plan has no ${name}`);
  return found;
}

/** Links and routes as short lines. */
function waysOf({ links, routes }: Machine): readonly string[] {
  return [
    ...links.map(({ name, peer }) => `${name} ${peer === undefined ? '' : `${peer.machine} ${peer.name}`}`),
    ...routes.map(({ destination, via, device }) => `${destination} via ${via} dev ${device}`),
  ];
}

function rulesOf(name: string): string {
  const { ruleset } = machineOf(name);
  return ruleset === undefined ? '' : renderRuleset(ruleset);
}

test('the load balancer’s node and the endpoint’s interface are linked, whatever their VPCs’ blocks', () => {
  expect(waysOf(machineOf(NODE))).toMatchInlineSnapshot(`
    [
      "lo ",
      "eth0 vpc-1 v00000000000001",
      "e00000000000005 eni-00000000000000005 n00000000000001",
      "0.0.0.0/0 via 10.0.0.1 dev eth0",
      "100.64.0.9/32 via 169.254.1.2 dev e00000000000005",
    ]
  `);
  expect(waysOf(machineOf(ENDPOINT))).toMatchInlineSnapshot(`
    [
      "lo ",
      "eth0 vpc-2 v00000000000005",
      "n00000000000001 eni-00000000000000001 e00000000000005",
      "0.0.0.0/0 via 10.0.2.1 dev eth0",
      "100.64.0.5/32 via 169.254.1.1 dev n00000000000001",
    ]
  `);
});

test('the node sends what its listener takes to one of the targets, under its own address', () => {
  expect(rulesOf(NODE)).toMatchInlineSnapshot(`
    "table ip cloudcroft {
      chain load_balancer {
        type nat hook prerouting priority -100; policy accept;
        ip daddr { 10.0.0.10, 100.64.0.5 } tcp dport 80 dnat ip to jhash ip saddr . tcp sport mod 2 map { 0 : 10.0.1.10 . 8080, 1 : 10.0.3.10 . 8081 }
      }
      chain input {
        type filter hook input priority 0; policy drop;
      }
      chain forward {
        type filter hook forward priority 0; policy drop;
        ct status dnat accept
      }
      chain load_balancer_out {
        type nat hook postrouting priority 100; policy accept;
        oifname "eth0" meta l4proto { tcp, udp } snat to 10.0.0.10:1024-65535 fully-random
      }
    }
    "
  `);
});

test('the endpoint’s interface translates both ends of a connection', () => {
  expect(rulesOf(ENDPOINT)).toMatchInlineSnapshot(`
    "table ip cloudcroft {
      chain endpoint_in {
        type nat hook prerouting priority -100; policy accept;
        iifname "eth0" ip daddr 10.0.2.20 meta l4proto { tcp, udp } dnat to 100.64.0.5
      }
      chain input {
        type filter hook input priority 0; policy drop;
      }
      chain forward {
        type filter hook forward priority 0; policy drop;
        ct status dnat accept
      }
      chain endpoint_out {
        type nat hook postrouting priority 100; policy accept;
        oifname != "eth0" meta l4proto { tcp, udp } snat to 100.64.0.9:1024-65535 fully-random
      }
    }
    "
  `);
});

test('without the provider’s world it leads nowhere', () => {
  const { links, ruleset } = machineOf(ENDPOINT, [consumer]);
  expect(links.map(({ name }) => name)).toEqual(['lo', 'eth0']);
  expect(ruleset?.chains.find(({ name }) => name === 'endpoint_in')?.rules).toEqual([]);
});
