import type { Taggable } from './records.ts';

/** An image that a user brought (`croft image import`); AWS's own stand in the catalogue. */
export interface UserImage extends Taggable {
  readonly imageId: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: 'x86_64' | 'arm64';
  /** ISO 8601. */
  readonly creationDate: string;
  readonly rootDeviceName: string;
}
