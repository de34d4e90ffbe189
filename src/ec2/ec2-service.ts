import type { Dispatch } from './dispatch.ts';
import type { Refusal, ServiceHandler, ServiceReply } from './service.ts';
import { API_VERSION, renderError } from './wire/envelope.ts';

/** The EC2 API as a service of the server: GET by the query string, POST by the form body (and what the query adds). */
export function createEc2Service(dispatch: Dispatch): ServiceHandler {
  return {
    version: API_VERSION,
    handle: ({ method, query, body, caller, region, requestId }) => {
      if (method !== 'GET' && method !== 'POST') return Promise.resolve(refuseMethod(method, requestId));
      const form = body.length === 0 ? '' : Buffer.from(body.buffer, body.byteOffset, body.length).toString();
      const parameters = query === '' || form === '' ? query + form : `${query}&${form}`;
      return dispatch(parameters, { caller, region, requestId });
    },
    refuse: renderRefusal,
  };
}

function refuseMethod(method: string, requestId: string): ServiceReply {
  const message = `The method ${method} is not allowed: use GET or POST.`;
  return renderRefusal({ code: 'MethodNotAllowed', message, status: 405 }, requestId);
}

/** A refusal as EC2 writes it. */
function renderRefusal(refusal: Refusal, requestId: string): ServiceReply {
  return { status: refusal.status, body: renderError(refusal, requestId) };
}
