import type { ActionContext } from '../ec2/action.ts';
import { invalid } from '../ec2/query-service/errors.ts';
import type { Input } from '../ec2/query-service/input.ts';
import type { Tag } from '../model/records.ts';
import type { Stack, StackRevision } from '../model/stack-records.ts';
import { type BoundTemplate, bindTemplate } from '../template/bind.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/value.ts';
import { checkTemplate, demandCapabilities } from './acceptance.ts';
import type { ResourceTypes } from './resource-type.ts';
import { surroundingsOf } from './surroundings.ts';
import type { Templates } from './templates.ts';

/** What operations read templates with. */
export interface Acceptance {
  readonly types: ResourceTypes;
  readonly templates: Templates;
}

/** A revision that was checked, and its template bound to its parameters. */
export interface Accepted {
  readonly revision: StackRevision;
  readonly bound: BoundTemplate;
}

/** Longest TemplateBody, in bytes; a TemplateURL may lead to more. */
export const LONGEST_BODY = 51_200;

/** The text of the template that a request gives, by whichever way; `fetched` is what its TemplateURL led to. */
export function templateTextOf(
  context: ActionContext,
  input: Input,
  { templates }: Acceptance,
  fetched: string | undefined,
  present: Stack | undefined,
): string {
  const body = input.text('TemplateBody');
  const url = input.text('TemplateURL');
  const isPrevious = input.flag('UsePreviousTemplate') ?? false;
  const count = [body !== undefined, url !== undefined, isPrevious].filter(Boolean).length;
  if (count > 1) {
    throw invalid('You must specify only one of TemplateBody, TemplateURL and UsePreviousTemplate.');
  }
  if (body !== undefined) {
    if (Buffer.byteLength(body) <= LONGEST_BODY) return body;
    throw invalid(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_BODY}. Put the template into S3, and give its TemplateURL.`,
    );
  }
  if (fetched !== undefined) return fetched;
  if (isPrevious && present !== undefined) {
    return templates.bodyOf(context.tx, present.revision.templateId);
  }
  throw invalid('Either Template URL or Template Body must be specified.');
}

/** Has what a template is refused with answered as CloudFormation's API answers it: a ValidationError. */
export function asValidation<R>(act: () => R): R {
  try {
    return act();
  } catch (error) {
    if (error instanceof TemplateError) throw invalid(error.message);
    throw error;
  }
}

/**
 * Reads from a request what a stack is to be made after, and checks it as far as it can be without making anything. The
 * template's text is written beside it. Throws a ValidationError, or InsufficientCapabilitiesException.
 */
export function acceptRevision(
  context: ActionContext,
  input: Input,
  acceptance: Acceptance,
  fetched: string | undefined,
  stack: { readonly stackId: string; readonly stackName: string },
  present: Stack | undefined,
): Accepted {
  const body = templateTextOf(context, input, acceptance, fetched, present);
  const given = readParameters(input, present);
  const tags = readTags(input) ?? present?.revision.tags ?? [];
  const capabilities = input.texts('Capabilities');
  const notificationArns = input.texts('NotificationARNs');
  const roleArn = input.text('RoleARN') ?? present?.revision.roleArn;
  input.texts('ResourceTypes');
  input.structure('RollbackConfiguration')?.ignore();
  input.structure('DeploymentConfig')?.ignore();
  return asValidation(() => {
    const { templateId, template } = acceptance.templates.read(body);
    checkTemplate(template, acceptance.types);
    const wanted = new Map(
      [...given].filter(([name]) => template.parameters.has(name) || !given.isOld(name)),
    );
    const parameters = [...wanted].map(([name, value]) => ({ name, value }));
    const bound = bindTemplate(
      template,
      wanted,
      surroundingsOf(context, stack, { parameters, notificationArns }),
    );
    demandCapabilities(bound, capabilities);
    if (present !== undefined) refuseOtherTypes(context, present, bound);
    const revision: StackRevision = {
      templateId,
      ...(template.description === undefined ? {} : { description: template.description }),
      parameters: parametersOf(template, bound, wanted),
      capabilities,
      notificationArns,
      ...(roleArn === undefined ? {} : { roleArn }),
      tags,
    };
    if (context.tx.stackTemplates.get(templateId) === undefined) {
      context.tx.stackTemplates.put({ templateId, body });
    }
    return { revision, bound };
  });
}

/** A logical id keeps its type as long as it has a resource. */
function refuseOtherTypes({ tx }: ActionContext, { stackId }: Stack, { resources }: BoundTemplate): void {
  const changed = tx.stackResources
    .where('stackId', stackId)
    .filter(({ stage, supersededIn }) => stage !== 'gone' && supersededIn === undefined)
    .filter(({ logicalId, type }) => (resources.get(logicalId)?.type ?? type) !== type)
    .map(({ logicalId }) => logicalId);
  if (changed.length === 0) return;
  throw new TemplateError(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.join(', ')}]`,
  );
}

function parametersOf(
  template: Template,
  bound: BoundTemplate,
  given: ReadonlyMap<string, string>,
): StackRevision['parameters'] {
  return [...template.parameters.values()].map(({ name, defaultValue }) => {
    const value = given.get(name) ?? defaultValue ?? '';
    const found = bound.parameters.get(name);
    if (found?.lookedUpBy === undefined) return { name, value };
    return { name, value, resolvedValue: [found.value].flat().join(',') };
  });
}

/** Values as they were given, and which of them are those of before. */
class GivenParameters extends Map<string, string> {
  readonly #old = new Set<string>();

  keep(name: string, value: string): void {
    this.set(name, value);
    this.#old.add(name);
  }

  isOld(name: string): boolean {
    return this.#old.has(name);
  }
}

function readParameters(input: Input, present: Stack | undefined): GivenParameters {
  const given = new GivenParameters();
  const before = new Map(present?.revision.parameters.map(({ name, value }) => [name, value]));
  for (const each of input.list('Parameters')) {
    const name = each.demand('ParameterKey');
    const value = each.text('ParameterValue');
    each.text('ResolvedValue');
    const usesPrevious = each.flag('UsePreviousValue') ?? false;
    if (usesPrevious && value !== undefined) {
      throw invalid(
        `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    if (given.has(name)) throw invalid(`Parameters: [${name}] are given twice`);
    const old = before.get(name);
    if (usesPrevious && old === undefined) {
      throw invalid(
        `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    if (usesPrevious && old !== undefined) given.keep(name, old);
    else if (value !== undefined) given.set(name, value);
  }
  return given;
}

/** Tags of a request; undefined where it names none. Throws a ValidationError for a reserved or doubled key. */
function readTags(input: Input): readonly Tag[] | undefined {
  const isGiven = input.has('Tags');
  const tags = input.list('Tags').map((each) => ({ key: each.demand('Key'), value: each.demand('Value') }));
  for (const { key } of tags) {
    if (/^aws:/i.test(key)) throw invalid('aws: prefixed tag key names are not allowed for external use.');
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw invalid('Stack tags may not have a key twice');
  }
  if (tags.length > 50) throw invalid('A stack may have at most 50 tags');
  return isGiven ? tags : undefined;
}
