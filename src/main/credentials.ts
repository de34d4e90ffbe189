import { uniqueId } from '../cloudformation/resources/iam.ts';
import type { Credential } from '../ec2/signature.ts';
import type { World } from '../model/world.ts';
import type { AssumableRole } from '../region/sts.ts';
import { type Credentials, credentialsOf } from '../state/directory.ts';
import { findRoleCredentials } from './role-credentials.ts';
import { findSession } from './session-credentials.ts';

/** What belongs to an access key: an account's, an instance's role's, or a session's with its token. Undefined for what nobody has. */
export function findCredential(
  own: Credentials,
  worlds: Iterable<World>,
  accessKeyId: string,
  sessionToken: string | undefined,
): Credential | undefined {
  const found = accessKeyId === own.accessKeyId ? own : credentialsOf(own, accessKeyId);
  if (found !== undefined) return { secret: found.secretAccessKey, account: found.account };
  const role = findRoleCredentials(own, worlds, accessKeyId);
  if (role !== undefined) {
    const { secretAccessKey: secret, sessionToken: token, arn, userId } = role.credentials;
    return { secret, sessionToken: token, arn, userId, account: role.account };
  }
  return sessionToken === undefined ? undefined : findSession(own, accessKeyId, sessionToken);
}

/** A role that a stack has made. Roles are an account's, whichever region the stack is in. */
export function findRole(worlds: Iterable<World>, account: string, name: string): AssumableRole | undefined {
  for (const world of worlds) {
    if (world.scope.account !== account) continue;
    const kept = world.keptResources.get(`AWS::IAM::Role ${name}`);
    if (kept === undefined) continue;
    const properties = JSON.parse(kept.properties);
    const { AssumeRolePolicyDocument: trust, MaxSessionDuration: most, Path: path = '/' } = properties;
    return {
      roleId: uniqueId('AROA', `arn:aws:iam::${account}:role${path}${name}`),
      trustPolicy: typeof trust === 'string' ? trust : JSON.stringify(trust),
      maxSessionSeconds: most === undefined ? undefined : Number(most),
    };
  }
  return undefined;
}
