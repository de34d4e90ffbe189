import type { Parameter } from '../../model/parameter-records.ts';
import type { Tag } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { Transaction } from '../../state/store.ts';
import { refusals } from './errors.ts';
import type { Input } from './input.ts';

/** What an operation works with. */
export interface SsmContext {
  readonly tx: Transaction;
  readonly now: Date;
  /** AWS's own parameters of the region: names below `/aws/service/` and their values. */
  readonly publicParameters: ReadonlyMap<string, string>;
}

/** An operation: from its input to its output. */
export type SsmOperation = (context: SsmContext, input: Input) => object;

/** Parts of letters, digits and `.-_`, at most 15 deep and 1,011 characters (PutParameter's page). */
const NAME = /^\/?[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+){0,14}$/;
const MOST_NAME_CHARACTERS = 1011;
/** In bytes, for standard and for advanced parameters. */
const MOST_BYTES: Readonly<Record<string, number>> = { Standard: 4096, Advanced: 8192 };
const TYPES = ['String', 'StringList', 'SecureString'] as const;
const MOST_BY_PATH = 10;
const MOST_DESCRIBED = 50;
const MOST_AT_ONCE = 10;

/** The Parameter Store: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations.html */
export const operations: Readonly<Record<string, SsmOperation>> = {
  PutParameter: ({ tx, now }, input) => {
    const name = input.demand('Name');
    checkName(name);
    const present = tx.parameters.get(name);
    if (present !== undefined && !input.flag('Overwrite')) throw refusals.alreadyExists();
    const type = readType(input.text('Type') ?? present?.type);
    const value = input.demand('Value');
    const tier = input.text('Tier') === 'Advanced' ? 'Advanced' : (present?.tier ?? 'Standard');
    if (Buffer.byteLength(value) > (MOST_BYTES[tier] ?? 0)) {
      throw refusals.validation(
        `${tier} tier parameters support a maximum parameter value of ${MOST_BYTES[tier]} characters.`,
      );
    }
    const allowedPattern = input.text('AllowedPattern') ?? present?.allowedPattern;
    checkPattern(allowedPattern, value);
    const description = input.text('Description') ?? present?.description;
    const made: Parameter = {
      name,
      type,
      value,
      tier,
      version: (present?.version ?? 0) + 1,
      lastModifiedDate: now.toISOString(),
      dataType: input.text('DataType') ?? present?.dataType ?? 'text',
      ...(description === undefined ? {} : { description }),
      ...(allowedPattern === undefined ? {} : { allowedPattern }),
      tags: present?.tags ?? readTags(input, 'Tags'),
    };
    tx.parameters.put(made);
    return { Version: made.version, Tier: tier };
  },

  GetParameter: (context, input) => {
    const name = input.demand('Name');
    const found = findParameter(context, name);
    if (found === undefined) throw refusals.notFound(name);
    return { Parameter: show(context, found, input.flag('WithDecryption')) };
  },

  GetParameters: (context, input) => {
    const names = input.texts('Names');
    if (names.length === 0 || names.length > MOST_AT_ONCE) {
      throw refusals.validation(`Names must have from 1 to ${MOST_AT_ONCE} members.`);
    }
    const found = names.map((name) => findParameter(context, name));
    return {
      Parameters: found.flatMap((each) =>
        each === undefined ? [] : [show(context, each, input.flag('WithDecryption'))],
      ),
      InvalidParameters: names.filter((_, index) => found[index] === undefined),
    };
  },

  GetParametersByPath: (context, input) => {
    const path = input.demand('Path');
    if (!path.startsWith('/')) {
      throw refusals.validation(
        `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/".`,
      );
    }
    const start = path.endsWith('/') ? path : `${path}/`;
    const isWithin = ({ name }: Parameter): boolean =>
      name.startsWith(start) && (input.flag('Recursive') || !name.slice(start.length).includes('/'));
    const page = pageOf(everything(context).filter(isWithin), input, MOST_BY_PATH);
    return {
      Parameters: page.items.map((each) => show(context, each, input.flag('WithDecryption'))),
      ...page.next,
    };
  },

  DescribeParameters: (context, input) => {
    const filters = input.list('ParameterFilters', readFilter);
    const own = [...context.tx.parameters.values()].sort(byName);
    const page = pageOf(
      own.filter((each) => filters.every((fits) => fits(each))),
      input,
      MOST_DESCRIBED,
    );
    return { Parameters: page.items.map((each) => describe(context.tx, each)), ...page.next };
  },

  DeleteParameter: ({ tx }, input) => {
    const name = input.demand('Name');
    if (tx.parameters.get(name) === undefined) throw refusals.notFound(name);
    tx.parameters.delete(name);
    return {};
  },

  DeleteParameters: ({ tx }, input) => {
    const names = input.texts('Names');
    const present = names.filter((name) => tx.parameters.get(name) !== undefined);
    for (const name of present) tx.parameters.delete(name);
    return {
      DeletedParameters: present,
      InvalidParameters: names.filter((name) => !present.includes(name)),
    };
  },

  AddTagsToResource: ({ tx }, input) => {
    const parameter = demandTagged(tx, input);
    const added = readTags(input, 'Tags');
    const kept = parameter.tags.filter(({ key }) => !added.some((tag) => tag.key === key));
    tx.parameters.put({ ...parameter, tags: [...kept, ...added] });
    return {};
  },

  RemoveTagsFromResource: ({ tx }, input) => {
    const parameter = demandTagged(tx, input);
    const removed = input.texts('TagKeys');
    tx.parameters.put({ ...parameter, tags: parameter.tags.filter(({ key }) => !removed.includes(key)) });
    return {};
  },

  ListTagsForResource: ({ tx }, input) => ({
    TagList: demandTagged(tx, input).tags.map(({ key, value }) => ({ Key: key, Value: value })),
  }),
};

/** A parameter of the user's or AWS's own, by its name or ARN, with `:VERSION` after it or not. */
function findParameter(context: SsmContext, asked: string): Parameter | undefined {
  const { tx } = context;
  const bare = asked.replace(/^arn:aws:ssm:[^:]*:[^:]*:parameter(?=\/)/, '');
  const [, name = bare, version] = /^(.*?)(?::(\d+))?$/.exec(bare) ?? [];
  const found = tx.parameters.get(name) ?? findPublic(context, name);
  return version === undefined || found?.version === Number(version) ? found : undefined;
}

function findPublic({ publicParameters, now }: SsmContext, name: string): Parameter | undefined {
  const value = publicParameters.get(name);
  if (value === undefined) return undefined;
  const lastModifiedDate = now.toISOString();
  return {
    ...{ name, type: 'String', value, version: 1, lastModifiedDate, tier: 'Standard' },
    dataType: 'aws:ec2:image',
    tags: [],
  };
}

function everything(context: SsmContext): Parameter[] {
  const theirs = [...context.publicParameters.keys()].flatMap((name) => findPublic(context, name) ?? []);
  return [...context.tx.parameters.values(), ...theirs].sort(byName);
}

const byName = (one: Parameter, other: Parameter): number => (one.name < other.name ? -1 : 1);

function show({ tx, publicParameters }: SsmContext, parameter: Parameter, isDecrypted: boolean): object {
  const { name, type, value, version, lastModifiedDate, dataType } = parameter;
  const isHidden = type === 'SecureString' && !isDecrypted;
  const isPublic = tx.parameters.get(name) === undefined && publicParameters.has(name);
  return {
    Name: name,
    Type: type,
    // What AWS shows is the ciphertext; there is no key here, so this is only not readable.
    Value: isHidden ? Buffer.from(`encrypted ${name} ${version}`).toString('base64') : value,
    Version: version,
    LastModifiedDate: secondsOf(lastModifiedDate),
    ARN: arnOf(tx, name, isPublic),
    DataType: dataType,
  };
}

function describe(world: World, parameter: Parameter): object {
  const { name, type, version, lastModifiedDate, dataType, tier, description, allowedPattern } = parameter;
  return {
    Name: name,
    ARN: arnOf(world, name, false),
    Type: type,
    ...(type === 'SecureString' ? { KeyId: 'alias/aws/ssm' } : {}),
    LastModifiedDate: secondsOf(lastModifiedDate),
    LastModifiedUser: `arn:aws:iam::${world.scope.account}:root`,
    ...(description === undefined ? {} : { Description: description }),
    ...(allowedPattern === undefined ? {} : { AllowedPattern: allowedPattern }),
    Version: version,
    Tier: tier,
    Policies: [],
    DataType: dataType,
  };
}

function arnOf({ scope }: World, name: string, isPublic: boolean): string {
  const path = name.startsWith('/') ? name : `/${name}`;
  return `arn:aws:ssm:${scope.region}:${isPublic ? '' : scope.account}:parameter${path}`;
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}

function checkName(name: string): void {
  if (name.length <= MOST_NAME_CHARACTERS && NAME.test(name) && !/^\/?(?:aws|ssm)(?:[/.-]|$)/i.test(name))
    return;
  throw refusals.validation(
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
  );
}

function readType(type: string | undefined): Parameter['type'] {
  if (type === undefined)
    throw refusals.validation('A parameter type is required when you create a parameter.');
  const found = TYPES.find((each) => each === type);
  if (found !== undefined) return found;
  throw refusals.validation(
    `1 validation error detected: Value '${type}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]`,
  );
}

function checkPattern(pattern: string | undefined, value: string): void {
  if (pattern === undefined || pattern === '') return;
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`);
  } catch {
    throw refusals.validation('The allowed pattern is not a regular expression.');
  }
  if (!expression.test(value)) {
    throw refusals.validation(`Parameter value, cannot be validated against allowedPattern: ${pattern}`);
  }
}

function readTags(input: Input, name: string): readonly Tag[] {
  return input.list(name, ({ Key, Value }) => {
    if (typeof Key !== 'string' || typeof Value !== 'string')
      throw refusals.validation('Tags have a Key and a Value.');
    return { key: Key, value: Value };
  });
}

function demandTagged({ parameters }: Transaction, input: Input): Parameter {
  if (input.demand('ResourceType') !== 'Parameter')
    throw refusals.validation('Only parameters have tags here.');
  const found = parameters.get(input.demand('ResourceId'));
  if (found === undefined) throw refusals.invalidResource();
  return found;
}

function readFilter(fields: Readonly<Record<string, unknown>>): (parameter: Parameter) => boolean {
  const { Key: key, Option: option = 'Equals', Values: values = [] } = fields;
  const wanted: readonly unknown[] = Array.isArray(values) ? values : [];
  const read: Readonly<Record<string, (parameter: Parameter) => string>> = {
    Name: ({ name }) => name,
    Type: ({ type }) => type,
    Tier: ({ tier }) => tier,
    DataType: ({ dataType }) => dataType,
  };
  const readValue = typeof key === 'string' && Object.hasOwn(read, key) ? read[key] : undefined;
  if (readValue === undefined) throw refusals.validation(`The filter key ${String(key)} is not known here.`);
  return (parameter) =>
    wanted.some((each) => {
      if (typeof each !== 'string') return false;
      const value = readValue(parameter);
      if (option === 'BeginsWith') return value.startsWith(each);
      return option === 'Contains' ? value.includes(each) : value === each;
    });
}

/** A page in the order of names; the token is the last name before the next page. */
function pageOf(
  all: readonly Parameter[],
  input: Input,
  most: number,
): { readonly items: readonly Parameter[]; readonly next: { readonly NextToken?: string } } {
  const token = input.text('NextToken');
  const last = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  if (token !== undefined && Buffer.from(last).toString('base64url') !== token) throw refusals.invalidToken();
  const rest = all.filter(({ name }) => name > last);
  const items = rest.slice(0, input.count('MaxResults', most));
  const end = items.at(-1);
  const hasMore = end !== undefined && rest.length > items.length;
  return { items, next: hasMore ? { NextToken: Buffer.from(end.name).toString('base64url') } : {} };
}
