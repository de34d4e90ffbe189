import { mkdirSync } from 'node:fs';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import dynalite from 'dynalite';

/** Whose tables: every account has its own in every region. */
export interface TableScope {
  readonly account: string;
  readonly region: string;
}

/** A request that has come whole. */
export interface TableRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** How long a table stays CREATING, DELETING or UPDATING: as short as clients that wait can bear. */
const CHANGE_MS = 50;

/** The tables of all accounts and regions, each scope a dynalite of its own in a folder of its own, opened on first use. */
export class Tables {
  readonly #directory: string;
  readonly #servers = new Map<string, Server>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Lets the tables of a scope answer a request. */
  answer(scope: TableScope, request: TableRequest, response: ServerResponse): void {
    const { method, url, headers, body } = request;
    // Not the client's own connection: should it break, dynalite would throw.
    const whole = Object.assign(Readable.from([body]), { method, url, headers });
    this.#serverOf(scope).emit('request', whole, response);
  }

  #serverOf({ account, region }: TableScope): Server {
    const name = `${account}/${region}`;
    const known = this.#servers.get(name);
    if (known !== undefined) return known;
    const path = join(this.#directory, account, region);
    mkdirSync(path, { recursive: true });
    // Where dynalite reads whose tables they are, once, when it is made.
    process.env['AWS_ACCOUNT_ID'] = account;
    process.env['AWS_REGION'] = region;
    const made = dynalite({
      path,
      createTableMs: CHANGE_MS,
      deleteTableMs: CHANGE_MS,
      updateTableMs: CHANGE_MS,
    });
    this.#servers.set(name, made);
    return made;
  }
}
