import { type Context, UserError } from './verb.ts';

/** What the daemon says of itself: `GET /status`. */
export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly apiUrl: string;
  readonly isOpen: boolean;
  readonly state: string;
  /** How far the world is: `starting`, `ready`, or `failed` with the reason. */
  readonly world: {
    readonly phase: 'starting' | 'ready' | 'failed';
    readonly detail: string;
    readonly mode?: string;
    readonly pid?: number;
  };
  readonly resources: readonly {
    readonly account: string;
    readonly region: string;
    readonly vpcs: number;
    readonly subnets: number;
    readonly instances: readonly InstanceLine[];
  }[];
}

/** One instance as `croft status` shows it. */
export interface InstanceLine {
  readonly instanceId: string;
  readonly name: string | undefined;
  readonly state: string;
  readonly privateIp: string | undefined;
  readonly publicIp: string | undefined;
}

/** Asks the daemon; says how to start it when it is not there. */
export async function readStatus(context: Pick<Context, 'client'>): Promise<Status> {
  const value = await context.client.get('/status');
  if (!isStatus(value))
    throw new UserError('the running Cloudcroft is of another version.', '`croft down && croft up -d`');
  return value;
}

function isStatus(value: unknown): value is Status {
  return (
    typeof value === 'object' &&
    value !== null &&
    'apiUrl' in value &&
    'world' in value &&
    'resources' in value
  );
}
