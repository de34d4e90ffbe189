import type { ActionContext } from '../../ec2/action.ts';
import { invalid } from '../../ec2/query-service/errors.ts';
import type { Input } from '../../ec2/query-service/input.ts';
import type { StackRevision } from '../../model/stack-records.ts';
import type { Template } from '../../template/template.ts';
import { capabilitiesOf, checkTemplate } from '../acceptance.ts';
import { type Acceptance, asValidation, templateTextOf } from '../revision.ts';
import { demandChangeSet, demandStack } from './find.ts';

/** Operations on templates as such. */
export function templateOperations(acceptance: Acceptance) {
  const { templates, types } = acceptance;
  const read = (text: string): Template => asValidation(() => templates.read(text).template);
  return {
    GetTemplate({ tx }: ActionContext, input: Input) {
      input.choice('TemplateStage', 'Original', 'Processed');
      const { templateId } = revisionOf({ tx }, input);
      return {
        TemplateBody: templates.bodyOf(tx, templateId),
        StagesAvailable: ['Original', 'Processed'],
      };
    },

    GetTemplateSummary(context: ActionContext, input: Input, fetched: string | undefined) {
      const { tx } = context;
      const isOfStack = input.text('StackName') !== undefined;
      input.structure('TemplateSummaryConfig')?.ignore();
      const text = isOfStack
        ? templates.bodyOf(tx, demandStack(tx, input).revision.templateId)
        : templateTextOf(context, input, acceptance, fetched, undefined);
      const template = read(text);
      const capabilities = capabilitiesOf(template);
      return {
        Parameters: [...template.parameters.values()].map((each) => ({
          ParameterKey: each.name,
          DefaultValue: each.defaultValue,
          ParameterType: each.type,
          NoEcho: each.isNoEcho,
          Description: each.description,
          ParameterConstraints: { AllowedValues: each.allowedValues },
        })),
        Description: template.description,
        ...reasonFor(capabilities),
        ResourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))],
        Version: '2010-09-09',
        Metadata: Object.keys(template.metadata).length === 0 ? undefined : JSON.stringify(template.metadata),
        DeclaredTransforms: [],
      };
    },

    ValidateTemplate(context: ActionContext, input: Input, fetched: string | undefined) {
      const template = read(templateTextOf(context, input, acceptance, fetched, undefined));
      asValidation(() => checkTemplate(template, types));
      return {
        Parameters: [...template.parameters.values()].map((each) => ({
          ParameterKey: each.name,
          DefaultValue: each.defaultValue,
          NoEcho: each.isNoEcho,
          Description: each.description,
        })),
        Description: template.description,
        ...reasonFor(capabilitiesOf(template)),
        DeclaredTransforms: [],
      };
    },
  };
}

function reasonFor(capabilities: readonly string[]) {
  const reason = 'The following resource(s) require capabilities: [AWS::IAM::*]';
  return {
    Capabilities: capabilities,
    CapabilitiesReason: capabilities.length === 0 ? undefined : reason,
  };
}

/** Of the change set that a request names, or else of the stack. */
function revisionOf({ tx }: Pick<ActionContext, 'tx'>, input: Input): StackRevision {
  if (input.text('ChangeSetName') !== undefined) return demandChangeSet(tx, input).revision;
  if (input.text('StackName') === undefined) throw invalid('StackName must be specified');
  return demandStack(tx, input).revision;
}
