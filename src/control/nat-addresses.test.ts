import { afterEach, expect, test } from 'vitest';
import { ControlledRegion } from '../../test/support/controlled-region.ts';
import { given } from '../../test/support/ec2.ts';
import type { Machine } from '../plan/machine.ts';

const opened: ControlledRegion[] = [];

afterEach(() => {
  for (const { control } of opened.splice(0)) control.close();
});

/** A public NAT gateway with a second Elastic IP, 10.0.0.5 in its subnet, and connections that go on by it. */
async function newGateway() {
  const it = await ControlledRegion.start();
  opened.push(it);
  const { region, control, driver } = it;
  const { vpcId: VpcId, subnetId: SubnetId } = it.network('10.0.0.0/24');
  const InternetGatewayId = given(
    region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId,
  );
  region.call('AttachInternetGateway', { InternetGatewayId, VpcId });
  const allocate = () => given(region.call('AllocateAddress', {}).AllocationId);
  const AllocationId = allocate();
  const second = allocate();
  const made = region.call('CreateNatGateway', { SubnetId, AllocationId, SecondaryAllocationIds: [second] });
  const NatGatewayId = given(made.NatGateway?.NatGatewayId);
  driver.connected.add('10.0.0.5');
  await control.idle();
  const gateway = () => given(region.world.natGateways.get(NatGatewayId));
  const associationId = given(gateway().secondaryAddresses?.[0]?.associationId);
  const drop = () =>
    region.call('DisassociateNatGatewayAddress', {
      NatGatewayId,
      AssociationIds: [associationId],
      MaxDrainDurationSeconds: 60,
    });
  const rules = (): Machine['ruleset'] => driver.machines.get(given(gateway().networkInterfaceId))?.ruleset;
  const statuses = () => gateway().secondaryAddresses?.map(({ status }) => status);
  return { it, second, drop, rules, statuses, NatGatewayId };
}

test('an address succeeds when its rules are there', async () => {
  const { it, statuses, rules } = await newGateway();
  expect(statuses()).toEqual(['succeeded']);
  expect(JSON.stringify(rules())).toContain('map { 0 : 10.0.0.4, 1 : 10.0.0.5 }');
  expect(it.held()).toEqual(it.planned());
});

test('S60 one that is taken away begins no connection, and carries on those that stand', async () => {
  const { it, drop, statuses, rules, second } = await newGateway();
  drop();
  await it.control.idle();
  expect(statuses()).toEqual(['disassociating']);
  expect(JSON.stringify(rules())).not.toContain('10.0.0.5');
  expect(it.region.world.addresses.get(second)?.privateIpAddress).toBe('10.0.0.5');
  expect(JSON.stringify(it.held())).toContain('10.0.0.5/32');
  it.driver.connected.clear();
  await expect.poll(statuses, { timeout: 20_000 }).toEqual([]);
  await it.control.idle();
  expect(it.region.world.addresses.get(second)?.associationId).toBeUndefined();
  expect(JSON.stringify(it.held())).not.toContain('10.0.0.5/32');
  expect(it.held()).toEqual(it.planned());
});

test('S60 when its time is over it is let go, whatever goes on', async () => {
  const { it, drop, statuses } = await newGateway();
  drop();
  await it.control.idle();
  expect(statuses()).toEqual(['disassociating']);
  it.now = new Date(it.now.getTime() + 60_000);
  await expect.poll(statuses, { timeout: 20_000 }).toEqual([]);
});

test('the next daemon goes on draining', async () => {
  const { it, drop, statuses } = await newGateway();
  drop();
  await it.control.idle();
  it.control.close();
  it.driver.connected.clear();
  opened.push(await it.restart());
  expect(statuses()).toEqual([]);
});

test('a gateway that is deleted meanwhile lets all go', async () => {
  const { it, drop, statuses, NatGatewayId, second } = await newGateway();
  drop();
  it.region.call('DeleteNatGateway', { NatGatewayId });
  await it.control.idle();
  expect(it.region.world.natGateways.get(NatGatewayId)?.state).toBe('deleted');
  expect(it.region.world.addresses.get(second)?.associationId).toBeUndefined();
  expect(statuses()).toEqual(['disassociating']);
});
