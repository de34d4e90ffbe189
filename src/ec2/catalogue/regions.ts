/** A region of the aws partition. */
export interface Region {
  readonly regionName: string;
  readonly optInStatus: 'opt-in-not-required' | 'opted-in';
  /** What its zone ids begin with: `apne2`. */
  readonly zonePrefix: string;
  /** The letters of its zones, as AWS has them. */
  readonly zoneLetters: string;
}

function region(regionName: string, zonePrefix: string, zoneLetters = 'abc', isOptIn = false): Region {
  return { regionName, optInStatus: isOptIn ? 'opted-in' : 'opt-in-not-required', zonePrefix, zoneLetters };
}

/** Every region of the partition, in an order that never changes: a region's public addresses follow from its place. */
export const regions: readonly Region[] = [
  region('us-east-1', 'use1', 'abcdef'),
  region('us-east-2', 'use2'),
  region('us-west-1', 'usw1', 'abc'),
  region('us-west-2', 'usw2', 'abcd'),
  region('af-south-1', 'afs1', 'abc', true),
  region('ap-east-1', 'ape1', 'abc', true),
  region('ap-east-2', 'ape2', 'abc', true),
  region('ap-northeast-1', 'apne1', 'acd'),
  region('ap-northeast-2', 'apne2', 'abcd'),
  region('ap-northeast-3', 'apne3'),
  region('ap-south-1', 'aps1'),
  region('ap-south-2', 'aps2', 'abc', true),
  region('ap-southeast-1', 'apse1'),
  region('ap-southeast-2', 'apse2'),
  region('ap-southeast-3', 'apse3', 'abc', true),
  region('ap-southeast-4', 'apse4', 'abc', true),
  region('ap-southeast-5', 'apse5', 'abc', true),
  region('ap-southeast-6', 'apse6', 'abc', true),
  region('ap-southeast-7', 'apse7', 'abc', true),
  region('ca-central-1', 'cac1', 'abd'),
  region('ca-west-1', 'caw1', 'abc', true),
  region('eu-central-1', 'euc1'),
  region('eu-central-2', 'euc2', 'abc', true),
  region('eu-north-1', 'eun1'),
  region('eu-south-1', 'eus1', 'abc', true),
  region('eu-south-2', 'eus2', 'abc', true),
  region('eu-west-1', 'euw1'),
  region('eu-west-2', 'euw2'),
  region('eu-west-3', 'euw3'),
  region('il-central-1', 'ilc1', 'abc', true),
  region('me-central-1', 'mec1', 'abc', true),
  region('me-south-1', 'mes1', 'abc', true),
  region('mx-central-1', 'mxc1', 'abc', true),
  region('sa-east-1', 'sae1'),
];

/** An availability zone. */
export interface Zone {
  readonly zoneName: string;
  readonly zoneId: string;
}

/** Whether there is a region of this name. */
export function isRegion(name: string): boolean {
  return regions.some(({ regionName }) => regionName === name);
}

/** The place of a region in the list; the public addresses of its instances follow from it. */
export function indexOfRegion(name: string): number {
  return Math.max(
    0,
    regions.findIndex(({ regionName }) => regionName === name),
  );
}

/** The zones of a region, in the order of their names; none for an unknown region. */
export function zonesOf(name: string): readonly Zone[] {
  const found = regions.find(({ regionName }) => regionName === name);
  if (found === undefined) return [];
  return [...found.zoneLetters].map((letter, index) => ({
    zoneName: `${name}${letter}`,
    zoneId: `${found.zonePrefix}-az${index + 1}`,
  }));
}

/** The id of a zone by its name; undefined when the region has no such zone. */
export function zoneIdOf(zoneName: string): string | undefined {
  return zonesOf(zoneName.slice(0, -1)).find((zone) => zone.zoneName === zoneName)?.zoneId;
}
