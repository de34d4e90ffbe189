import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Dump } from '../../src/transfer/aws/dump.ts';
import type { Memory } from '../clients/scenario.ts';
import { scenarios } from '../clients/scenarios.ts';
import { ControlledRegion } from '../support/controlled-region.ts';
import { dumpRegion, importRegion, LISTS, textOf } from '../support/dump.ts';
import { TestRegion } from '../support/ec2.ts';
import { placeLoadBalancer } from '../support/load-balancers.ts';
import { runStep } from './run-steps.ts';

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
      const [, , , by = 'owner'] = step;
      const isChanged = await runStep(by === 'owner' ? region : partner, step, memory);
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
