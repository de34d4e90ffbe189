import { describe, expect, test } from 'vitest';
import { findSystemObstacle, Installation } from '../support/installation.ts';
import { inventory } from '../support/inventory.ts';
import { Configuration, findTerraformObstacle } from '../support/terraform.ts';

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
  ['privatelink', 17],
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
});
