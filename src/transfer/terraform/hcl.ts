/** An expression that stands without quotes: `aws_vpc.main.id`. A class, so that no map of tags can pass for one. */
class Expression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Value = string | number | boolean | Expression | readonly Value[] | ValueMap;

interface ValueMap {
  readonly [key: string]: Value;
}

/** A block inside of a resource: `route { … }`. */
export interface Block {
  readonly block: string;
  readonly body: Body;
}

/** Arguments by name, where undefined ones are left out, and blocks. */
export type Body = readonly (readonly [name: string, value: Value | undefined] | Block)[];

/** An expression. */
export function raw(expression: string): Expression {
  return new Expression(expression);
}

/** A resource or data source as `terraform fmt` would leave it. */
export function renderBlock(header: string, body: Body): string {
  return [`${header} {`, ...renderBody(body, '  '), '}'].join('\n');
}

function renderBody(body: Body, indent: string): string[] {
  const lines: string[] = [];
  let run: (readonly [string, string])[] = [];
  const flush = (): void => {
    const width = Math.max(0, ...run.map(([name]) => name.length));
    for (const [name, text] of run) lines.push(`${indent}${name.padEnd(width)} = ${text}`);
    run = [];
  };
  for (const item of body) {
    if ('block' in item) {
      flush();
      if (lines.length > 0) lines.push('');
      lines.push(`${indent}${item.block} {`, ...renderBody(item.body, `${indent}  `), `${indent}}`);
      continue;
    }
    const [name, value] = item;
    if (value === undefined) continue;
    const text = renderValue(value, indent);
    // Alignment ends at an argument of several lines.
    if (text.includes('\n')) {
      flush();
      if (lines.length > 0) lines.push('');
      lines.push(`${indent}${name} = ${text}`);
    } else run.push([name, text]);
  }
  flush();
  return lines;
}

function renderValue(value: Value, indent: string): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map((each) => renderValue(each, indent)).join(', ')}]`;
  if (value instanceof Expression) return value.text;
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const keys = entries.map(([key]) => (/^[A-Za-z_][\w-]*$/.test(key) ? key : quote(key)));
  const width = Math.max(...keys.map((key) => key.length));
  const lines = entries.map(
    ([, each], index) =>
      `${indent}  ${(keys[index] ?? '').padEnd(width)} = ${renderValue(each, `${indent}  `)}`,
  );
  if (lines.length === 1) return `{ ${(lines[0] ?? '').trim()} }`;
  return ['{', ...lines, `${indent}}`].join('\n');
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A string of HCL, in which templates are not begun by what the text holds. */
export function quote(text: string): string {
  return JSON.stringify(text)
    .replaceAll(/[$%](?=\{)/g, (sign) => sign + sign)
    .replaceAll(/\\[bf]/g, ' ');
}
