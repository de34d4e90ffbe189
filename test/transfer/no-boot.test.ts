import { expect, test } from 'vitest';
import { planAll } from '../../src/plan/plan.ts';
import { Dump } from '../../src/transfer/aws/dump.ts';
import { importDump } from '../../src/transfer/aws/import.ts';
import { ControlledRegion, SERVERS } from '../support/controlled-region.ts';
import { dumpRegion } from '../support/dump.ts';
import { given, TestRegion } from '../support/ec2.ts';

/** A region with one running instance, as its dump. */
async function dumpOfOne(): Promise<{ readonly dump: Dump; readonly instanceId: string }> {
  const controlled = await ControlledRegion.start();
  const { subnetId } = controlled.network('10.0.0.0/24');
  const instanceId = controlled.launch(subnetId);
  await controlled.control.idle();
  controlled.control.close();
  return { dump: new Dump(dumpRegion(controlled.region)), instanceId };
}

/** Imports a dump below a control that runs. */
async function bringUp(dump: Dump, isAnalysedOnly: boolean): Promise<ControlledRegion> {
  const controlled = await ControlledRegion.start(new TestRegion({}, dump.scope({})));
  await controlled.region.store.replaceWorld(controlled.region.scope, (tx) =>
    importDump(dump, tx, { isAnalysedOnly }),
  );
  await controlled.control.idle();
  return controlled;
}

async function namesOfRunning(controlled: ControlledRegion): Promise<string[]> {
  const all = await controlled.compute.list();
  return all.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId);
}

test('an imported instance boots once, and its network is made', async () => {
  const { dump, instanceId } = await dumpOfOne();
  const controlled = await bringUp(dump, false);
  expect(await namesOfRunning(controlled)).toEqual([instanceId]);
  expect(controlled.held().map(({ name }) => name)).toEqual(controlled.planned().map(({ name }) => name));
  expect(controlled.planned().length).toBeGreaterThan(3);
  expect(controlled.failures).toEqual([]);
});

test('to be analysed only, it counts as running: no process, no machine, after a restart neither', async () => {
  const { dump, instanceId } = await dumpOfOne();
  let controlled = await bringUp(dump, true);
  for (const _ of ['at once', 'after a restart']) {
    expect(controlled.instance(instanceId).state).toBe('running');
    expect(await namesOfRunning(controlled)).toEqual([]);
    const names = planAll(controlled.region.store.worlds(), SERVERS).map(({ name }) => name);
    expect(names.toSorted()).toEqual(['internet', 'laptop', 'services']);
    expect(controlled.held().map(({ name }) => name)).toEqual(['internet', 'laptop', 'services']);
    controlled = await controlled.restart();
  }
  expect(controlled.failures).toEqual([]);
});

test('to be analysed only, an instance is stopped, started and terminated like any other', async () => {
  const { dump, instanceId } = await dumpOfOne();
  const controlled = await bringUp(dump, true);
  for (const [action, state] of [
    ['StopInstances', 'stopped'],
    ['StartInstances', 'running'],
    ['TerminateInstances', 'terminated'],
  ] as const) {
    controlled.region.call(action, { InstanceIds: [instanceId] });
    await controlled.control.idle();
    expect(controlled.instance(instanceId).state).toBe(state);
  }
  expect(await namesOfRunning(controlled)).toEqual([]);
});

test('an import that is refused leaves all as it was, and no world behind', async () => {
  const { dump } = await dumpOfOne();
  const region = new TestRegion();
  const act = region.store.replaceWorld(region.scope, (tx) => {
    importDump(dump, tx);
    throw new Error('refused');
  });
  await expect(act).rejects.toThrow('refused');
  expect([...region.store.worlds()]).toEqual([]);
});

test('an interface that a service holds has a machine, which answers pings', async () => {
  const { dump, instanceId } = await dumpOfOne();
  const controlled = await bringUp(dump, false);
  const eni = given([...controlled.region.world.networkInterfaces.values()].at(0));
  controlled.region.write(({ tx }) => {
    const { instanceId: _, ...attachment } = given(eni.attachment);
    tx.networkInterfaces.put({
      ...eni,
      networkInterfaceId: 'eni-0d',
      ordinal: tx.takeOrdinal(),
      macAddress: '02:00:00:00:00:99',
      privateIpAddresses: ['10.0.0.200'],
      requesterId: 'amazon-rds',
      attachment,
    });
  });
  await controlled.control.idle();
  expect(controlled.held().map(({ name }) => name)).toContain('eni-0d');
  expect(await namesOfRunning(controlled)).toEqual([instanceId]);
  expect(controlled.failures).toEqual([]);
});
