/** A verified request, as far as STS looks at it. */
export interface StsRequest {
  readonly method: string;
  /** Query string as sent, without the question mark. */
  readonly query: string;
  readonly body: Uint8Array;
  readonly caller: { readonly account: string; readonly arn: string; readonly userId: string };
  readonly requestId: string;
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

const VERSION = '2011-06-15';
const NAMESPACE = `https://sts.amazonaws.com/doc/${VERSION}/`;

/** The Security Token Service: says who the caller is. A pure function of the request. */
export const sts = {
  version: VERSION,
  handle: (request: StsRequest): Promise<StsReply> => Promise.resolve(answer(request)),
  refuse: renderRefusal,
};

function answer(request: StsRequest): StsReply {
  const { requestId } = request;
  const parameters = new URLSearchParams(
    request.method === 'GET' ? request.query : new TextDecoder().decode(request.body),
  );
  const action = parameters.get('Action');
  const version = parameters.get('Version');
  if (action === null || action === '') {
    const message = 'The request is missing an action or a required parameter.';
    return renderRefusal({ code: 'MissingAction', message, status: 400 }, requestId);
  }
  if (version !== VERSION) {
    const message = `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`;
    return renderRefusal({ code: 'InvalidAction', message, status: 400 }, requestId);
  }
  if (action === 'GetCallerIdentity') return identify(request);
  const message = `Cloudcroft's STS does not support the action ${action}. It supports GetCallerIdentity.`;
  return renderRefusal({ code: 'InvalidAction', message, status: 400 }, requestId);
}

function identify({ caller, requestId }: StsRequest): StsReply {
  const body =
    `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>` +
    `<Arn>${escapeXml(caller.arn)}</Arn><UserId>${escapeXml(caller.userId)}</UserId>` +
    `<Account>${escapeXml(caller.account)}</Account></GetCallerIdentityResult>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
  return { status: 200, body };
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
