/** The services of AWS that have interface endpoints here, by the last part of their name. */
const SERVICES = [
  'autoscaling',
  'cloudformation',
  'dynamodb',
  'ec2',
  'ec2messages',
  'ecr.api',
  'ecr.dkr',
  'ecs',
  'elasticloadbalancing',
  'events',
  'execute-api',
  'kms',
  'lambda',
  'logs',
  'monitoring',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'ssmmessages',
  'sts',
] as const;

/** Names of the services of AWS that a region has interface endpoints for: `com.amazonaws.us-east-1.sts`. */
export function interfaceServicesOf(region: string): readonly string[] {
  return SERVICES.map((service) => `com.amazonaws.${region}.${service}`);
}
