import { expect, test } from 'vitest';
import { loadModel } from '../../src/ec2/wire/model.ts';
import { Ec2Endpoint } from './ec2-endpoint.ts';
import { fillIn, type Memory } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { Sdk } from './sdk.ts';

const model = loadModel();

function hasMember(action: string, name: string): boolean {
  return model.operation(action)?.input?.members.some((member) => member.name === name) === true;
}

/** A kind that none of our actions makes. */
const FOREIGN_TAGS = [{ ResourceType: 'spot-fleet-request', Tags: [{ Key: 'a', Value: 'b' }] }];

const WOULD_SUCCEED = 'DryRunOperation: Request would have succeeded, but DryRun flag is set.';

/** Every action that takes the parameter, with what its request came to. */
const expected: Readonly<Record<string, (refusal: string) => boolean>> = {
  DryRun: (refusal) => refusal === WOULD_SUCCEED,
  TagSpecifications: (refusal) => refusal.startsWith('InvalidParameterValue: '),
};

test.each(scenarios)(
  '%s: DryRun answers for every action, and leaves nothing; tags of another kind are refused',
  async (_, steps) => {
    const endpoint = await Ec2Endpoint.start();
    const client = new Sdk(endpoint);
    const memory: Memory = new Map();
    const wrong: string[] = [];
    try {
      for (const step of steps) {
        const [action, input, , by] = step;
        const filled = Object(fillIn(input, memory));
        const attempts = { DryRun: true, TagSpecifications: FOREIGN_TAGS };
        for (const [name, value] of Object.entries(attempts)) {
          if (!hasMember(action, name)) continue;
          const refusal = await client
            .send(action, { ...filled, [name]: value }, by)
            .then(() => 'done', String);
          if (expected[name]?.(refusal) !== true) wrong.push(`${action} with ${name}: ${refusal}`);
        }
        // It still succeeds: nothing came of the attempts.
        await client.replay([step], memory);
      }
    } finally {
      client.close();
      await endpoint.stop();
    }
    expect(wrong).toEqual([]);
  },
);
