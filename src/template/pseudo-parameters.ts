import type { Surroundings } from './bind.ts';

type Pseudo = (surroundings: Surroundings) => string | readonly string[] | undefined;

const PSEUDO_PARAMETERS: ReadonlyMap<string, Pseudo> = new Map<string, Pseudo>([
  ['AWS::AccountId', ({ accountId }) => accountId],
  ['AWS::NotificationARNs', ({ notificationArns }) => notificationArns],
  ['AWS::NoValue', () => undefined],
  ['AWS::Partition', ({ region }) => partitionOf(region)],
  ['AWS::Region', ({ region }) => region],
  ['AWS::StackId', ({ stackId }) => stackId],
  ['AWS::StackName', ({ stackName }) => stackName],
  ['AWS::URLSuffix', ({ region }) => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com')],
]);

/** Whether AWS gives a parameter of this name to every template. */
export function isPseudoParameter(name: string): boolean {
  return PSEUDO_PARAMETERS.has(name);
}

/** The value of a pseudo parameter; undefined for AWS::NoValue, and for what is none. */
export function pseudoParameter(
  name: string,
  surroundings: Surroundings,
): string | readonly string[] | undefined {
  return PSEUDO_PARAMETERS.get(name)?.(surroundings);
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
