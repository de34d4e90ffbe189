import { nameTagOf } from '../../model/display-names.ts';
import type { Taggable } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { NameGiver, type Selection, tagsOf } from '../selection.ts';

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/** Properties, where undefined ones are left out. */
export type Properties = Readonly<Record<string, Json | undefined>>;

interface Resource {
  readonly Type: string;
  readonly Properties?: Json;
  readonly DependsOn?: readonly string[];
}

/** CloudFormation takes no longer description. */
const LONGEST_DESCRIPTION = 1024;

/** A template being written: who is called what, and the resources so far. */
export class Template {
  readonly selection: Selection;
  readonly #names = new NameGiver();
  /** By id: the expression that gives the id in the stack. */
  readonly #references = new Map<string, Json>();
  readonly #logicalIds = new Map<string, string>();
  readonly #parameters = new Map<string, Json>();
  readonly #resources = new Map<string, Resource>();
  /** What could not be said, as sentences. */
  readonly notes: string[] = [];

  constructor(selection: Selection) {
    this.selection = selection;
  }

  get world(): World {
    return this.selection.world;
  }

  /** Gives a resource its logical id, before anything refers to it; `attribute` is what its id is, where Ref gives another. */
  name(kind: string, id: string, record: Taggable | undefined, wish = '', attribute?: string): void {
    const name = this.#give(kind, record === undefined ? wish : (nameTagOf(record) ?? wish));
    this.#logicalIds.set(id, name);
    this.#references.set(id, attribute === undefined ? { Ref: name } : { 'Fn::GetAtt': [name, attribute] });
  }

  /** Says that a resource comes with another one, as its attribute. */
  bring(id: string, owner: string, attribute: string): void {
    this.#references.set(id, { 'Fn::GetAtt': [this.logicalId(owner), attribute] });
  }

  logicalId(id: string): string {
    return this.#logicalIds.get(id) ?? '';
  }

  has(id: string): boolean {
    return this.#references.has(id);
  }

  /** A reference to a resource's id; the id itself, told, where it is not part of the template. */
  ref(id: string): Json {
    const reference = this.#references.get(id);
    if (reference !== undefined) return reference;
    this.tell(`${id} is not part of what is exported: it is named by its id.`);
    return id;
  }

  refs(ids: readonly string[]): readonly Json[] {
    return ids.map((id) => this.ref(id));
  }

  attribute(id: string, name: string): Json {
    return { 'Fn::GetAtt': [this.logicalId(id), name] };
  }

  /** Writes a named resource. */
  add(id: string, type: string, properties: Properties, dependsOn: readonly string[] = []): void {
    this.#put(this.logicalId(id), type, properties, dependsOn);
  }

  /** Writes a resource that nothing refers to by an id of the world; gives its logical id. */
  addUnnamed(
    kind: string,
    wish: string,
    type: string,
    properties: Properties,
    dependsOn: readonly string[] = [],
  ): string {
    const name = this.#give(kind, wish);
    this.#put(name, type, properties, dependsOn);
    return name;
  }

  /** The parameter that looks an image up by its public name. */
  image(parameter: string): Json {
    const known = [...this.#parameters].find(([, value]) =>
      JSON.stringify(value).includes(`"${parameter}"`),
    )?.[0];
    const name = known ?? this.#give('Image', '');
    this.#parameters.set(name, {
      Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      Default: parameter,
    });
    return { Ref: name };
  }

  /** A parameter that whoever makes the stack must give. */
  parameter(name: string, description: string): Json {
    this.#parameters.set(name, { Type: 'String', Description: description });
    return { Ref: name };
  }

  tags(record: Taggable): readonly Json[] | undefined {
    const tags = tagsOf(record).map(({ key, value }) => ({ Key: key, Value: value }));
    return tags.length === 0 ? undefined : tags;
  }

  tell(sentence: string): void {
    if (!this.notes.includes(sentence)) this.notes.push(sentence);
  }

  /** The template as JSON; what could not be said stands in its metadata. */
  render(): string {
    const { account, region } = this.world.scope;
    const description = `Account ${account} in ${region}, written by croft export cloudformation.`;
    const template = {
      AWSTemplateFormatVersion: '2010-09-09',
      Description: description.slice(0, LONGEST_DESCRIPTION),
      ...(this.notes.length === 0 ? {} : { Metadata: { NotSaid: this.notes } }),
      ...(this.#parameters.size === 0 ? {} : { Parameters: Object.fromEntries(this.#parameters) }),
      Resources: Object.fromEntries(this.#resources),
    };
    return `${JSON.stringify(template, undefined, 2)}\n`;
  }

  #give(kind: string, wish: string): string {
    // One space of names for all kinds: each ends in its own.
    return this.#names.give('', [`${pascalCase(wish)}${kind}`], (text) => text, 'No');
  }

  #put(name: string, type: string, properties: Properties, dependsOn: readonly string[]): void {
    const given = withoutGaps(properties);
    this.#resources.set(name, {
      Type: type,
      ...(Object.keys(given).length === 0 ? {} : { Properties: given }),
      ...(dependsOn.length === 0 ? {} : { DependsOn: dependsOn }),
    });
  }
}

function withoutGaps(properties: Properties): { readonly [key: string]: Json } {
  const given: Record<string, Json> = {};
  for (const [name, value] of Object.entries(properties)) if (value !== undefined) given[name] = value;
  return given;
}

function pascalCase(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
    .slice(0, 60);
}
