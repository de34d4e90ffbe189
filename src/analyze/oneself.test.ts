import { expect, test } from 'vitest';
import { BASTION_WORLD } from '../../test/walkthrough-world.ts';
import { add, rule, worldOf } from '../../test/worlds.ts';
import { explainFlow } from './explain.ts';

const OPEN = add(
  BASTION_WORLD,
  'securityGroupRules',
  rule('sgr-b-all', 'sg-bastion', false, -1, '0.0.0.0/0'),
);

test.each([
  ['by its private address, no gate is asked', BASTION_WORLD, '10.0.0.4', 'tcp', []],
  ['by its public address, its group is', BASTION_WORLD, '198.18.0.5', 'udp', ['ingress-security-group']],
  ['and can let it in', OPEN, '198.18.0.5', 'udp', []],
  ['an echo is told from its answer', BASTION_WORLD, '198.18.0.5', 'icmp', ['ingress-security-group']],
  ['S83 a protocol without ports is not', BASTION_WORLD, '198.18.0.5', '47', []],
] as const)('%s: an instance asks itself', (_case, records, destination, protocol, obstacles) => {
  const world = worldOf(records);
  const question = { source: 'bastion', destination, port: undefined, protocol };
  const { result } = explainFlow([world], question);
  expect(result.obstacles.map(({ disposition }) => disposition)).toEqual(obstacles);
});
