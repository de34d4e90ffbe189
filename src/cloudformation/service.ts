import type { ActionContext } from '../ec2/action.ts';
import type { Request } from '../ec2/dispatch.ts';
import { createQueryService, type QueryOperation } from '../ec2/query-service/service.ts';
import type { ServiceHandler } from '../ec2/service.ts';
import { unsupportedStackAction } from './errors.ts';
import { changeSetOperations } from './operations/change-sets.ts';
import { lookingOperations } from './operations/look.ts';
import { operationEventOperations } from './operations/operation-events.ts';
import { stackOperations } from './operations/stacks.ts';
import { templateOperations } from './operations/templates.ts';
import type { StackParts } from './stack-parts.ts';
import { fetchTemplate } from './template-url.ts';

const VERSION = '2010-05-15';
/** A template's text as it comes, each of its characters perhaps written as three. */
const BODY_LIMIT = 4 * 1024 * 1024;

/**
 * CloudFormation: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/. What it accepts is carried out by the
 * StackEngine; it answers before that has begun.
 */
export function createCloudFormation(
  parts: StackParts,
  commit: (request: Request, act: (context: ActionContext) => string) => Promise<string>,
): ServiceHandler {
  const operations: Readonly<Record<string, QueryOperation<string | undefined>>> = {
    ...stackOperations(parts),
    ...changeSetOperations(parts),
    ...lookingOperations(parts),
    ...templateOperations(parts),
    ...operationEventOperations(),
  };
  return createQueryService({
    version: VERSION,
    namespace: `http://cloudformation.amazonaws.com/doc/${VERSION}/`,
    operations,
    bodyLimit: BODY_LIMIT,
    prepare: (input, { caller: { account }, region }) => {
      const url = input.text('TemplateURL');
      if (url === undefined) return Promise.resolve(undefined);
      return fetchTemplate(parts.askRemote, url, { account, region });
    },
    commit,
    refuseAction: (action) => unsupportedStackAction(action, Object.keys(operations)),
  });
}
