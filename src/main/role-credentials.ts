import { createHmac } from 'node:crypto';
import type { Instance } from '../model/records.ts';
import type { World } from '../model/world.ts';
import type { Credentials } from '../state/directory.ts';

/** What a role's sessions sign with, and who they are then. */
export interface RoleCredentials {
  readonly roleName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** `arn:aws:sts::123456789012:assumed-role/ROLE/i-…` */
  readonly arn: string;
  readonly userId: string;
}

/** Temporary keys begin so (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */
const TEMPORARY_KEY = 'ASIA';

/**
 * The credentials of an instance's role, undefined without an instance profile. They follow from the installation's own
 * secret, so that nothing has to be kept, and nobody else can make them.
 */
export function roleCredentialsOf(
  own: Credentials,
  account: string,
  { instanceId, instanceProfile }: Instance,
): RoleCredentials | undefined {
  if (instanceProfile === undefined) return undefined;
  const roleName = instanceProfile.arn.split('/').at(-1) ?? '';
  const derive = (purpose: string): Buffer =>
    createHmac('sha256', own.secretAccessKey)
      .update(`${purpose}/${account}/${roleName}/${instanceId}`)
      .digest();
  return {
    roleName,
    accessKeyId: `${TEMPORARY_KEY}${derive('key').toString('hex').slice(0, 16).toUpperCase()}`,
    secretAccessKey: derive('secret').toString('base64').slice(0, 40),
    sessionToken: derive('token').toString('base64'),
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${instanceId}`,
    userId: `AROA${derive('role').toString('hex').slice(0, 17).toUpperCase()}:${instanceId}`,
  };
}

/** Whose a temporary access key is: an instance's that is not terminated. Costs what there are instances. */
export function findRoleCredentials(
  own: Credentials,
  worlds: Iterable<World>,
  accessKeyId: string,
): { readonly credentials: RoleCredentials; readonly account: string } | undefined {
  if (!accessKeyId.startsWith(TEMPORARY_KEY)) return undefined;
  for (const world of worlds) {
    const { account } = world.scope;
    for (const instance of world.instances.values()) {
      if (instance.state === 'terminated') continue;
      const credentials = roleCredentialsOf(own, account, instance);
      if (credentials?.accessKeyId === accessKeyId) return { credentials, account };
    }
  }
  return undefined;
}
