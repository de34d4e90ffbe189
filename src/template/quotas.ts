import { TemplateError } from './value.ts';

/** CloudFormation's quotas of a template (user guide, "Understand CloudFormation quotas"). */
export const QUOTAS = {
  resources: 500,
  parameters: 200,
  outputs: 200,
  mappings: 200,
} as const;

/** Throws a TemplateError for more members than a quota allows. */
export function checkQuota(many: string, count: number, most: number): void {
  if (count <= most) return;
  throw new TemplateError(
    `Template format error: Number of ${many}, ${count}, is greater than maximum allowed, ${most}`,
  );
}
