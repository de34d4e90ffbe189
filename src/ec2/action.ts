import type { Transaction } from '../state/store.ts';

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
  /** The time of the request. */
  readonly now: Date;
  /** A new id of AWS's form: the prefix and 17 hex digits, `vpc-0a1b2c3d4e5f67890`. */
  newId(prefix: string): string;
  /** A whole number from 0 up to, not including, `limit`. */
  randomBelow(limit: number): number;
}

/** What an EC2 action is: synchronous and atomic; it throws an AwsError to refuse, and then nothing has happened. */
export type Action<Input, Output> = (context: ActionContext, input: Input) => Output;

/** An action with something slow to make beforehand, such as an RSA key: `prepare` runs first and sees no state. */
export interface PreparedAction<Input, Output, Prepared> {
  readonly prepare: (input: Input) => Promise<Prepared>;
  readonly act: (context: ActionContext, input: Input, prepared: Prepared) => Output;
}
