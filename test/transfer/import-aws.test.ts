import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { actions } from '../../src/ec2/actions/index.ts';
import { Dump } from '../../src/transfer/aws/dump.ts';
import { fillIn, keepOf, type Memory, type Step } from '../clients/scenario.ts';
import { scenarios } from '../clients/scenarios.ts';
import { ControlledRegion } from '../support/controlled-region.ts';
import { dumpRegion, importRegion, LISTS, textOf } from '../support/dump.ts';
import { TestRegion } from '../support/ec2.ts';
import { placeLoadBalancer } from '../support/load-balancers.ts';

/** Runs one step of a scenario, as the account that it says. Actions that ask the fabric change nothing, and are left out. */
async function run(owner: TestRegion, partner: TestRegion, step: Step, memory: Memory): Promise<boolean> {
  const [name, input, keep = {}, by = 'owner'] = step;
  const table: Readonly<Record<string, unknown>> = actions;
  const action = table[name];
  const region = by === 'owner' ? owner : partner;
  const filled = fillIn(input, memory);
  let reply: unknown;
  if (typeof action === 'function') reply = region.write((context) => action(context, filled));
  else if (typeof action === 'object' && action !== null && 'prepare' in action && 'act' in action) {
    const { prepare, act } = action;
    if (typeof prepare !== 'function' || typeof act !== 'function') return false;
    const prepared: unknown = await prepare(filled);
    reply = region.write((context) => act(context, filled, prepared));
  } else return false;
  keepOf(JSON.parse(JSON.stringify(reply ?? {})), keep, memory);
  return !/^(Describe|Get|Search)/.test(name);
}

/**
 * A reply without what has no order (the permissions of a group), and without what an import says of load balancers: they
 * are no part of the EC2 API, so their interfaces are taken as anybody's.
 */
function normalise(text: string): unknown {
  return JSON.parse(text.replaceAll('"network_load_balancer"', '"interface"'), (name, value) =>
    name.startsWith('IpPermissions') ? value.map((each: unknown) => JSON.stringify(each)).sort() : value,
  );
}

test.each(scenarios)(
  '%s: after every step, the copy of a region describes itself as the region does',
  async (_, steps) => {
    const region = new TestRegion({ isSeeded: true });
    placeLoadBalancer(region);
    const partner = region.elsewhere({ account: '210987654321' });
    const controlled = await ControlledRegion.start(region);
    const memory: Memory = new Map();
    let compared = 0;
    for (const step of steps) {
      const isChanged = await run(region, partner, step, memory);
      await controlled.control.idle();
      if (!isChanged) continue;
      const files = dumpRegion(region);
      const copied = dumpRegion(importRegion(new Dump(files)));
      for (const { name, text } of files) {
        expect({ step, name, reply: normalise(textOf(copied, name)) }).toEqual({
          step,
          name,
          reply: normalise(text),
        });
      }
      compared++;
    }
    controlled.control.close();
    expect(compared).toBeGreaterThan(20);
  },
);

test('the commands of the documentation ask for every list that an import reads', () => {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'import-export.md');
  const [, words = ''] = /for what in ([^;]+);/.exec(readFileSync(path, 'utf8')) ?? [];
  const asked = words.split(/[\s\\]+/).map((word) => `describe-${word}`);
  const read = LISTS.map((action) =>
    action.replaceAll(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase(),
  );
  expect(asked.toSorted()).toEqual(read.toSorted());
});
