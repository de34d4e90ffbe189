import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { S3Request } from './request.ts';
import { answerS3, type S3Options } from './service.ts';
import { ObjectStore } from './store.ts';

/** What a request of a test may say; the rest has defaults. */
export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | readonly Uint8Array[];
  readonly host?: string;
}

/** A reply, read to its end. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `<Code>` of an error. */
  readonly code?: string;
}

/** S3 on a folder of its own, without sockets. */
export interface S3Harness {
  readonly directory: string;
  readonly bugs: unknown[];
  /** `ask('PUT /bucket/key', …)` */
  ask(line: string, ask?: Ask): Promise<Told>;
  /** Opens the folder anew, as after a restart. */
  reopen(): Promise<void>;
  remove(): Promise<void>;
}

/** Who asks, unless a test says otherwise. */
export const OWNER = {
  accessKeyId: 'AKIDOWNER',
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:root',
};

/** Opens S3 on a new folder. */
export async function openHarness(options: Partial<S3Options> = {}): Promise<S3Harness> {
  const directory = await mkdtemp(join(tmpdir(), 'cloudcroft-s3-'));
  const bugs: unknown[] = [];
  let store = await ObjectStore.open(directory);
  const ask = async (
    line: string,
    { headers = {}, body = '', host = '127.0.0.1:9000' }: Ask = {},
  ): Promise<Told> => {
    const [method = 'GET', url = '/'] = line.split(/ (.*)/s);
    const [path = '/', query = ''] = url.split(/\?(.*)/s);
    const chunks = typeof body === 'string' ? (body === '' ? [] : [Buffer.from(body)]) : body;
    const request: S3Request = {
      method,
      host,
      path,
      query: new URLSearchParams(query),
      rawQuery: query,
      header: (name) => headers[name],
      headerNames: Object.keys(headers),
      body: (async function* () {
        yield* chunks;
      })(),
      requestId: 'REQUEST',
    };
    const clock = (): Date => new Date('2026-11-23T12:00:00.250Z');
    const { reply } = await answerS3(
      {
        store,
        clock,
        defaultRegion: 'us-east-1',
        authenticate: () => OWNER,
        authorize: () => undefined,
        onBug: (error) => bugs.push(error),
        ...options,
      },
      request,
    );
    const content = typeof reply.body === 'string' ? reply.body : await text(reply.body);
    const code = /<Code>([^<]*)<\/Code>/.exec(content)?.[1];
    return {
      status: reply.status,
      headers: reply.headers,
      body: content,
      ...(code === undefined ? {} : { code }),
    };
  };
  return {
    directory,
    bugs,
    ask,
    reopen: async () => {
      store = await ObjectStore.open(directory);
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
