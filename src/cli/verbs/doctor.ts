import { type Finding, probeMachine } from '../../fabric/world/probe.ts';
import { readArguments } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import type { Verb } from '../verb.ts';

/** `croft doctor`: whether Cloudcroft can run here, and what to do when not. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'say what this machine can do, what is missing, and the command that mends it',
  usage: '',
  description:
    'Tries everything that Cloudcroft needs of this machine, in namespaces of its own; nothing is changed. The exit code\n' +
    'is 1 when something is missing without which Cloudcroft cannot run.',
  examples: [
    ['croft doctor', 'look at this machine'],
    ['croft doctor --json', 'the same for a script'],
  ],
  options: {},
  async run(context) {
    readArguments(context, doctor, []);
    const findings = await probeMachine();
    if (context.isJson) context.terminal.printJson({ findings });
    else printFindings(findings, context.terminal);
    return findings.some(isObstacle) ? 1 : 0;
  },
};

function isObstacle({ isOk, isOptional }: Finding): boolean {
  return !isOk && !isOptional;
}

function printFindings(findings: readonly Finding[], terminal: Terminal): void {
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const finding of findings) {
    const { name, sentence, mend } = finding;
    const mark = isObstacle(finding)
      ? terminal.style('red', 'missing')
      : finding.isOk
        ? 'ok     '
        : terminal.style('yellow', 'missing');
    const use = finding.isOptional ? ' (optional)' : '';
    terminal.print(`${mark}  ${name.padEnd(width)}  ${sentence}${use}`);
    if (!finding.isOk && mend !== undefined)
      terminal.print(`         ${' '.repeat(width)}  ${terminal.style('bold', mend)}`);
  }
  const obstacles = findings.filter(isObstacle).length;
  terminal.print();
  if (obstacles === 0) terminal.print(terminal.style('green', 'Cloudcroft can run here.'));
  else terminal.print(terminal.style('red', `Cloudcroft cannot run here yet: ${obstacles} missing.`));
}
