import type { Packets, PortRange } from '../net/flow.ts';
import type { Route } from './records.ts';
import type { StageName } from './stages.ts';

/** Why a packet can fail to arrive. The list is closed: whatever is not on it is a defect. */
export const DISPOSITIONS = [
  'no-route',
  'blackhole',
  'routing-loop',
  'other-vpc',
  'no-such-address',
  'no-internet-gateway',
  'no-public-address',
  'private-address',
  'nat-gateway-not-available',
  'nat-gateway-in-private-subnet',
  'nat-gateway-is-private',
  'nat-gateway-protocol',
  'unsolicited',
  'egress-security-group',
  'ingress-security-group',
  'network-acl',
  'network-acl-reply',
  'source-destination-check',
  'dns-support-off',
  'not-running',
  'endpoint-port',
  'endpoint-not-available',
  'no-listener',
  'no-target',
  'endpoint-policy',
] as const;

export type Disposition = (typeof DISPOSITIONS)[number];

/** What a gate was asked about and what decided there, for those who show it as data. */
export interface Particulars {
  /** The packets as they come to it. */
  readonly packets?: Packets;
  /** The ports that they come from. */
  readonly sourcePorts?: PortRange | undefined;
  /** The packets as they leave it, where it translates them. */
  readonly translated?: Packets;
  /** The interface whose gate it is. */
  readonly networkInterfaceId?: string;
  /** The subnet whose edge or table it is. */
  readonly subnetId?: string;
  /** The numbers of the network ACL's entries that decided; 32767 is the `*` entry. */
  readonly ruleNumbers?: readonly number[];
  /** The route that the packets take, or would. */
  readonly route?: Route;
  /** The same of a transit gateway's table: by which attachment they come, and its route. */
  readonly transit?: TransitTurn;
}

/** A turn at a transit gateway. */
export interface TransitTurn {
  readonly fromAttachmentId: string;
  readonly route?:
    | {
        readonly destinationCidrBlock: string;
        readonly type: 'static' | 'propagated';
        readonly state: 'active' | 'blackhole';
        readonly attachmentId?: string;
        readonly vpcId?: string;
      }
    | undefined;
}

/** One gate or turn on the way. */
export interface Hop {
  readonly stage: StageName;
  readonly isReply: boolean;
  readonly isAllowed: boolean;
  /** A sentence that names the user's own objects. */
  readonly because: string;
  readonly objectIds: readonly string[];
  readonly particulars?: Particulars;
}

/** What stands in the way. */
export interface Obstacle {
  readonly stage: StageName;
  readonly isReply: boolean;
  readonly disposition: Disposition;
  readonly sentence: string;
  /** A line for a shell that mends it; absent where no single one does. */
  readonly mend: string | undefined;
  readonly objectIds: readonly string[];
  readonly particulars?: Particulars;
}

/** A path there and back: whole exactly when there is no obstacle. */
export interface Path {
  readonly isAllowed: boolean;
  /** Packets may take other ways as well: another target of a load balancer, another address of a NAT gateway. */
  readonly isOneOfSeveral?: boolean;
  readonly hops: readonly Hop[];
  readonly obstacles: readonly Obstacle[];
}

/** What is told of an obstacle. */
export interface Complaint {
  readonly sentence: string;
  readonly mend?: string | undefined;
  readonly objectIds: readonly string[];
}

/** Takes down a walk as it goes: first the way there, then, after `turn`, the way back. */
export class PathRecorder {
  readonly #hops: Hop[] = [];
  readonly #obstacles: Obstacle[] = [];
  #isReply = false;

  turn(): void {
    this.#isReply = true;
  }

  pass(stage: StageName, because: string, ...objectIds: readonly string[]): void {
    this.#pass({}, stage, because, objectIds);
  }

  stop(stage: StageName, disposition: Disposition, complaint: Complaint): void {
    this.#stop({}, stage, disposition, complaint);
  }

  /** The same recorder for one gate whose particulars are known. */
  at(particulars: Particulars): Pick<PathRecorder, 'pass' | 'stop'> {
    return {
      pass: (stage, because, ...objectIds) => this.#pass({ particulars }, stage, because, objectIds),
      stop: (stage, disposition, complaint) => this.#stop({ particulars }, stage, disposition, complaint),
    };
  }

  #pass(
    known: Pick<Hop, 'particulars'>,
    stage: StageName,
    because: string,
    objectIds: readonly string[],
  ): void {
    this.#hops.push({ stage, isReply: this.#isReply, isAllowed: true, because, objectIds, ...known });
  }

  #stop(
    known: Pick<Hop, 'particulars'>,
    stage: StageName,
    disposition: Disposition,
    { sentence, mend, objectIds }: Complaint,
  ): void {
    const isReply = this.#isReply;
    this.#hops.push({ stage, isReply, isAllowed: false, because: sentence, objectIds, ...known });
    this.#obstacles.push({ stage, isReply, disposition, sentence, mend, objectIds, ...known });
  }

  /** Whether an object was already told to be in the way by this. */
  hasStopped(disposition: Disposition, objectId: string): boolean {
    return this.#obstacles.some(
      (obstacle) => obstacle.disposition === disposition && obstacle.objectIds.includes(objectId),
    );
  }

  result(): Path {
    return { isAllowed: this.#obstacles.length === 0, hops: this.#hops, obstacles: this.#obstacles };
  }
}
