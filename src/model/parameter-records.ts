import type { Taggable } from './records.ts';

/** A parameter of Systems Manager, as its owner put it. */
export interface Parameter extends Taggable {
  readonly name: string;
  readonly type: 'String' | 'StringList' | 'SecureString';
  readonly value: string;
  /** 1 at first, one more with each change. */
  readonly version: number;
  /** ISO 8601. */
  readonly lastModifiedDate: string;
  readonly description?: string;
  readonly dataType: string;
  readonly tier: string;
  readonly allowedPattern?: string;
}
