import type { Listener, LoadBalancer } from '../model/load-balancer-records.ts';
import { listenersOf, loadBalancerOf, numbersOf, targetsOfNode } from '../model/load-balancing.ts';
import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { PROTOCOL_NUMBERS } from '../net/flow.ts';
import type { Ruleset } from './ruleset.ts';
import { serviceAddressOf } from './service-addresses.ts';

/**
 * A node of a Network Load Balancer sends what a listener takes on to one of its targets, chosen for a connection by a
 * hash of where it comes from, and under the node's own address: a target's answers come back to it, and its security
 * groups see the load balancer. The node takes what is addressed to itself, and to the service address by which
 * endpoints call it. Whatever no listener takes is dropped.
 */
export function planNodeRuleset(world: World, node: NetworkInterface): Ruleset {
  const [own] = node.privateIpAddresses;
  if (own === undefined) throw new Error(`${node.networkInterfaceId} has no private address`);
  const balancer = loadBalancerOf(world, node);
  const listeners = balancer === undefined ? [] : listenersOf(world, balancer);
  return {
    table: 'cloudcroft',
    sets: [],
    maps: [],
    chains: [
      {
        name: 'load_balancer',
        hook: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' },
        rules:
          balancer === undefined
            ? []
            : listeners.flatMap((listener) => planListener(world, balancer, node, listener, own)),
      },
      { name: 'input', hook: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' }, rules: [] },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
        rules: ['ct status dnat accept'],
      },
      {
        name: 'load_balancer_out',
        hook: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
        rules: [`oifname "eth0" meta l4proto { tcp, udp } snat to ${own}:1024-65535 fully-random`],
      },
    ],
  };
}

function planListener(
  world: World,
  balancer: LoadBalancer,
  node: NetworkInterface,
  listener: Listener,
  own: string,
): string[] {
  const targets = targetsOfNode(world, balancer, node, listener);
  if (targets.length === 0) return [];
  const choices = targets.map(({ address, port }, index) => `${index} : ${address} . ${port}`).join(', ');
  const here = `ip daddr { ${own}, ${serviceAddressOf(node)} }`;
  return numbersOf(listener.protocol).map((number) => {
    const name = number === PROTOCOL_NUMBERS['tcp'] ? 'tcp' : 'udp';
    const what = isSticky(world, listener) ? 'ip saddr' : `ip saddr . ${name} sport`;
    const hash = `jhash ${what} mod ${targets.length}`;
    return `${here} ${name} dport ${listener.port} dnat ip to ${hash} map { ${choices} }`;
  });
}

/** Whether all connections of one client go to one target. */
function isSticky(world: World, { targetGroupArn }: Listener): boolean {
  return world.targetGroups.get(targetGroupArn)?.attributes['stickiness.enabled'] === 'true';
}
