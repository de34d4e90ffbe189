import { parseXml } from '../../region/s3/xml-parser.ts';
import type { Value } from '../../template/value.ts';
import { isMap } from '../properties.ts';
import type { Placement, RemotePlace, RemoteRequest } from '../resource-type.ts';

/** An answer that is no success, in the words of the service. */
export class RemoteRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Wish = Pick<RemoteRequest, 'service' | 'method' | 'path'> &
  Partial<Pick<RemoteRequest, 'headers' | 'body'>>;

/** Asks a service of the stack's account and region, and resolves with the body. Rejects with a RemoteRefusal. */
export async function ask({ account, region, ask: send }: RemotePlace, wish: Wish): Promise<string> {
  const { status, body } = await send({ ...wish, account, region });
  if (status >= 200 && status < 300) return body;
  throw refusalOf(status, body);
}

/** S3 refuses in XML, DynamoDB in JSON; an answer to HEAD has no body, and some refusals have no message. */
function refusalOf(status: number, body: string): RemoteRefusal {
  const { code, message } = body.startsWith('<') ? readXml(body) : readJson(body);
  const named = code === '' ? String(status) : code;
  return new RemoteRefusal(status, named, message === '' ? `The service answered ${named}.` : message);
}

interface Reason {
  readonly code: string;
  readonly message: string;
}

function readXml(body: string): Reason {
  const error = parseXml(body, 'Error');
  return { code: error.textOf('Code') ?? '', message: error.textOf('Message') ?? '' };
}

function readJson(body: string): Reason {
  const read: Value = body === '' ? null : JSON.parse(body);
  if (!isMap(read)) return { code: '', message: '' };
  const type = String(read['__type'] ?? '');
  return {
    code: type.slice(type.indexOf('#') + 1),
    message: String(read['message'] ?? read['Message'] ?? ''),
  };
}

/** Resolves with undefined where the answer is one of these codes, as statuses of HEAD or the service's own. */
export async function unlessRefused<T>(codes: readonly string[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const isExpected = error instanceof RemoteRefusal && codes.includes(error.code);
    if (!isExpected) throw error;
    return undefined;
  }
}

/** The name that CloudFormation gives, cut to `most` characters: its end is what differs. */
export function nameWithin({ generatedName }: Placement, most: number): string {
  if (generatedName.length <= most) return generatedName;
  const end = generatedName.slice(generatedName.lastIndexOf('-'));
  return `${generatedName.slice(0, most - end.length).replace(/-+$/, '')}${end}`;
}
