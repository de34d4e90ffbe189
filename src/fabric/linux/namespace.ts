import { runCaptured } from '../process.ts';

/** Where `ip netns` keeps namespaces: the world has a `/run` of its own. */
export const NAMESPACES = '/run/netns';

/** No tool takes as long as this to tell or to change what one namespace holds. */
const TOOL_MILLISECONDS = 30_000;

/** The kernel refused; the message is its own, with the machine's name. */
export class KernelError extends Error {}

/** Runs a tool in a namespace, or in the world's own one, and resolves with what it printed; its complaint becomes the error. */
export async function runInside(
  namespace: string | undefined,
  command: readonly string[],
  input = '',
): Promise<string> {
  const inside =
    namespace === undefined ? command : ['nsenter', `--net=${NAMESPACES}/${namespace}`, ...command];
  const outcome = await runCaptured(inside, { input, timeoutMilliseconds: TOOL_MILLISECONDS });
  if (outcome.code === 0) return outcome.stdout;
  const complaint = outcome.stderr.trim().split('\n').slice(0, 4).join('; ');
  throw new KernelError(`${namespace ?? 'the world'}: ${command.slice(0, 2).join(' ')}: ${complaint}`);
}
