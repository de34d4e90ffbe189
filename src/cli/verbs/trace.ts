import { colourPath, readFlow, tellApart } from '../explain.ts';
import { UserError, type Verb } from '../verb.ts';

/** The longest an answer is waited for, in seconds. */
const MOST_SECONDS = 60;

/** `croft trace`: what the model says of a flow, and what a real packet does. */
export const trace: Verb = {
  name: 'trace',
  summary: 'send a real packet and show its way beside the one that explain tells',
  usage: 'SRC DST [--port N] [--protocol P] [--ipv6] [--timeout S]',
  description:
    'Asks the model as `croft explain` does, sends one real packet from SRC to DST, and follows it and its answer through\n' +
    'the chains of every router on the way. Each stage has two marks: what the model says, and what the packet met\n' +
    '(· is not seen: not reached, or not asked, as a reply’s security groups). Nobody else’s packets are touched.\n' +
    'Exit code: 0 it arrived, 1 it did not, 2 not understood, 3 the model and the packet disagree: a defect of ours.',
  examples: [
    ['croft trace laptop bastion', 'does a SYN to port 22 get its SYN-ACK?'],
    ['croft trace private 8.8.8.8 --protocol icmp', 'a ping through the NAT gateway'],
    ['croft trace private 8.8.8.8 --protocol udp --port 53', 'a real DNS question'],
    ['croft trace laptop bastion --ipv6', 'and by IPv6?'],
  ],
  options: {
    port: { type: 'string', value: 'N', help: 'destination port (default: 22 for an instance, else 443)' },
    protocol: { type: 'string', value: 'P', help: 'tcp (default), udp, icmp, icmpv6, or a number' },
    ipv6: { type: 'boolean', help: 'from and to the first IPv6 address of each' },
    timeout: { type: 'string', value: 'S', help: 'seconds to wait for an answer (default: 2)' },
  },
  async run({ positionals, options, client, terminal, isJson }) {
    const question = readFlow('trace', positionals, options);
    const seconds = Number(options['timeout'] ?? 2);
    if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
      const hint = `It is a number of seconds, at most ${MOST_SECONDS}.`;
      throw new UserError(`"${options['timeout']}" is no timeout.`, hint, 2);
    }
    const asked = { ...question, milliseconds: Math.round(seconds * 1000) };
    const reply = await client.post('/trace', asked).catch(tellApart);
    if (!isReply(reply)) throw new Error('the running Cloudcroft is of another version');
    if (isJson) terminal.printJson(reply.result);
    else for (const line of reply.lines) terminal.print(colourPath(line, terminal.style.bind(terminal)));
    if (!reply.isAgreed) return 3;
    return reply.isReached ? 0 : 1;
  },
};

/** The daemon's answer to `POST /trace`. */
interface TraceReply {
  readonly isReached: boolean;
  readonly isAgreed: boolean;
  readonly lines: readonly string[];
  readonly result: unknown;
}

function isReply(value: unknown): value is TraceReply {
  return typeof value === 'object' && value !== null && 'isAgreed' in value && 'lines' in value;
}
