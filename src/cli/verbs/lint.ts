import { SEVERITIES, type Severity } from '../../analyze/findings/finding.ts';
import { describeRules, findUnknownRule } from '../../analyze/findings/lint.ts';
import type { Client } from '../client.ts';
import { UserError, type Verb } from '../verb.ts';

/** The daemon's answer to `POST /lint`. */
interface LintReply {
  readonly findings: readonly unknown[];
  readonly isBad: boolean;
  readonly lines: readonly string[];
}

/** `croft lint`: classic mistakes, named without being asked about. */
export const lint: Verb = {
  name: 'lint',
  summary: 'name the mistakes that are in the network, why they matter, and what mends them',
  usage: '[RULE...] [--severity S] [--rules]',
  description:
    'Looks through every VPC for mistakes that people make again and again: a NAT gateway in a private subnet, a port for\n' +
    'administration open to the world, an ACL that lets no answers out. With RULEs only for these.\n' +
    'Exit code: 0 no error and no warning, 1 some, 2 not understood.',
  examples: [
    ['croft lint', 'look for everything'],
    ['croft lint --severity error', 'only for what does not work'],
    ['croft lint admin-port-open-to-world', 'only for this'],
    ['croft lint --rules', 'list what is looked for, and why'],
  ],
  options: {
    severity: { type: 'string', value: 'S', help: 'the least severity: error, warning, or advice (default)' },
    rules: { type: 'boolean', help: 'list the rules' },
  },
  async run({ positionals, options, client, terminal, isJson }) {
    if (options['rules'] === true) {
      for (const line of describeRules()) terminal.print(line);
      return 0;
    }
    const severity = readSeverity(options['severity']);
    const complaint = findUnknownRule(positionals);
    if (complaint !== undefined) throw new UserError(complaint, undefined, 2);
    const { findings, isBad, lines } = await askLint(client, positionals, severity);
    if (isJson) terminal.printJson(findings);
    else for (const line of lines) terminal.print(colour(line, terminal.style.bind(terminal)));
    return isBad ? 1 : 0;
  },
};

function readSeverity(option: string | boolean | undefined): Severity {
  const severity = SEVERITIES.find((each) => each === (option ?? 'advice'));
  if (severity !== undefined) return severity;
  throw new UserError(`"${option}" is no severity.`, `There are ${SEVERITIES.join(', ')}.`, 2);
}

async function askLint(client: Client, rules: readonly string[], severity: Severity): Promise<LintReply> {
  const value = await client.post('/lint', { rules, severity });
  if (isReply(value)) return value;
  throw new Error('the running Cloudcroft is of another version');
}

function isReply(value: unknown): value is LintReply {
  return (
    typeof value === 'object' && value !== null && 'findings' in value && 'isBad' in value && 'lines' in value
  );
}

type Style = (style: 'green' | 'red' | 'cyan', text: string) => string;

function colour(line: string, style: Style): string {
  if (/^(error|warning):/.test(line)) return style('red', line);
  if (line === 'Nothing found.') return style('green', line);
  return /^ +mend: /.test(line) ? style('cyan', line) : line;
}
