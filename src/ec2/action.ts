import type { Transaction } from '../state/store.ts';
import type { Quotas } from './quotas.ts';

/** Who asks: established by the signature. */
export interface Caller {
  readonly account: string;
  readonly accessKeyId: string;
  readonly arn: string;
  readonly userId: string;
}

/** All that an action may use besides its input. Clock and randomness come from here, so that tests can fix them. */
export interface ActionContext {
  readonly tx: Transaction;
  readonly caller: Caller;
  readonly region: string;
  readonly account: string;
  readonly requestId: string;
  /** How many of each thing there may be. */
  readonly quotas: Quotas;
  /** The time of the request. */
  readonly now: Date;
  /** A new id of AWS's form: the prefix and 17 hex digits, `vpc-0a1b2c3d4e5f67890`. */
  newId(prefix: string): string;
  /** A whole number from 0 up to, not including, `limit`. */
  randomBelow(limit: number): number;
}

/**
 * An EC2 action is a function of the context and its input, synchronous and atomic: it throws an AwsError to refuse, and
 * then nothing has happened. This is the form of one with something slow to make beforehand, such as an RSA key: `prepare`
 * runs first and sees no state.
 */
export interface PreparedAction<Input, Output, Prepared> {
  readonly prepare: (input: Input) => Promise<Prepared>;
  readonly act: (context: ActionContext, input: Input, prepared: Prepared) => Output;
}
