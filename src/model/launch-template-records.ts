import type { Taggable } from './records.ts';

/** A launch template: a name for a row of versions, one of which is taken when none is asked for. */
export interface LaunchTemplate extends Taggable {
  readonly launchTemplateId: string;
  readonly launchTemplateName: string;
  readonly createTime: string;
  /** The ARN of who made it. */
  readonly createdBy: string;
  readonly defaultVersionNumber: number;
  /** The greatest number given so far; numbers begin at 1. */
  readonly latestVersionNumber: number;
}

/** One version of a launch template: it never changes. */
export interface LaunchTemplateVersion {
  /** Template and number, joined by a colon. */
  readonly versionId: string;
  readonly launchTemplateId: string;
  readonly versionNumber: number;
  readonly versionDescription?: string;
  readonly createTime: string;
  readonly createdBy: string;
  /** What to launch, as JSON, in the words of the request that made it. */
  readonly launchTemplateData: string;
}
