import { describe, expect, test } from 'vitest';
import { exportTerraform } from '../../src/transfer/terraform/export.ts';
import { allVerdictsOf, describeWorld } from '../support/describe-world.ts';
import { findSystemObstacle, Installation } from '../support/installation.ts';
import { inventory } from '../support/inventory.ts';
import { Configuration, findTerraformObstacle } from '../support/terraform.ts';
import { exportRegion } from '../transfer/export-region.ts';
import { richSteps } from '../transfer/rich-steps.ts';
import { regionAfter } from '../transfer/run-steps.ts';

const obstacle = (await findSystemObstacle()) ?? (await findTerraformObstacle());
if (obstacle !== undefined) console.log(`skipped: configurations by the real terraform: ${obstacle}`);

/** Terraform's provider takes long to start, and waits between looks at what it made. */
const LONGEST_TEST_MILLISECONDS = 420_000;

const configurations: readonly (readonly [name: string, resources: number])[] = [
  ['buckets', 13],
  ['walkthrough', 40],
  ['peering', 20],
  ['three-zones', 56],
  ['transit', 30],
  ['privatelink', 18],
  ['settings', 33],
  ['lookups', 39],
];

// Side by side, each in a world of its own: they mostly wait for one another's gateways.
describe.skipIf(obstacle !== undefined)('configurations by the real terraform', () => {
  test.concurrent.each(configurations)(
    '%s: applied, the next plan is empty; changed in place; destroyed, and nothing is left',
    { timeout: LONGEST_TEST_MILLISECONDS },
    async (name, resources) => {
      const croft = await Installation.start();
      let terraform: Configuration | undefined;
      try {
        const before = await inventory(croft);
        terraform = await Configuration.open(name, await croft.awsEnvironment());
        await terraform.apply();
        expect(await terraform.resources()).toHaveLength(resources);
        expect(await terraform.plan()).toBe('no changes');
        await terraform.apply(true);
        expect(await terraform.plan(true)).toBe('no changes');
        await terraform.destroy(true);
        expect(await terraform.resources()).toEqual([]);
        expect(await inventory(croft)).toBe(before);
      } finally {
        terraform?.close();
        await croft.end();
      }
    },
  );

  test.concurrent('a region of everything, exported and applied, is the same region, and the next plan is empty', {
    timeout: LONGEST_TEST_MILLISECONDS,
  }, async (context) => {
    const region = await regionAfter(richSteps);
    const { text, notes } = exportRegion(region.world, exportTerraform);
    expect(notes).toEqual(['hub gets another IPv6 block of Amazon’s.']);
    const croft = await Installation.start();
    context.onTestFinished(async () => {
      await croft.end();
    });
    const terraform = await Configuration.openText(text, await croft.awsEnvironment());
    context.onTestFinished(() => terraform.close());
    await terraform.apply();
    expect(await terraform.plan()).toBe('no changes');
    await croft.settle();
    const copy = await croft.keptWorld(region.scope.region);
    expect(describeWorld(copy)).toEqual(describeWorld(region.world));
    expect(allVerdictsOf(copy)).toEqual(allVerdictsOf(region.world));
  });

  test.concurrent('the walk-through, exported and applied elsewhere, has the same verdicts, and the next plan is empty', {
    timeout: LONGEST_TEST_MILLISECONDS,
  }, async () => {
    const [here, there] = [await Installation.start(), await Installation.start()];
    const opened: Configuration[] = [];
    try {
      opened.push(await Configuration.open('walkthrough', await here.awsEnvironment()));
      await opened[0]?.apply();
      const exported = await here.croft('export', 'terraform');
      expect(exported.stderr).toBe('');
      opened.push(await Configuration.openText(exported.stdout, await there.awsEnvironment()));
      await opened[1]?.apply();
      expect(await opened[1]?.plan()).toBe('no changes');
      await Promise.all([here.settle(), there.settle()]);
      const verdicts = await verdictsOf(here);
      expect(verdicts.filter((verdict) => verdict.endsWith('true')).length).toBeGreaterThan(2);
      expect(verdicts.filter((verdict) => verdict.endsWith('false')).length).toBeGreaterThan(2);
      expect(await verdictsOf(there)).toEqual(verdicts);
    } finally {
      for (const configuration of opened) configuration.close();
      await Promise.all([here.end(), there.end()]);
    }
  });
});

/** Who of the walk-through reaches whom: `bastion private 22 true`. */
async function verdictsOf(croft: Installation): Promise<string[]> {
  const ends = ['bastion', 'private', 'laptop', 'internet', 's3'];
  const verdicts: string[] = [];
  for (const source of ends.slice(0, 4)) {
    for (const destination of ends) {
      if (source === destination || (source === 'laptop' && destination === 'internet')) continue;
      for (const port of [22, 443]) {
        const { isAllowed } = await croft.explain({ source, destination, port, protocol: 'tcp' });
        verdicts.push(`${source} ${destination} ${port} ${isAllowed}`);
      }
    }
  }
  return verdicts;
}
