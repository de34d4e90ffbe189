import type { InstanceLine, Status } from './status.ts';
import { suggest } from './suggest.ts';
import { UserError } from './verb.ts';

/** An instance that a person named, and where it is. */
export interface FoundInstance {
  readonly region: string;
  readonly instance: InstanceLine;
}

/**
 * The running instance that a word means: its id, its Name tag, or one of its addresses, in any region. Fails with what to
 * do when there is none, when it does not run, or when several are meant.
 */
export function findInstance(facts: Status, word: string): FoundInstance {
  const found = findNamed(facts, word);
  const running = found.filter(({ instance }) => instance.state === 'running');
  const [first, second] = running.length === 0 ? found : running;
  if (first === undefined)
    throw new UserError(`there is no instance "${word}".`, suggestInstance(facts, word));
  if (second !== undefined) {
    const names = (running.length === 0 ? found : running).map(
      ({ instance, region }) => `${instance.instanceId} (${region})`,
    );
    throw new UserError(`"${word}" means several instances: ${names.join(', ')}.`, 'Say which by its id.');
  }
  const { instanceId, state } = first.instance;
  if (state !== 'running')
    throw new UserError(`${instanceId} is ${state}, not running.`, mendState(instanceId, state));
  return first;
}

/** All that a word could mean. A terminated instance keeps only its id. */
function findNamed(facts: Status, word: string): readonly FoundInstance[] {
  const all = facts.resources.flatMap(({ region, instances }) =>
    instances.map((instance) => ({ region, instance })),
  );
  return all.filter(({ instance }) => {
    if (instance.instanceId === word) return true;
    return (
      instance.state !== 'terminated' && [instance.name, instance.privateIp, instance.publicIp].includes(word)
    );
  });
}

function suggestInstance(facts: Status, word: string): string {
  const lines = facts.resources
    .flatMap(({ instances }) => instances)
    .filter(({ state }) => state !== 'terminated');
  if (lines.length === 0) return 'There are no instances yet: `aws ec2 run-instances` makes one.';
  const known = lines.flatMap(({ instanceId, name, privateIp, publicIp }) => [
    instanceId,
    name,
    privateIp,
    publicIp,
  ]);
  const meant = suggest(
    word,
    known.filter((name) => name !== undefined),
  );
  return meant === undefined ? '`croft status` lists the instances.' : `Did you mean "${meant}"?`;
}

function mendState(instanceId: string, state: string): string {
  if (state === 'stopped') return `\`aws ec2 start-instances --instance-ids ${instanceId}\` starts it.`;
  if (state === 'only analysed')
    return 'It was imported with --no-boot; `croft import aws … --replace --boot` boots it.';
  if (state === 'pending') return 'It is starting; try again in a moment.';
  return '`croft status` lists the instances.';
}
