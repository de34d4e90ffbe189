import type { Client } from '../client.ts';
import type { Terminal } from '../terminal.ts';
import { awsLine, type Input } from './aws-line.ts';
import { DemoError, Reply } from './reply.ts';

/** What a command on the laptop printed. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on the laptop of the simulated Internet. */
export type RunOnLaptop = (command: readonly string[], timeoutMilliseconds: number) => Promise<Output>;

/** Plays the walk-through: shows each line, does it, shows what came of it and how long it took. */
export class Player {
  readonly #client: Client;
  readonly #terminal: Terminal;
  readonly #runOnLaptop: RunOnLaptop;
  readonly #region: string;
  readonly #isQuiet: boolean;
  readonly facts: { step: string; line: string; result: string; milliseconds: number }[] = [];
  #step = '';

  constructor(
    client: Client,
    terminal: Terminal,
    runOnLaptop: RunOnLaptop,
    region: string,
    isQuiet: boolean,
  ) {
    this.#client = client;
    this.#terminal = terminal;
    this.#runOnLaptop = runOnLaptop;
    this.#region = region;
    this.#isQuiet = isQuiet;
  }

  /** Begins a step of the walk-through. */
  step(title: string, why: string): void {
    this.#step = title;
    if (this.#isQuiet) return;
    this.#terminal.print();
    this.#terminal.print(this.#terminal.style('bold', title));
    this.#terminal.print(this.#terminal.style('dim', `   ${why}`));
  }

  /** An EC2 action, shown as the aws CLI line it stands for. `pick` says what of the reply is shown. */
  async aws(action: string, input: Input, pick: (reply: Reply) => string): Promise<Reply> {
    const begun = performance.now();
    const reply = new Reply(await this.#client.post('/ec2', { action, input, region: this.#region }));
    this.#show(awsLine(action, input), pick(reply), begun);
    return reply;
  }

  /** An EC2 action that is not shown: to look, to wait. */
  async ask(action: string, input: Input): Promise<Reply> {
    return new Reply(await this.#client.post('/ec2', { action, input, region: this.#region }));
  }

  /** Asks again until `isDone`; `line` is the `aws ec2 wait` that does the same. */
  async wait(line: string, action: string, input: Input, isDone: (reply: Reply) => boolean): Promise<Reply> {
    const begun = performance.now();
    for (;;) {
      const reply = await this.ask(action, input);
      if (isDone(reply)) {
        this.#show(line, 'done', begun);
        return reply;
      }
      if (performance.now() - begun > 60_000) throw new DemoError(`"${line}" took more than a minute.`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** Asks again until `isDone`, showing nothing. */
  async until(action: string, input: Input, isDone: (reply: Reply) => boolean): Promise<void> {
    const begun = performance.now();
    while (!isDone(await this.ask(action, input))) {
      if (performance.now() - begun > 60_000)
        throw new DemoError(`${action} did not show the end of it within a minute.`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** A command on the laptop, shown as the user would type it. Repeated until it succeeds, within `patience` ms. */
  async laptop(
    line: string,
    command: readonly string[],
    options: { readonly patience?: number; readonly expectFailure?: boolean; readonly lines?: RegExp } = {},
  ): Promise<Output> {
    const begun = performance.now();
    const patience = options.patience ?? 20_000;
    for (;;) {
      const output = await this.#runOnLaptop(command, patience);
      const isAsExpected = (output.code === 0) !== (options.expectFailure === true);
      if (isAsExpected) {
        this.#show(
          line,
          excerpt(options.expectFailure === true ? output.stderr : output.stdout, options.lines),
          begun,
        );
        return output;
      }
      if (performance.now() - begun > patience) {
        throw new DemoError(
          `"${line}" did not come out as expected: ${`${output.stderr}${output.stdout}`.trim().slice(0, 300)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Says something between the steps. */
  say(text: string): void {
    if (!this.#isQuiet) this.#terminal.print(`   ${text}`);
  }

  #show(line: string, result: string, begun: number): void {
    const milliseconds = Math.round(performance.now() - begun);
    this.facts.push({ step: this.#step, line, result, milliseconds });
    if (this.#isQuiet) return;
    const time = this.#terminal.style(
      'dim',
      ` (${milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`})`,
    );
    this.#terminal.print(`   ${this.#terminal.style('cyan', '$')} ${line}`);
    const [first = '', ...rest] = result.split('\n');
    this.#terminal.print(`     ${this.#terminal.style('green', first)}${time}`);
    for (const more of rest) this.#terminal.print(`     ${this.#terminal.style('green', more)}`);
  }
}

/** The lines of an output worth showing: those that match, else the last. */
function excerpt(text: string, lines: RegExp | undefined): string {
  const all = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const chosen = lines === undefined ? all.slice(-1) : all.filter((line) => lines.test(line)).slice(0, 6);
  return chosen.length === 0 ? 'ok' : chosen.join('\n');
}
