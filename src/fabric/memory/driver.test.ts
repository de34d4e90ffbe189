import { expect, test } from 'vitest';
import { describeIpv6Stack } from '../../../test/contract/ipv6-stack.ts';
import {
  type DriverUnderTest,
  describeNetworkDriver,
  GUEST_A,
  seenOf,
} from '../../../test/contract/network-driver.ts';
import { MemoryDriver } from './driver.ts';

async function open(): Promise<DriverUnderTest> {
  const driver = new MemoryDriver();
  return {
    driver,
    read: async (name) => {
      const machine = driver.machines.get(name);
      return machine === undefined ? undefined : seenOf(machine);
    },
    restart: async () => driver,
    close: async () => {},
  };
}

describeNetworkDriver('memory', open);
describeIpv6Stack('memory', open);

test('it fails as often as it is told to, and tells what it did', async () => {
  const driver = new MemoryDriver();
  driver.failNext('no memory');
  driver.failNext('still none');
  await expect(driver.update(GUEST_A)).rejects.toThrow('no memory');
  await expect(driver.delete('eni-a')).rejects.toThrow('still none');
  await driver.update(GUEST_A);
  await driver.delete('eni-a');
  expect(driver.log).toEqual(['update eni-a', 'delete eni-a']);
});
