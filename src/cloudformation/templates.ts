import { createHash } from 'node:crypto';
import type { World } from '../model/world.ts';
import type { Transaction } from '../state/store.ts';
import { parseTemplate } from '../template/parse.ts';
import type { Template } from '../template/template.ts';

/** As many templates as are worked with at a time; each may be a megabyte of text. */
const MOST_KEPT = 32;

/** The template's id of a stack that is a name only, for a change set to make it. */
export const NO_TEMPLATE = '';

const EMPTY: Template = {
  description: undefined,
  metadata: {},
  parameters: new Map(),
  mappings: {},
  conditions: {},
  rules: {},
  resources: new Map(),
  outputs: new Map(),
};

/** Templates by what they say: read once, and kept once for all stacks and change sets that have them. */
export class Templates {
  readonly #read = new Map<string, Template>();

  /** Reads a text. Throws a TemplateError. */
  read(body: string): { readonly templateId: string; readonly template: Template } {
    const templateId = createHash('sha256').update(body).digest('hex');
    const known = this.#read.get(templateId);
    if (known !== undefined) return { templateId, template: known };
    const template = parseTemplate(body);
    const [oldest] = this.#read.keys();
    if (this.#read.size >= MOST_KEPT && oldest !== undefined) this.#read.delete(oldest);
    this.#read.set(templateId, template);
    return { templateId, template };
  }

  /** The template of a stack or change set. */
  get(world: World, templateId: string): Template {
    if (templateId === NO_TEMPLATE) return EMPTY;
    return this.#read.get(templateId) ?? this.read(this.bodyOf(world, templateId)).template;
  }

  bodyOf(world: World, templateId: string): string {
    if (templateId === NO_TEMPLATE) return '{}';
    const found = world.stackTemplates.get(templateId);
    if (found === undefined) throw new Error(`the template ${templateId} is not there`);
    return found.body;
  }
}

/** Lets go of the texts that no stack and no change set has any more. */
export function forgetTemplates(tx: Transaction): void {
  const used = new Set<string>();
  for (const { revision, previous } of tx.stacks.values()) {
    used.add(revision.templateId);
    if (previous !== undefined) used.add(previous.templateId);
  }
  for (const { revision } of tx.changeSets.values()) used.add(revision.templateId);
  for (const { templateId } of [...tx.stackTemplates.values()]) {
    if (!used.has(templateId)) tx.stackTemplates.delete(templateId);
  }
}
