import { expect, test } from 'vitest';
import { Ec2Endpoint } from './ec2-endpoint.ts';
import { scenarios } from './scenarios.ts';
import { replayThroughSdk } from './sdk.ts';

test.each(scenarios)(
  '%s: the SDK reads what the action returned, and the action what it sent',
  async (_, steps) => {
    const endpoint = await Ec2Endpoint.start();
    try {
      const replayed = await replayThroughSdk(endpoint, steps);
      expect(endpoint.calls).toHaveLength(replayed.length);
      for (const [index, { action, input, reply }] of replayed.entries()) {
        const call = endpoint.calls[index];
        expect(call?.action).toBe(action);
        expect(call?.input, `${action}: request`).toMatchObject(Object(input));
        expect(reply, `${action}: reply`).toEqual(call?.output ?? {});
        // What could not be done for each of several resources stands in a reply that is no error.
        expect(Reflect.get(reply, 'Unsuccessful') ?? [], action).toEqual([]);
      }
      expect(endpoint.failures).toEqual([]);
    } finally {
      await endpoint.stop();
    }
  },
);

test('every action of the table is replayed', async () => {
  const endpoint = await Ec2Endpoint.start();
  await endpoint.stop();
  const called = scenarios.flatMap(([, steps]) => steps.map(([action]) => action));
  expect([...new Set(called)].sort()).toEqual(endpoint.actions.toSorted());
});
