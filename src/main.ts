/**
 * The processes that the daemon starts inside the world: they speak with it and with nobody else. Each loads its own code
 * alone: five processes that load everything would take longer to start than all else.
 */
const INSIDE: Readonly<Record<string, (argument: string) => Promise<void>>> = {
  'internal-agent': async () => (await import('./main/agent.ts')).runAgent(),
  'internal-internet': async () => (await import('./main/internet.ts')).runInternet(),
  'internal-laptop': async (port) => (await import('./main/laptop-relay.ts')).runLaptopRelay(Number(port)),
  'internal-services': async () => (await import('./main/services.ts')).runServices(),
};

/** Runs one command line; resolves with its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const inside = INSIDE[words[0] ?? ''];
  if (inside === undefined) return (await import('./main/command-line.ts')).runTypedWords(words);
  await inside(words[1] ?? '');
  return 0;
}
