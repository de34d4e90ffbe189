import { actions } from '../../src/ec2/actions/index.ts';
import { fillIn, keepOf, type Memory, type Step } from '../clients/scenario.ts';
import { ControlledRegion } from '../support/controlled-region.ts';
import { TestRegion } from '../support/ec2.ts';

/** Runs one step of a scenario. Returns whether it may have changed anything: actions that ask the fabric are left out. */
export async function runStep(
  region: TestRegion,
  [name, input, keep = {}]: Step,
  memory: Memory,
): Promise<boolean> {
  const table: Readonly<Record<string, unknown>> = actions;
  const action = table[name];
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

/** A region in which steps were taken, one after the other, each of which has come to be before the next. */
export async function regionAfter(steps: readonly Step[]): Promise<TestRegion> {
  const controlled = await ControlledRegion.start(new TestRegion({ isSeeded: true }));
  const memory: Memory = new Map();
  try {
    for (const step of steps) {
      await runStep(controlled.region, step, memory);
      await controlled.control.idle();
    }
  } finally {
    controlled.control.close();
  }
  return controlled.region;
}
