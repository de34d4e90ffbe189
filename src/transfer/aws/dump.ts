import type { Scope } from '../../model/world.ts';
import { Item, ShapeError } from './item.ts';
import { Report } from './report.ts';

/** A file of a dump, read. */
export interface DumpFile {
  readonly name: string;
  readonly text: string;
}

/** A dump that cannot be imported at all, with what to do about it. */
export class DumpError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** What replies have beside their lists, and says nothing about a network. */
const IGNORED = new Set(['NextToken', 'ResponseMetadata', '$metadata', 'AdditionalRoutesAvailable']);

/** What a VPC's attribute is in the reply of describe-vpc-attribute. */
export const VPC_ATTRIBUTES = [
  'EnableDnsSupport',
  'EnableDnsHostnames',
  'EnableNetworkAddressUsageMetrics',
] as const;

/**
 * Lists of a reply that leave out whose they are: the file's name must say it.
 * `get-managed-prefix-list-entries`, `get-transit-gateway-route-table-propagations`, `search-transit-gateway-routes`.
 */
const NEEDS_SUBJECT: Readonly<Record<string, { readonly prefix: string; readonly of: string }>> = {
  Entries: { prefix: 'pl', of: 'PrefixListId' },
  TransitGatewayRouteTablePropagations: { prefix: 'tgw-rtb', of: 'TransitGatewayRouteTableId' },
  Associations: { prefix: 'tgw-rtb', of: 'TransitGatewayRouteTableId' },
  Routes: { prefix: 'tgw-rtb', of: 'TransitGatewayRouteTableId' },
};

/** An item of a list whose file says whose it is. */
export interface OwnedItem {
  readonly owner: string;
  readonly item: Item;
}

/** The aws CLI's replies of one account in one region, by the member that their resources are in. */
export class Dump {
  readonly report = new Report();
  /** By member: `Vpcs`, `RouteTables`. */
  readonly #items = new Map<string, Item[]>();
  readonly #owned = new Map<string, OwnedItem[]>();
  readonly #ownedLists = new Set<string>();
  readonly #read = new Set<string>();
  readonly #files = new Map<Item, string>();
  /** Attributes of VPCs: `vpc-1 EnableDnsSupport`. */
  readonly vpcAttributes = new Map<string, boolean>();

  /** Reads files, in their order. Throws a DumpError for one that is no JSON, or where none is a reply. */
  constructor(files: readonly DumpFile[]) {
    for (const file of files) this.#readFile(file);
    if (this.#items.size === 0 && this.#owned.size === 0 && this.vpcAttributes.size === 0) {
      throw new DumpError(
        'There is no reply of `aws ec2 describe-…` in these files.',
        'Write each to a file: `aws ec2 describe-vpcs > vpcs.json`. docs/import-export.md has the whole list.',
      );
    }
  }

  /** Whether any file has this list, be it empty. */
  has(member: string): boolean {
    return this.#items.has(member);
  }

  /** Whether a file has this list of that owner, be it empty. */
  hasOwned(member: string, owner: string): boolean {
    return this.#ownedLists.has(`${member} ${owner}`);
  }

  /**
   * Gives each resource of a list to `read`. What has another shape than AWS's is left out, told, and kept aside; the others
   * are read.
   */
  each(member: string, read: (item: Item) => void): void {
    this.#read.add(member);
    for (const item of this.#items.get(member) ?? []) this.#attempt(member, item, () => read(item));
  }

  /** As `each`, for lists whose files say whose they are. */
  eachOwned(member: string, read: (owned: OwnedItem) => void): void {
    this.#read.add(member);
    for (const owned of this.#owned.get(member) ?? []) this.#attempt(member, owned.item, () => read(owned));
  }

  /** Keeps a resource aside that the world has no place for. */
  setAside(member: string, item: Item, why: string): void {
    this.report.setAside({ member, file: this.#files.get(item) ?? '', why, value: item.value });
  }

  /** Keeps aside whatever nobody has asked for: to be called last. */
  setRestAside(): void {
    for (const [member, items] of this.#items) {
      if (this.#read.has(member)) continue;
      for (const item of items)
        this.setAside(member, item, 'Cloudcroft’s import has no place for this kind.');
    }
  }

  /** The account and region whose dump it is: as told, else as the files say. Throws a DumpError where they do not. */
  scope(told: { readonly account?: string | undefined; readonly region?: string | undefined }): Scope {
    const account = told.account ?? this.#findAccount();
    const region = told.region ?? this.#findRegion();
    if (account === undefined) {
      throw new DumpError(
        'The files do not say which account they are of.',
        'Say it: --account 123456789012',
      );
    }
    if (!/^[0-9]{12}$/.test(account)) {
      throw new DumpError(`"${account}" is not an account.`, 'An account is a number of 12 digits.');
    }
    if (region === undefined) {
      throw new DumpError('The files do not say which region they are of.', 'Say it: --region us-east-1');
    }
    return { account, region };
  }

  #readFile({ name, text }: DumpFile): void {
    const value = parse(text);
    if (value === undefined) throw new DumpError(`${name} is not JSON.`, hintFor(text));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DumpError(
        `${name} is no reply of the aws CLI: it is no JSON object.`,
        'Write the reply as it comes, without --query: `aws ec2 describe-vpcs > vpcs.json`.',
      );
    }
    const reply: Readonly<Record<string, unknown>> = { ...value };
    this.#readVpcAttribute(name, reply);
    for (const [member, list] of Object.entries(reply)) {
      if (IGNORED.has(member) || !Array.isArray(list)) continue;
      for (const [index, each] of list.entries())
        this.#keep(name, member, each, `${name}: ${member}[${index}]`);
      const subject = NEEDS_SUBJECT[member];
      if (subject === undefined && !this.#items.has(member)) this.#items.set(member, []);
      const owner = subject === undefined ? undefined : findSubject(name, subject.prefix);
      if (owner !== undefined) this.#ownedLists.add(`${member} ${owner}`);
    }
  }

  #keep(file: string, member: string, value: unknown, place: string): void {
    const subject = NEEDS_SUBJECT[member];
    try {
      const item = new Item(value, place);
      this.#files.set(item, file);
      if (subject === undefined) push(this.#items, member, item);
      else this.#keepOwned(file, member, item, subject);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      this.report.tell('left out', error.message);
      this.report.setAside({ member, file, why: error.message, value });
    }
  }

  #keepOwned(file: string, member: string, item: Item, { prefix, of }: { prefix: string; of: string }): void {
    const owner = item.text(of) ?? findSubject(file, prefix);
    if (owner !== undefined) {
      push(this.#owned, member, { owner, item });
      return;
    }
    const why = `${file} has ${member}, and its name does not say whose: name it after the id, as in ${prefix}-0123456789abcdef0.json.`;
    this.report.tell('left out', why);
    this.report.setAside({ member, file, why, value: item.value });
  }

  #readVpcAttribute(file: string, reply: Readonly<Record<string, unknown>>): void {
    const vpcId = reply['VpcId'];
    if (typeof vpcId !== 'string') return;
    for (const name of VPC_ATTRIBUTES) {
      const attribute = reply[name];
      if (attribute === undefined) continue;
      const value =
        typeof attribute === 'object' && attribute !== null ? Reflect.get(attribute, 'Value') : undefined;
      if (typeof value === 'boolean') this.vpcAttributes.set(`${vpcId} ${name}`, value);
      else this.report.tell('left out', `${file}: ${name}.Value is not true or false.`);
    }
  }

  #attempt(member: string, item: Item, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      this.report.tell('left out', error.message);
      this.setAside(member, item, error.message);
    }
  }

  /** The owner of most of what has one: VPCs first, for subnets may be shared by another account. */
  #findAccount(): string | undefined {
    for (const member of [
      'Vpcs',
      'Reservations',
      'NetworkInterfaces',
      'SecurityGroups',
      'Subnets',
      'RouteTables',
    ]) {
      const owners = this.#textsOf(member, 'OwnerId').filter((owner) => /^[0-9]{12}$/.test(owner));
      const found = mostFrequent(owners);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #findRegion(): string | undefined {
    const zones = ['Subnets', 'NetworkInterfaces'].flatMap((member) =>
      this.#textsOf(member, 'AvailabilityZone'),
    );
    const arns = [
      'Subnets',
      'SecurityGroups',
      'PrefixLists',
      'TransitGateways',
      'SecurityGroupRules',
    ].flatMap((member) =>
      ['SubnetArn', 'SecurityGroupArn', 'PrefixListArn', 'TransitGatewayArn', 'SecurityGroupRuleArn'].flatMap(
        (name) => this.#textsOf(member, name),
      ),
    );
    const regions = new Set([
      ...zones.flatMap((zone) => /^[a-z]+(?:-[a-z]+)+-[0-9]+/.exec(zone)?.[0] ?? []),
      ...arns.flatMap((arn) => /^arn:[a-z-]+:ec2:([a-z0-9-]+):/.exec(arn)?.[1] ?? []),
    ]);
    if (regions.size > 1) {
      throw new DumpError(
        `These files are of several regions: ${[...regions].sort().join(', ')}.`,
        'Import each region by itself, from a folder of its own.',
      );
    }
    return [...regions][0];
  }

  #textsOf(member: string, name: string): string[] {
    return (this.#items.get(member) ?? []).flatMap(({ value }) => {
      const text: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      return typeof text === 'string' ? [text] : [];
    });
  }
}

/** The id of that kind in a file's name. */
function findSubject(file: string, prefix: string): string | undefined {
  return new RegExp(`(?<![a-z0-9])${prefix}-[0-9a-z]+`).exec(file)?.[0];
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = [...Map.groupBy(texts, (text) => text)].map(([text, same]) => ({
    text,
    count: same.length,
  }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.text;
}

function parse(text: string): unknown {
  try {
    // Windows shells begin redirected files with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function hintFor(text: string): string | undefined {
  if (text.trim() === '') return 'It is empty: the command that wrote it may have failed.';
  if (/^\s*[A-Z]+\t/.test(text) || /^\s*[-+|]/.test(text)) {
    return 'It looks like a table or text: ask with `--output json`.';
  }
  if (/^\s*[A-Za-z]+:\s/.test(text)) return 'It looks like YAML: ask with `--output json`.';
  return undefined;
}
