import type { ActionName, TestRegion } from './ec2.ts';
import { askLoadBalancing } from './load-balancers.ts';

/**
 * Runs a line of the aws CLI on a region in memory, as a shell would: `$(…)` first. It knows the spellings that
 * lines of ours use and refuses any other, so that a line that it runs is one that the CLI takes.
 */
export async function runAwsLine(region: TestRegion, line: string): Promise<unknown> {
  let text = line;
  for (let start = text.lastIndexOf('$('); start !== -1; start = text.lastIndexOf('$(')) {
    const end = text.indexOf(')', start);
    const value = await runAwsLine(region, text.slice(start + 2, end));
    if (typeof value !== 'string') throw new Error(`${text.slice(start, end + 1)} gives no text`);
    text = text.slice(0, start) + value + text.slice(end + 1);
  }
  const [aws, service, verb = '', ...words] = text.split(' ');
  if (aws === 'aws' && service === 'elbv2') return runBalancerLine(region, verb, words);
  if (aws !== 'aws' || service !== 'ec2')
    throw new Error(`not a line of the aws CLI that is known here: ${line}`);
  const options = readOptions(words);
  const query = options.get('query')?.[0];
  const isText = options.get('output')?.[0] === 'text';
  options.delete('query');
  options.delete('output');
  // What is waited for comes with time: control's loops.
  if (verb === 'wait') return undefined;
  const action = pascal(verb);
  // The compiler cannot see that a name read from a text is an action's, nor that the input fits it.
  const output: unknown = region.call(action as ActionName, inputOf(action, options) as never);
  if (query === undefined) return output;
  if (!isText) throw new Error(`${line}: --query without --output text`);
  return query.split(/[.[\]]+/).reduce<unknown>((value, key) => memberOf(value, key), output);
}

/** Elastic Load Balancing takes lists by number: `Attributes.member.1.Key`. */
async function runBalancerLine(region: TestRegion, verb: string, words: readonly string[]): Promise<string> {
  const parameters: Record<string, string> = {};
  const options = readOptions(words);
  const wanted = options.get('query')?.[0]?.split('.').at(-1);
  for (const name of ['query', 'output']) options.delete(name);
  for (const [option, [value = '']] of options) {
    if (option === 'names') parameters['Names.member.1'] = value;
    else if (!value.includes('=')) parameters[pascal(option)] = value;
    else {
      for (const [key, each] of Object.entries(structure(value, String))) {
        parameters[`${pascal(option)}.member.1.${key}`] = String(each);
      }
    }
  }
  const reply = await askLoadBalancing(region, pascal(verb), parameters);
  if (reply.includes('<Error>')) throw new Error(reply);
  return wanted === undefined ? reply : (new RegExp(`<${wanted}>([^<]+)`).exec(reply)?.[1] ?? '');
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function readOptions(words: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words) {
    if (word.startsWith('--')) {
      values = [];
      options.set(word.slice(2), values);
    } else values.push(word);
  }
  return options;
}

function pascal(kebab: string): string {
  return kebab.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `From=22,To=22` as a structure. */
function structure(text: string, read: (value: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.split('='))
      .map(([key = '', value = '']) => [key, read(value)]),
  );
}

const PROTOCOLS: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmp: '1' };

function inputOf(action: string, options: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  if (action.startsWith('AuthorizeSecurityGroup')) return permissionOf(options);
  const input: Record<string, unknown> = {};
  for (const [option, values] of options) {
    const [value = ''] = values;
    switch (option) {
      case 'ingress':
        input['Egress'] = false;
        break;
      case 'egress':
      case 'reset-policy':
        input[pascal(option)] = true;
        break;
      case 'enable-dns-support':
        input['EnableDnsSupport'] = { Value: true };
        break;
      case 'no-source-dest-check':
        input['SourceDestCheck'] = { Value: false };
        break;
      case 'rule-number':
        input['RuleNumber'] = Number(value);
        break;
      case 'port-range':
      case 'icmp-type-code':
        input[pascal(option)] = structure(value, Number);
        break;
      case 'protocol':
        input['Protocol'] = PROTOCOLS[value] ?? value;
        break;
      case 'filters': {
        const { Name, Values } = structure(value, String);
        input['Filters'] = [{ Name, Values: [Values] }];
        break;
      }
      default:
        if (values.length === 0) throw new Error(`--${option} has no value`);
        input[pascal(option)] = option.endsWith('-ids') ? values : value;
    }
  }
  return input;
}

/** `'IpProtocol=tcp,FromPort=22,ToPort=22,Ipv6Ranges=[{CidrIpv6=::/0}]'`, in the quotes that the shell takes off. */
function shorthandPermission(quoted: string): Record<string, unknown> {
  const [, text] = /^'([^']+)'$/.exec(quoted) ?? [];
  if (text === undefined)
    throw new Error(`${quoted} is not in quotes: a shell would take [ and { for its own`);
  const [, fields = '', list = '', key = '', value = ''] =
    /^(.+),(\w+)=\[\{(\w+)=([^,{}]+)\}\]$/.exec(text) ?? [];
  const { IpProtocol, ...ports } = structure(fields, String);
  const numbers = Object.entries(ports).map(([name, port]) => [name, Number(port)]);
  return { IpProtocol, ...Object.fromEntries(numbers), [list]: [{ [key]: value }] };
}

/** One permission, as the CLI makes it of `--protocol`, `--port` and `--cidr` or `--source-group`. */
function permissionOf(options: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  const [whole] = options.get('ip-permissions') ?? [];
  if (whole !== undefined) {
    return { GroupId: options.get('group-id')?.[0], IpPermissions: [shorthandPermission(whole)] };
  }
  const [groupId, protocol, port, cidr, source] = [
    'group-id',
    'protocol',
    'port',
    'cidr',
    'source-group',
  ].map((name) => options.get(name)?.[0]);
  return {
    GroupId: groupId,
    IpPermissions: [
      {
        IpProtocol: protocol,
        ...(port === undefined ? {} : { FromPort: Number(port), ToPort: Number(port) }),
        ...(cidr === undefined ? {} : { IpRanges: [{ CidrIp: cidr }] }),
        ...(source === undefined ? {} : { UserIdGroupPairs: [{ GroupId: source }] }),
      },
    ],
  };
}
