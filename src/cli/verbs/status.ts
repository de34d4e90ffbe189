import { readStatus, type Status } from '../status.ts';
import { renderTable, type Terminal } from '../terminal.ts';
import type { Verb } from '../verb.ts';

/** `croft status`: what runs, and what is in it. */
export const status: Verb = {
  name: 'status',
  summary: 'show what runs, and what is in it',
  usage: '',
  description: 'Shows whether Cloudcroft runs, where its API is, and the instances of every region in use.',
  examples: [
    ['croft status', 'a summary'],
    ['croft status --json', 'the same for a script'],
  ],
  options: {},
  async run(context) {
    const facts = await readStatus(context);
    if (context.isJson) context.terminal.printJson(facts);
    else printStatus(facts, context.terminal);
    return facts.world.phase === 'failed' ? 1 : 0;
  },
};

/** The summary, as `croft up` shows it too. */
export function printStatus(facts: Status, terminal: Terminal): void {
  const phase = { starting: 'yellow', ready: 'green', failed: 'red' } as const;
  const rows = [
    ['API', `${facts.apiUrl}${facts.isOpen ? '  (open: any access key is accepted)' : ''}`],
    ['World', `${facts.world.phase}${facts.world.detail === '' ? '' : `: ${facts.world.detail}`}`],
    ['State', facts.state],
    ['Daemon', `process ${facts.pid}, version ${facts.version}, since ${facts.startedAt}`],
  ];
  for (const line of renderTable(rows)) {
    terminal.print(line.startsWith('World') ? terminal.style(phase[facts.world.phase], line) : line);
  }
  for (const { account, region, vpcs, subnets, instances } of facts.resources) {
    terminal.print();
    terminal.print(
      `${terminal.style('bold', region)} (account ${account}): ${count(vpcs, 'VPC')}, ${count(subnets, 'subnet')}`,
    );
    const lines = instances.map((instance) => [
      `  ${instance.instanceId}`,
      instance.name ?? '-',
      instance.state,
      instance.privateIp ?? '-',
      instance.publicIp ?? '-',
    ]);
    if (lines.length === 0) continue;
    for (const line of renderTable([['  INSTANCE', 'NAME', 'STATE', 'PRIVATE', 'PUBLIC'], ...lines]))
      terminal.print(line);
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
