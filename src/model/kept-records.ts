/**
 * A resource of a service that Cloudcroft does not have, kept as it was described: a role, a log group. Nothing acts on it.
 */
export interface KeptResource {
  /** Its type and its name: `AWS::IAM::Role Deployer` */
  readonly keptResourceId: string;
  /** As CloudFormation names it: `AWS::IAM::Role` */
  readonly type: string;
  readonly name: string;
  /** As JSON. */
  readonly properties: string;
}
