import { isTrusted } from './sts-trust.ts';

/** A verified request, as far as STS looks at it. */
export interface StsRequest {
  readonly method: string;
  /** Query string as sent, without the question mark. */
  readonly query: string;
  readonly body: Uint8Array;
  readonly caller: StsCaller;
  readonly requestId: string;
  readonly now: Date;
}

interface StsCaller {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

/** Status and XML of an answer. */
export interface StsReply {
  readonly status: number;
  readonly body: string;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/** A role, as far as those who assume it need it. */
export interface AssumableRole {
  readonly roleId: string;
  /** Who may assume it, as JSON. */
  readonly trustPolicy: string;
  /** Default an hour. */
  readonly maxSessionSeconds: number | undefined;
}

/** What a session is given. */
interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What the service is made of. */
export interface StsOptions {
  /** A role of an account, by its name. */
  readonly findRole: (account: string, name: string) => AssumableRole | undefined;
  /** Temporary credentials, good until `expiresAt`. */
  readonly makeSession: (session: StsCaller & { readonly expiresAt: Date }) => SessionCredentials;
}

const VERSION = '2011-06-15';
const NAMESPACE = `https://sts.amazonaws.com/doc/${VERSION}/`;

const HOUR = 3600;

/** A refusal on its way to its rendering. */
class StsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * The Security Token Service: says who the caller is, and gives temporary credentials. Those are sealed, not kept, so it
 * changes nothing.
 */
export function createSts(options: StsOptions) {
  return {
    version: VERSION,
    handle: (request: StsRequest): Promise<StsReply> => Promise.resolve(answer(options, request)),
    refuse: renderRefusal,
  };
}

type Action = (options: StsOptions, request: StsRequest, parameters: URLSearchParams) => string;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['AssumeRole', assumeRole],
  ['GetCallerIdentity', (_, { caller }) => describeCaller(caller)],
  ['GetSessionToken', getSessionToken],
]);

function answer(options: StsOptions, request: StsRequest): StsReply {
  const { requestId } = request;
  const parameters = new URLSearchParams(
    request.method === 'GET' ? request.query : new TextDecoder().decode(request.body),
  );
  try {
    const [name, act] = findAction(parameters);
    const result = act(options, request, parameters);
    const body =
      `<${name}Response xmlns="${NAMESPACE}"><${name}Result>${result}</${name}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, body };
  } catch (error) {
    if (error instanceof StsError) return renderRefusal(error, requestId);
    throw error;
  }
}

function findAction(parameters: URLSearchParams): readonly [name: string, act: Action] {
  const name = parameters.get('Action');
  const version = parameters.get('Version');
  if (name === null || name === '') {
    throw new StsError('MissingAction', 'The request is missing an action or a required parameter.');
  }
  if (version !== VERSION) {
    const shown = version ?? 'NO_VERSION_SPECIFIED';
    throw new StsError('InvalidAction', `Could not find operation ${name} for version ${shown}`);
  }
  const act = ACTIONS.get(name);
  if (act !== undefined) return [name, act];
  const known = [...ACTIONS.keys()].join(', ');
  const message = `Cloudcroft's STS does not support the action ${name}. It supports ${known}.`;
  throw new StsError('InvalidAction', message);
}

function describeCaller({ arn, userId, account }: StsCaller): string {
  return `<Arn>${escapeXml(arn)}</Arn><UserId>${escapeXml(userId)}</UserId><Account>${escapeXml(account)}</Account>`;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html; a session policy is not looked at. */
function assumeRole(options: StsOptions, request: StsRequest, parameters: URLSearchParams): string {
  const roleArn = demand(parameters, 'RoleArn', /^[\s\S]{20,2048}$/);
  const sessionName = demand(parameters, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
  const [, account = '', name = ''] = /^arn:aws:iam::(\d{12}):role\/(?:[^/]+\/)*([^/]+)$/.exec(roleArn) ?? [];
  if (name === '') throw new StsError('ValidationError', `${roleArn} is invalid`);
  const { caller, now } = request;
  const role = options.findRole(account, name);
  if (role === undefined || !isTrusted(role.trustPolicy, caller, parameters.get('ExternalId') ?? undefined)) {
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new StsError('AccessDenied', message, 403);
  }
  const seconds = readDuration(parameters, HOUR, 12 * HOUR);
  if (seconds > HOUR && caller.arn.includes(':assumed-role/')) {
    const message =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining';
    throw new StsError('ValidationError', message);
  }
  if (seconds > (role.maxSessionSeconds ?? HOUR)) {
    const message = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
    throw new StsError('ValidationError', message);
  }
  const session = {
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
    userId: `${role.roleId}:${sessionName}`,
    expiresAt: after(now, seconds),
  };
  return (
    `<AssumedRoleUser><AssumedRoleId>${escapeXml(session.userId)}</AssumedRoleId>` +
    `<Arn>${escapeXml(session.arn)}</Arn></AssumedRoleUser>${describeCredentials(options, session)}`
  );
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
function getSessionToken(options: StsOptions, request: StsRequest, parameters: URLSearchParams): string {
  const { caller, now } = request;
  const seconds = readDuration(parameters, 12 * HOUR, 36 * HOUR);
  if (caller.arn.startsWith('arn:aws:sts:')) {
    throw new StsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
  }
  return describeCredentials(options, { ...caller, expiresAt: after(now, seconds) });
}

/** To the second, as it is told. */
function after(now: Date, seconds: number): Date {
  return new Date(Math.floor(now.getTime() / 1000 + seconds) * 1000);
}

function describeCredentials(options: StsOptions, session: StsCaller & { readonly expiresAt: Date }): string {
  const { accessKeyId, secretAccessKey, sessionToken } = options.makeSession(session);
  return (
    `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${sessionToken}</SessionToken>` +
    `<Expiration>${session.expiresAt.toISOString().replace('.000Z', 'Z')}</Expiration></Credentials>`
  );
}

function demand(parameters: URLSearchParams, name: string, form: RegExp): string {
  const value = parameters.get(name);
  const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  if (value === null)
    throw invalid(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
  if (form.test(value)) return value;
  const constraint = `Member must satisfy regular expression pattern: ${form.source}`;
  throw invalid(`Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`);
}

/** AWS's least is a quarter of an hour. */
function readDuration(parameters: URLSearchParams, usual: number, most: number): number {
  const text = parameters.get('DurationSeconds');
  if (text === null) return usual;
  const at = `Value '${text}' at 'durationSeconds' failed to satisfy constraint`;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(seconds)) throw invalid(`${at}: Member must be a number`);
  if (seconds < 900) throw invalid(`${at}: Member must have value greater than or equal to 900`);
  if (seconds > most) throw invalid(`${at}: Member must have value less than or equal to ${most}`);
  return seconds;
}

function invalid(sentence: string): StsError {
  return new StsError('ValidationError', `1 validation error detected: ${sentence}`);
}

/** An error in the form of AWS's query protocol. */
function renderRefusal({ code, message, status }: Refusal, requestId: string): StsReply {
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const body =
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${escapeXml(code)}</Code>` +
    `<Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status, body };
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** What XML cannot hold at all (control characters, halves of surrogate pairs) becomes U+FFFD. */
function escapeXml(text: string): string {
  const special = /[&<>\p{Cs}\ufffe\uffff]|(?![\t\n\x7f-\x9f])\p{Cc}/gu;
  return text.replace(special, (char) => ENTITIES.get(char) ?? '\ufffd');
}
