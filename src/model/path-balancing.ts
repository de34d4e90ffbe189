import type { Packets } from '../net/flow.ts';
import { endAt, type InterfaceEnd } from './flow-endpoints.ts';
import type { Listener, LoadBalancer } from './load-balancer-records.ts';
import { isListenedTo, listenersOf, loadBalancerOf, targetsOfNode } from './load-balancing.ts';
import { createListener, serveByTarget } from './mends.ts';
import type { Departure, Walk } from './path-walk.ts';
import { nodeBehindEndpoint, type PlacedInterface } from './private-link.ts';
import type { VpcEndpoint } from './records.ts';
import type { World } from './world.ts';

/** At a node of a load balancer that was addressed itself. */
export function reachLoadBalancer(walk: Walk, end: InterfaceEnd, packets: Packets): void {
  balance(walk, end, end, packets);
}

/** At an endpoint to somebody's own service: on to the load balancer's node in the zone of the endpoint's interface. */
export function reachOfferedService(
  walk: Walk,
  end: InterfaceEnd,
  { vpcEndpointId, serviceName }: VpcEndpoint,
  packets: Packets,
): void {
  const node = nodeBehindEndpoint(walk.flow.worlds, end.world, end.eni);
  if (node === undefined) {
    const gate = walk.record.at({ packets, networkInterfaceId: end.eni.networkInterfaceId });
    gate.stop('deliver', 'endpoint-not-available', {
      sentence: `${serviceName} has no load balancer in ${end.eni.availabilityZone}, the zone of ${end.eni.networkInterfaceId}.`,
      objectIds: [vpcEndpointId],
    });
    return;
  }
  walk.record.pass('deliver', `${end.label} hands it to ${serviceName}.`, vpcEndpointId);
  balance(walk, node, end, packets);
}

/** A node sends what a listener takes on to a target, under its own address. `from` is where the packets came to it. */
function balance(walk: Walk, { world, eni }: PlacedInterface, from: Departure, packets: Packets): void {
  const { record } = walk;
  const balancer = loadBalancerOf(world, eni);
  if (balancer === undefined) return;
  const name = `load balancer ${balancer.loadBalancerName}`;
  const objectIds = [balancer.loadBalancerArn];
  if (!walk.visit(eni.networkInterfaceId, packets)) {
    const sentence = `The ${name} had it already: it goes round until its time to live is over.`;
    record.stop('load_balancer', 'routing-loop', { sentence, objectIds });
    return;
  }
  const listeners = listenersOf(world, balancer).filter((each) => isListenedTo(each, packets.protocol));
  const { first, last } = packets.ports;
  const listener = first === last ? listeners.find(({ port }) => port === first) : undefined;
  if (listener === undefined) {
    stopWithoutListener(walk, world, balancer, listeners, packets);
    return;
  }
  const targets = targetsOfNode(world, balancer, eni, listener);
  const target = walk.choose(targets);
  if (target === undefined) {
    record.at({ packets, networkInterfaceId: eni.networkInterfaceId }).stop('load_balancer', 'no-target', {
      sentence: `The ${name} has no target in service in ${eni.availabilityZone} for its ${listener.protocol} listener at port ${listener.port}.`,
      mend: serveByTarget(world, balancer, listener),
      objectIds: [...objectIds, listener.targetGroupArn],
    });
    return;
  }
  const node = endAt(world, eni, 'private-address');
  const there = endAt(world, target.eni, 'private-address', target.address);
  const which = targets.length === 1 ? 'its target' : `one of its ${targets.length} targets,`;
  const translated = {
    ...packets,
    source: node.privateAddress,
    destination: target.address,
    ports: { first: target.port, last: target.port },
  };
  record
    .at({ packets, translated, networkInterfaceId: eni.networkInterfaceId })
    .pass(
      'load_balancer',
      `${name} sends it on to ${which} ${there.label} at port ${target.port}, from its own address ${node.privateAddress}.`,
      ...objectIds,
    );
  walk.redirect({ node, from, name, packets, target: there });
  walk.sendLater(node, translated);
}

function stopWithoutListener(
  { record }: Walk,
  world: World,
  balancer: LoadBalancer,
  others: readonly Listener[],
  packets: Packets,
): void {
  const [other] = others;
  const has =
    others.length === 0
      ? 'none for that protocol'
      : others.map(({ protocol, port }) => `${protocol} ${port}`).join(', ');
  const { first, last } = packets.ports;
  record.at({ packets }).stop('load_balancer', 'no-listener', {
    sentence: `The load balancer ${balancer.loadBalancerName} has no listener at that port: it has ${has}.`,
    mend: other === undefined || first !== last ? undefined : createListener(world, balancer, other, first),
    objectIds: [balancer.loadBalancerArn],
  });
}
