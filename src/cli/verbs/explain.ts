import { askExplain, colourPath, type ExplainQuestion, readFlow, tellApart } from '../explain.ts';
import { type Context, UserError, type Verb } from '../verb.ts';

/** `croft explain`: why packets pass, or which of the user's own objects stops them. */
export const explain: Verb = {
  name: 'explain',
  summary: 'say whether one thing can reach another, and if not, why and what mends it',
  usage: 'SRC DST [--port N] [--protocol P] [--ipv6] [--action A [--resource ARN]]',
  description:
    'Follows packets from SRC to DST and back through every route table, gateway, network ACL and security group, and\n' +
    'names what stops them. SRC and DST: an instance (id or Name), an interface id, an address, laptop, internet, s3.\n' +
    'Names mean IPv4 addresses; with --ipv6, and beside an IPv6 address, the first IPv6 address of each.\n' +
    'With --action the policy of an endpoint on the way is asked too, and the statement that decides is named.\n' +
    'Exit code: 0 reachable, 1 not, 2 not understood.',
  examples: [
    ['croft explain laptop bastion', 'can I log in? (TCP 22)'],
    ['croft explain private internet --port 80', 'can the private instance fetch a page?'],
    ['croft explain bastion private --protocol icmp', 'would a ping pass?'],
    ['croft explain laptop bastion --ipv6', 'and by IPv6?'],
    [
      'croft explain private s3 --action s3:GetObject --resource arn:aws:s3:::course/x',
      'would the policy of the endpoint let it?',
    ],
  ],
  options: {
    port: { type: 'string', value: 'N', help: 'destination port (default: 22 for an instance, else 443)' },
    protocol: { type: 'string', value: 'P', help: 'tcp (default), udp, icmp, icmpv6, or a number' },
    ipv6: { type: 'boolean', help: 'from and to the first IPv6 address of each' },
    action: { type: 'string', value: 'A', help: 'what is asked of the service: s3:GetObject' },
    resource: { type: 'string', value: 'ARN', help: 'what the action is about (default: *)' },
  },
  async run({ positionals, options, client, terminal, isJson }) {
    const question = { ...readFlow('explain', positionals, options), ...readRequest(options) };
    const reply = await askExplain(client, question).catch(tellApart);
    if (isJson) terminal.printJson(reply.result);
    else for (const line of reply.lines) terminal.print(colourPath(line, terminal.style.bind(terminal)));
    return reply.isAllowed ? 0 : 1;
  },
};

function readRequest(options: Context['options']): Pick<ExplainQuestion, 'action' | 'resource'> {
  const { action, resource } = options;
  if (typeof action !== 'string') {
    if (resource === undefined) return {};
    throw new UserError('--resource needs an --action.', 'Example: --action s3:GetObject', 2);
  }
  if (!/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action)) {
    throw new UserError(
      `"${action}" is no action.`,
      'An action is SERVICE:OPERATION, such as s3:GetObject.',
      2,
    );
  }
  return { action, ...(typeof resource === 'string' ? { resource } : {}) };
}
