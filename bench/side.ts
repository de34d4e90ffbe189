import type { Credentials } from '../src/state/directory.ts';
import { Installation } from '../test/support/installation.ts';
import { ApiClient, type QueryParameters, requestBytes, signAction } from './api-client.ts';
import { Moto } from './moto.ts';
import { median, medianRatio, type Row, type Target } from './row.ts';

/** A server of the EC2 API that is measured. */
export class Side {
  readonly port: number;
  readonly #credentials: Credentials;
  readonly #client: ApiClient;

  constructor(port: number, credentials: Credentials) {
    this.port = port;
    this.#credentials = credentials;
    this.#client = new ApiClient(port, credentials);
  }

  /** A signed request, to be sent again and again. */
  request(action: string, parameters?: QueryParameters): Buffer {
    return requestBytes(signAction(this.port, this.#credentials, action, parameters));
  }

  /** The text of an element of an action's answer, the first of its name. */
  async ask(element: string, action: string, parameters?: QueryParameters): Promise<string> {
    const answer = await this.#client.call(action, parameters);
    const text = new RegExp(`<${element}>([^<]*)<`).exec(answer)?.[1];
    if (text === undefined) throw new Error(`${action} answered without ${element}: ${answer}`);
    return text;
  }

  close(): void {
    this.#client.close();
  }
}

/** A Cloudcroft and a moto_server; moto only where the machine has it. */
export interface Sides {
  readonly croft: Side;
  readonly moto: Side | undefined;
  close(): Promise<void>;
}

/** Starts both. */
export async function startSides(): Promise<Sides> {
  const installation = await Installation.start();
  const credentials = installation.state.credentials();
  const croft = new Side(Number(new URL((await installation.status()).apiUrl).port), credentials);
  const server = await Moto.start();
  const moto = server === undefined ? undefined : new Side(server.port, credentials);
  return {
    croft,
    moto,
    close: async () => {
      croft.close();
      moto?.close();
      await server?.stop();
      await installation.end();
    },
  };
}

/** As many times moto as every answer of the API is to come. */
const TIMES_MOTO: Target = { of: 'ratio', is: 'at least', limit: 20 };

/** Measures both in turns, `rounds` times: our row has the ratio to moto's, which follows it. */
export async function compare(
  name: string,
  rounds: number,
  { croft, moto }: Sides,
  measure: (side: Side) => Promise<number>,
): Promise<Row[]> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(croft));
    if (moto !== undefined) theirs.push(await measure(moto));
  }
  const unit = 'requests/s';
  if (moto === undefined) return [{ name, value: median(ours), unit }];
  return [
    { name, value: median(ours), unit, ratio: medianRatio(ours, theirs), target: TIMES_MOTO },
    { name: `${name}.moto`, value: median(theirs), unit },
  ];
}
