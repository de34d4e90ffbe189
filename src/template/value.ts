/** A value of a template, as JSON has them. */
export type Value = string | number | boolean | null | readonly Value[] | ValueMap;

/** A structure of a template: what JSON calls an object. */
export interface ValueMap {
  readonly [name: string]: Value;
}

/**
 * A template that cannot be used as it is: the message is CloudFormation's, for a `ValidationError`
 * (`Template format error: …`, `Template error: …`, `Parameters: […] must have values`).
 */
export class TemplateError extends Error {}
