import { readArguments } from '../arguments.ts';
import { findInstance } from '../instance.ts';
import { readStatus } from '../status.ts';
import { UserError, type Verb } from '../verb.ts';
import { runOnOwnLaptop } from './laptop.ts';

/** The user that Amazon Linux has, and so do our instances. */
const LOGIN = 'ec2-user';

/** `croft ssh`: ssh from the laptop to an instance's public address. */
export const ssh: Verb = {
  name: 'ssh',
  summary: 'log into an instance from the laptop, over the network',
  usage: 'INSTANCE [-i KEY] [--user NAME] [-- CMD...]',
  description:
    'Runs ssh on the laptop to the public address of an instance: through its internet gateway, network ACL and security\n' +
    "groups. INSTANCE is an id, a Name tag or an address. The exit code is ssh's own.",
  examples: [
    ['croft ssh bastion -i key.pem', 'log in with the key that CreateKeyPair gave'],
    ['croft ssh bastion -i key.pem -- hostname', 'run a command there'],
    [
      'croft laptop -- ssh -J ec2-user@198.18.128.10 ec2-user@10.0.1.5',
      'on to a private instance, with ssh as it is',
    ],
  ],
  options: {
    identity: {
      type: 'string',
      short: 'i',
      value: 'KEY',
      help: 'file of the private key (else your own keys and agent)',
    },
    user: { type: 'string', value: 'NAME', help: `who to log in as (default ${LOGIN})` },
  },
  takesCommand: true,
  async run(context) {
    const [word = ''] = readArguments(context, ssh, ['INSTANCE']);
    const { instance } = findInstance(await readStatus(context), word);
    const { instanceId, publicIp } = instance;
    if (publicIp === undefined) {
      throw new UserError(
        `${instanceId} has no public address, so the Internet cannot reach it.`,
        `\`croft exec ${instanceId}\` goes in past the network; ssh goes by way of a bastion host (ssh -J).`,
      );
    }
    const { identity, user } = context.options;
    const key = typeof identity === 'string' ? ['-i', identity] : [];
    const login = typeof user === 'string' ? user : LOGIN;
    return runOnOwnLaptop(context, ['ssh', ...key, '-l', login, '--', publicIp, ...context.command]);
  },
};
