import type { Caller } from './action.ts';

/** A verified request to one of the services behind the port. */
export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  /** As it was sent: not decoded, without the question mark. */
  readonly query: string;
  /** A header's value, several joined by a comma; `name` in small letters. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  /** An access key's owner; account `anonymous` where the service admits requests without signature. */
  readonly caller: Caller;
  /** Of the signature's scope, or the server's default. */
  readonly region: string;
  readonly requestId: string;
  readonly now: Date;
}

/** What a service answers. `content-type`, `date`, `content-length` and the request id are added where missing. */
export interface ServiceReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A refusal to render: an AwsError, of whichever room. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/**
 * A service behind the one port. Structural on purpose: rooms beside this one implement it without importing it, and
 * main.ts joins them.
 */
export interface ServiceHandler {
  /** The longest body it takes, in bytes. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** `Version` of its query API: tells unsigned requests apart. */
  readonly version?: string;
  /** What its `X-Amz-Target` headers begin with, up to the dot. */
  readonly targetPrefixes?: readonly string[];
  /** True where requests without any signature are let in: S3, whose bucket policies decide. */
  readonly admitsAnonymous?: boolean;
  handle(request: ServiceRequest): Promise<ServiceReply>;
  /** An error in the form of its protocol. */
  refuse(refusal: Refusal, requestId: string): ServiceReply;
}
