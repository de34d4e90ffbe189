import type { StageName } from './stages.ts';

/** How a path can end besides in delivery. The list is closed: whatever is not on it is a defect. */
export type Disposition =
  | 'no-route'
  | 'blackhole'
  | 'no-internet-gateway'
  | 'no-public-address'
  | 'private-address'
  | 'nat-gateway-unusable'
  | 'nat-gateway-in-private-subnet'
  | 'unsolicited'
  | 'egress-security-group'
  | 'ingress-security-group'
  | 'network-acl'
  | 'not-running';

/** One gate or turn on the way. */
export interface Hop {
  readonly stage: StageName;
  readonly isReply: boolean;
  readonly isAllowed: boolean;
  /** A sentence that names the user's own objects. */
  readonly because: string;
}

/** What stands in the way, and the line that mends it. */
export interface Obstacle {
  readonly stage: StageName;
  readonly disposition: Disposition;
  readonly because: string;
  /** A command; absent where there is no single one. */
  readonly mend: string | undefined;
}

/** A path: delivered exactly when there is no obstacle. */
export interface PathResult {
  readonly isAllowed: boolean;
  readonly hops: readonly Hop[];
  readonly obstacles: readonly Obstacle[];
}

/** Takes down a walk as it goes. */
export class PathRecorder {
  readonly #hops: Hop[] = [];
  readonly #obstacles: Obstacle[] = [];
  #isReply = false;

  /** From here on it is the replies that are followed. */
  turn(): void {
    this.#isReply = true;
  }

  pass(stage: StageName, because: string): void {
    this.#hops.push({ stage, isReply: this.#isReply, isAllowed: true, because });
  }

  stop(stage: StageName, disposition: Disposition, because: string, mend: string | undefined): void {
    this.#hops.push({ stage, isReply: this.#isReply, isAllowed: false, because });
    this.#obstacles.push({ stage, disposition, because, mend });
  }

  result(): PathResult {
    return { isAllowed: this.#obstacles.length === 0, hops: this.#hops, obstacles: this.#obstacles };
  }
}
