import type { Refusal } from '../service.ts';
import { escapeXml } from '../wire/xml.ts';

/** What can stand in a reply. Members that are undefined are left out. */
export type Output =
  | string
  | number
  | boolean
  | undefined
  | readonly Output[]
  | { readonly [member: string]: Output };

/** The whole reply of an action. Lists have elements called `member`; the namespace is the service's. */
export function renderReply(namespace: string, action: string, requestId: string, result: Output): string {
  return (
    `<${action}Response xmlns="${namespace}">${element(`${action}Result`, result)}` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`
  );
}

/** An error in the form of AWS's query protocol. */
export function renderRefusal(
  namespace: string,
  { code, message, status }: Refusal,
  requestId: string,
): string {
  const error = { Type: status >= 500 ? 'Receiver' : 'Sender', Code: code, Message: message };
  return (
    `<ErrorResponse xmlns="${namespace}">${element('Error', error)}` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}

function element(name: string, value: Output): string {
  return value === undefined ? '' : `<${name}>${inside(value)}</${name}>`;
}

function inside(value: NonNullable<Output>): string {
  if (typeof value !== 'object') return escapeXml(String(value));
  if (isList(value)) return value.map((each) => element('member', each)).join('');
  return Object.entries(value)
    .map(([name, each]) => element(name, each))
    .join('');
}

function isList(value: object): value is readonly Output[] {
  return Array.isArray(value);
}
