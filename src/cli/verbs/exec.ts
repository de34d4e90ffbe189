import { execWords } from '../../fabric/compute/compute.ts';
import { runInForeground } from '../../fabric/process.ts';
import { enterWords } from '../../fabric/world/world.ts';
import { readArguments, requireWorld } from '../arguments.ts';
import { findInstance } from '../instance.ts';
import { readStatus } from '../status.ts';
import type { Verb } from '../verb.ts';

/** `croft exec`: into an instance past the network, as a hypervisor's console would. */
export const exec: Verb = {
  name: 'exec',
  summary: 'run a command in an instance, past the network',
  usage: 'INSTANCE [-- CMD...]',
  description:
    'Runs a command in a running instance as ec2-user, or a login shell, without any network: whatever the security\n' +
    "groups say. INSTANCE is an id, a Name tag or an address. The exit code is the command's own.",
  examples: [
    ['croft exec i-0123456789abcdef0', 'a login shell'],
    ['croft exec bastion -- ip route', 'a command, by the Name tag'],
    ['croft exec 10.0.1.5 -- sudo tcpdump -ni eth0', 'see the packets that reach it'],
  ],
  options: {},
  takesCommand: true,
  async run(context) {
    const [word = ''] = readArguments(context, exec, ['INSTANCE']);
    const { instance } = findInstance(await readStatus(context), word);
    const words = execWords(instance.instanceId, context.command, context.terminal.isInteractive);
    return runInForeground(enterWords(requireWorld(context), words), { directory: '/' });
  },
};
