import type { World } from '../../model/world.ts';
import type { PortRange } from '../../net/flow.ts';

/**
 * Ports of a range, one of every kind: ports that no rule of a security group or network ACL, nor a listener, tells apart are of
 * one kind, so what holds for these holds for the whole range.
 */
export function portsIn(worlds: readonly World[], { first, last }: PortRange): readonly number[] {
  const starts = first === last ? [] : worlds.flatMap(startsOf);
  const inside = starts.filter((port) => port > first && port <= last);
  return [...new Set([first, ...inside])].sort((one, other) => one - other);
}

/** Where something of a world begins to speak of ports, or ends. */
function startsOf(world: World): number[] {
  const rules = [...world.securityGroupRules.values()].map(({ fromPort, toPort }) => ({ fromPort, toPort }));
  const entries = [...world.networkAcls.values()].flatMap(({ entries: all }) =>
    all.flatMap(({ portRange }) =>
      portRange === undefined ? [] : [{ fromPort: portRange.from, toPort: portRange.to }],
    ),
  );
  const listeners = [...world.listeners.values()].map(({ port }) => ({ fromPort: port, toPort: port }));
  return [...rules, ...entries, ...listeners].flatMap(({ fromPort, toPort }) => [
    ...(fromPort === undefined ? [] : [fromPort]),
    ...(toPort === undefined ? [] : [toPort + 1]),
  ]);
}
