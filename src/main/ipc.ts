import type { ChildProcess } from 'node:child_process';

/** A question to the process at the other end, its answer, or something it tells unasked. */
export type Message =
  | { readonly kind: 'request'; readonly id: number; readonly verb: string; readonly argument: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly kind: 'event'; readonly name: string; readonly value: unknown };

/** The handlers of one side: by verb, from the argument to the answer. */
export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** Whether a value that came over a channel is one of our messages. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'request' || value.kind === 'reply' || value.kind === 'event';
}

/**
 * The asking side of a child process: requests are answered in any order; all that are open fail when the child ends.
 */
export class Channel {
  /** Resolves when there is nobody to ask any more: the child has ended, or what is sent does not get there. */
  readonly closed: Promise<void>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #events = new Map<string, (value: unknown) => void>();
  #lastId = 0;
  #isClosed = false;
  readonly #tellClosed: () => void;

  constructor(child: ChildProcess, name: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#tellClosed = resolve;
    this.#child = child;
    this.#name = name;
    child.on('message', (message: unknown) => this.#receive(message));
    child.once('exit', () => this.#close());
    child.once('disconnect', () => this.#close());
    // One for each message that is not taken: before a killed child's end is told there may be several.
    child.on('error', () => this.#close());
  }

  /** Asks, and resolves with the answer as it came. Rejects with the other side's sentence, or when it has ended. */
  ask(verb: string, argument?: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error(`the ${this.#name} process has ended`));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#child.send({ kind: 'request', id, verb, argument } satisfies Message);
    });
  }

  /** Tells something without awaiting an answer; nothing happens when the child has ended. */
  tell(name: string, value: unknown): void {
    if (!this.#isClosed) this.#child.send({ kind: 'event', name, value } satisfies Message);
  }

  /** Calls `listener` with each event of that name. */
  onEvent(name: string, listener: (value: unknown) => void): void {
    this.#events.set(name, listener);
  }

  #receive(message: unknown): void {
    if (!isMessage(message)) return;
    if (message.kind === 'event') this.#events.get(message.name)?.(message.value);
    if (message.kind !== 'reply') return;
    const waiting = this.#open.get(message.id);
    this.#open.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.error));
  }

  #close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#open.values()) reject(new Error(`the ${this.#name} process has ended`));
    this.#open.clear();
    this.#tellClosed();
  }
}

/**
 * Answers the parent process's requests until it goes, and ends this process then. Returns how to tell the parent
 * something unasked.
 */
export function serveParent(handlers: Handlers): (name: string, value: unknown) => void {
  const send = (message: Message): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('message', (message: unknown) => {
    if (!isMessage(message) || message.kind === 'reply') return;
    if (message.kind === 'event') {
      void handlers[message.name]?.(message.value as never);
      return;
    }
    const { id, verb, argument } = message;
    Promise.resolve()
      .then(() => {
        const handler = handlers[verb];
        if (handler === undefined) throw new Error(`no such verb: ${verb}`);
        return handler(argument as never);
      })
      .then(
        (value: unknown) => send({ kind: 'reply', id, value }),
        (error: unknown) =>
          send({ kind: 'reply', id, error: error instanceof Error ? error.message : String(error) }),
      );
  });
  process.once('disconnect', () => process.exit(0));
  return (name, value) => send({ kind: 'event', name, value });
}
