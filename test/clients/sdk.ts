import * as sdk from '@aws-sdk/client-ec2';
import { REGION } from '../support/ec2.ts';
import { CREDENTIALS, type Ec2Endpoint } from './ec2-endpoint.ts';
import { fillIn, keepOf, type Memory, type Step } from './scenario.ts';

type AnyCommand = Parameters<sdk.EC2Client['send']>[0];

/** A step as the AWS SDK for JavaScript sent it and read its reply. */
export interface Replayed {
  readonly action: string;
  readonly input: unknown;
  readonly by: keyof typeof CREDENTIALS;
  /** The parsed reply, without what the SDK says about the HTTP exchange. */
  readonly reply: object;
}

/** The AWS SDK for JavaScript, signing for either account. */
export class Sdk {
  readonly #clients: Readonly<Record<keyof typeof CREDENTIALS, sdk.EC2Client>>;

  constructor({ url }: Ec2Endpoint) {
    const clientOf = (by: keyof typeof CREDENTIALS): sdk.EC2Client => {
      const { accessKeyId, secretAccessKey } = CREDENTIALS[by];
      const credentials = { accessKeyId, secretAccessKey };
      return new sdk.EC2Client({ region: REGION, endpoint: url, credentials, maxAttempts: 1 });
    };
    this.#clients = { owner: clientOf('owner'), partner: clientOf('partner') };
  }

  /** Resolves with the parsed reply; rejects as the SDK does. */
  async send(action: string, input: unknown, by: keyof typeof CREDENTIALS = 'owner'): Promise<object> {
    const Command: unknown = Reflect.get(sdk, `${action}Command`);
    if (!isCommandClass(Command)) throw new Error(`the SDK has no command ${action}`);
    const { $metadata, ...reply } = await this.#clients[by].send(new Command(input));
    return reply;
  }

  /** Sends the steps in their order. Rejects with the step that was refused. */
  async replay(steps: readonly Step[], memory: Memory = new Map()): Promise<Replayed[]> {
    const replayed: Replayed[] = [];
    for (const [action, input, keep = {}, by = 'owner'] of steps) {
      const filled = fillIn(input, memory);
      try {
        const reply = await this.send(action, filled, by);
        replayed.push({ action, input: filled, by, reply });
        keepOf(reply, keep, memory);
      } catch (error) {
        throw new Error(`${action} ${JSON.stringify(filled)}: ${String(error)}`, { cause: error });
      }
    }
    return replayed;
  }

  close(): void {
    this.#clients.owner.destroy();
    this.#clients.partner.destroy();
  }
}

/** Sends the steps in their order through the SDK. Rejects with the step that was refused. */
export async function replayThroughSdk(endpoint: Ec2Endpoint, steps: readonly Step[]): Promise<Replayed[]> {
  const client = new Sdk(endpoint);
  try {
    return await client.replay(steps);
  } finally {
    client.close();
  }
}

function isCommandClass(value: unknown): value is new (input: unknown) => AnyCommand {
  return typeof value === 'function';
}
