import { isDeleteMarker, type ObjectVersion, type StoredContent, type VersioningStatus } from './records.ts';

/** What a key holds after a change, newest first, and what it holds no more. */
export interface VersionChange {
  readonly versions: readonly ObjectVersion[];
  readonly dropped: readonly ObjectVersion[];
}

/** How S3 calls the version that was written while no versions were kept. */
export const NULL_VERSION = 'null';

/** The id of a version as clients name it. */
export function versionIdOf({ versionId }: ObjectVersion): string {
  return versionId ?? NULL_VERSION;
}

/**
 * Puts a version on top. Where versions are kept it takes a new id; else it takes the place of the `null` version
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html).
 */
export function addVersion<T extends ObjectVersion>(
  versions: readonly ObjectVersion[],
  version: T,
  versioning: VersioningStatus | undefined,
  newVersionId: string,
): VersionChange & { readonly added: T } {
  if (versioning === 'Enabled') {
    const added = { ...version, versionId: newVersionId };
    return { versions: [added, ...versions], dropped: [], added };
  }
  return {
    versions: [version, ...versions.filter(({ versionId }) => versionId !== undefined)],
    dropped: versions.filter(({ versionId }) => versionId === undefined),
    added: version,
  };
}

/** Takes one version out, for ever. */
export function removeVersion(versions: readonly ObjectVersion[], id: string): VersionChange {
  return {
    versions: versions.filter((version) => versionIdOf(version) !== id),
    dropped: versions.filter((version) => versionIdOf(version) === id),
  };
}

/** The files of contents that go with versions. */
export function dataFilesOf(versions: readonly ObjectVersion[]): string[] {
  return versions.flatMap((version) => (isDeleteMarker(version) ? [] : pieceFilesOf(version)));
}

/** The files of one content. */
export function pieceFilesOf({ pieces }: StoredContent): string[] {
  return pieces.map(({ dataFile }) => dataFile);
}
