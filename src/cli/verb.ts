import type { StateDirectory } from '../state/directory.ts';
import type { Client } from './client.ts';
import type { Terminal } from './terminal.ts';

/** An option of a verb, as `node:util` parses it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Name of the value in the help text: `PORT`. */
  readonly value?: string;
  readonly help: string;
}

/** All that a verb may use. */
export interface Context {
  readonly positionals: readonly string[];
  /** What follows `--`, or is forwarded to another program, word by word. */
  readonly command: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly state: StateDirectory;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  /** Talks to the daemon of the state directory. */
  readonly client: Client;
  readonly environment: NodeJS.ProcessEnv;
  /** How this program is started again: the Node binary and the launcher. */
  readonly program: readonly string[];
}

/** One word of the command line. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** The arguments after the verb: `SRC DST [--port N]`. */
  readonly usage: string;
  /** Sentences for `croft VERB --help`. */
  readonly description: string;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  readonly options: Readonly<Record<string, Option>>;
  /** Whether words after `--` are a command of the user's. */
  readonly takesCommand?: boolean;
  /** Whether the first word that is no option of the verb's, and all after it, are another program's. */
  readonly isForwarding?: boolean;
  /** Not shown in the help: for processes that start each other. */
  readonly isInternal?: boolean;
  run(context: Context): Promise<number>;
}

/** Something the user can mend: printed as it is, without a stack trace. Exit code 1 unless another is said. */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly code: number;
  constructor(message: string, hint?: string, code = 1) {
    super(message);
    this.hint = hint;
    this.code = code;
  }
}
