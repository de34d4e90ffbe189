/** An input member as JSON has it. */
export type InputValue =
  | string
  | number
  | boolean
  | readonly InputValue[]
  | { readonly [name: string]: InputValue };

/** What an action is asked for. */
export type Input = { readonly [name: string]: InputValue };

/** `CreateRouteTable` → `create-route-table`, as the aws CLI spells operations and their options. */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** The aws CLI line that asks for the same as an action with this input. */
export function awsLine(action: string, input: Input): string {
  const words = ['aws', 'ec2', kebab(action)];
  for (const [name, value] of Object.entries(input)) {
    // The CLI asks for both with one number.
    if (name === 'MaxCount') continue;
    const option = name === 'MinCount' ? '--count' : `--${kebab(name)}`;
    words.push(...optionWords(option, value));
  }
  return words.join(' ');
}

function optionWords(option: string, value: InputValue): string[] {
  if (value === true) return [option];
  if (value === false) return [option.replace('--', '--no-')];
  if (Array.isArray(value)) return [option, ...value.map((item) => quote(shorthand(item)))];
  if (typeof value === 'object' && 'Value' in value && Object.keys(value).length === 1) {
    // An AttributeBooleanValue: the CLI spells it as a flag.
    return optionWords(option, value['Value']);
  }
  return [option, quote(shorthand(value))];
}

/** The CLI's shorthand for structures: `Key=Name,Value=x`, lists in brackets. */
function shorthand(value: InputValue): string {
  if (Array.isArray(value)) return `[${value.map(shorthandNested).join(',')}]`;
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]) => `${name}=${Array.isArray(inner) ? shorthand(inner) : shorthandNested(inner)}`)
      .join(',');
  }
  return String(value);
}

function shorthandNested(value: InputValue): string {
  return typeof value === 'object' && !Array.isArray(value) ? `{${shorthand(value)}}` : shorthand(value);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}
