import type { NetworkInterface, SecurityGroup, Taggable } from '../model/records.ts';
import type { World } from '../model/world.ts';

/** What of a world is written out: VPCs, and what hangs on them. */
export interface Selection {
  readonly world: World;
  readonly vpcIds: ReadonlySet<string>;
  /** The parameter below `/aws/service/` by which an image is looked up, by the image's id. */
  readonly imageParameters: ReadonlyMap<string, string>;
}

/** Code that makes a world anew, and what it does not say. */
export interface Exported {
  readonly text: string;
  readonly notes: readonly string[];
}

/** A VPC that is asked for and is not there. */
export class SelectionError extends Error {}

/**
 * The VPCs that are asked for by id or Name tag; without any, all but the default one, which every account has. Throws a
 * SelectionError where that is none.
 */
export function selectVpcs(
  world: World,
  asked: readonly string[],
  imageParameters: ReadonlyMap<string, string>,
): Selection {
  const all = [...world.vpcs.values()];
  const own = all.filter(({ isDefault }) => !isDefault).map(({ vpcId }) => vpcId);
  const named = asked.flatMap((word) => {
    const found = all.filter(
      ({ vpcId, tags }) => vpcId === word || tags.some(({ key, value }) => key === 'Name' && value === word),
    );
    if (found.length === 0) throw new SelectionError(`There is no VPC "${word}" in ${world.scope.region}.`);
    return found.map(({ vpcId }) => vpcId);
  });
  const vpcIds = new Set(asked.length === 0 ? own : named);
  if (vpcIds.size > 0) return { world, vpcIds, imageParameters };
  throw new SelectionError(
    `There is no VPC in ${world.scope.region} but the default one; ask for that by --vpc ID.`,
  );
}

/** Those of a table's records that are in the selected VPCs, oldest first. */
export function inSelection<T extends { readonly vpcId?: string }>(
  { vpcIds }: Selection,
  table: { values(): Iterable<T> },
): T[] {
  return [...table.values()].filter(({ vpcId }) => vpcId !== undefined && vpcIds.has(vpcId));
}

/** The group that a VPC comes with, which nobody can make. */
export function isDefaultGroup({ groupName }: Pick<SecurityGroup, 'groupName'>): boolean {
  return groupName === 'default';
}

/** Interfaces that people made by themselves: not those of services, nor the first one of an instance. */
export function isOwnInterface({ interfaceType, requesterId, attachment }: NetworkInterface): boolean {
  const isFirst = attachment?.instanceId !== undefined && attachment.deviceIndex === 0;
  return interfaceType === 'interface' && requesterId === undefined && !isFirst;
}

/** Tags that AWS lets people write. */
export function tagsOf({ tags }: Taggable): Taggable['tags'] {
  return tags.filter(({ key }) => !key.startsWith('aws:'));
}

/** Names for resources, taken from what people call them: each is given once. */
export class NameGiver {
  readonly #taken = new Set<string>();

  /** The first of the wished names that says something, as `shape` writes it; with a number where it is taken. */
  give(
    kind: string,
    wishes: readonly (string | undefined)[],
    shape: (text: string) => string,
    separator = '_',
  ): string {
    const base = wishes.map((wish) => shape(wish ?? '')).find((name) => name !== '') ?? shape(kind);
    for (let count = 1; ; count++) {
      const name = count === 1 ? base : `${base}${separator}${count}`;
      if (this.#taken.has(`${kind} ${name}`)) continue;
      this.#taken.add(`${kind} ${name}`);
      return name;
    }
  }
}
