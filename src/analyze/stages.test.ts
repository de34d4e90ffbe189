import { expect, test } from 'vitest';
import { NODE, providerRecords } from '../../test/private-link-world.ts';
import { NAT_WORLD } from '../../test/walkthrough-world.ts';
import { worldOf } from '../../test/worlds.ts';
import { STAGES, titleOf } from '../model/stages.ts';
import { planInterfaces } from '../plan/interfaces.ts';
import { planNodeRuleset } from '../plan/load-balancers.ts';
import { STAGE_CHAINS } from '../plan/stage-chains.ts';

test('every stage names a chain of the data plane: of the router, the NAT gateway or the load balancer', () => {
  const world = worldOf(NAT_WORLD);
  const gateway = world.networkInterfaces.get('eni-n');
  const ofGateway =
    gateway === undefined ? [] : (planInterfaces(world, 'eni-n', [gateway], [world]).ruleset?.chains ?? []);
  const provider = worldOf(providerRecords());
  const node = provider.networkInterfaces.get(NODE);
  const ofNode = node === undefined ? [] : planNodeRuleset(provider, node).chains;
  const chains = [...STAGE_CHAINS, ...ofGateway, ...ofNode].map(({ name }) => name);
  expect(STAGES.map(({ chain }) => chain).filter((chain) => !chains.includes(chain))).toEqual([]);
});

test('the stages stand once, in the order in which people speak of them', () => {
  expect(STAGES.map(({ name }) => name)).toEqual([
    'source_check',
    'egress_security_group',
    'network_acl_out',
    'route',
    'nat_gateway',
    'internet_gateway',
    'gateway_endpoint',
    'load_balancer',
    'network_acl_in',
    'ingress_security_group',
    'destination_check',
    'deliver',
  ]);
  expect(titleOf('network_acl_in')).toBe('network ACL, in');
});
