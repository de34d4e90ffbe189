import type { World } from '../../model/world.ts';

/** `error`: something does not work. `warning`: it works, and is open or fragile. `advice`: it costs, or could be clearer. */
export const SEVERITIES = ['error', 'warning', 'advice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A mistake that is there, of the user's own objects. */
export interface Finding {
  /** Names the object, by its Name tag and its id. */
  readonly sentence: string;
  readonly objectIds: readonly string[];
  /** A line for a shell that mends it; absent where no single one does. */
  readonly mend?: string | undefined;
}

/** A classic mistake, and how to find it. */
export interface FindingRule {
  /** `nat-gateway-in-private-subnet` */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** Why it matters, in a sentence or two. */
  readonly why: string;
  /** Looks through one account in one region; `worlds` are all there are, for what leads from one to another. */
  readonly find: (world: World, worlds: readonly World[]) => readonly Finding[];
}
