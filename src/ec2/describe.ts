import type { Filter } from '@aws-sdk/client-ec2';
import type { TableView, World } from '../model/world.ts';
import { AwsError, invalidParameterCombination, invalidValue, malformedId } from './errors.ts';
import { type FilterTable, selectRecords } from './filters.ts';

/** One kind of resource, as its Describe action lists it. */
export interface Listing<T> {
  /** The prefix of its ids: `vpc`. */
  readonly prefix: string;
  readonly idOf: (record: T) => string;
  /** The error for an id that nothing has. */
  readonly noSuch: (id: string) => AwsError;
  /** The code for an id that is not of the kind's form. */
  readonly malformed: string;
  readonly filters: FilterTable<T>;
  /** Fewest and most results that a page may be asked to have; 5 and 1000 when absent. */
  readonly pages?: PageBounds;
  /** AWS's sentence for ids together with MaxResults, where it is known: each kind has another. */
  readonly idsOrPages?: string;
}

/** Fewest and most results that a page may be asked to have. */
export interface PageBounds {
  readonly fewest: number;
  readonly most: number;
}

/** What a Describe request asks for, whatever the operation calls its ids. */
export interface ListRequest {
  readonly ids: readonly string[] | undefined;
  readonly Filters?: readonly Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** A page of records; `nextToken` when there may be more. */
export interface Page<T> {
  readonly records: readonly T[];
  readonly nextToken: string | undefined;
}

const USUAL_PAGES: PageBounds = { fewest: 5, most: 1000 };
const IDS_OR_PAGES = 'The parameter MaxResults cannot be used with a list of ids in the request';

/**
 * The resources a Describe request asks for. With ids it costs what it returns, and every id must be there. Without
 * MaxResults all come; with it, pages in the order of ids, so that whatever is made or deleted between
 * two pages, each resource that was there all the time is in exactly one page.
 */
export function listRecords<T extends object>(
  view: TableView<T>,
  world: World,
  listing: Listing<T>,
  request: ListRequest,
): Page<T> {
  const { ids, Filters, MaxResults, NextToken } = request;
  if (ids !== undefined && ids.length > 0) {
    if (MaxResults !== undefined) {
      throw invalidParameterCombination(listing.idsOrPages ?? IDS_OR_PAGES);
    }
    const found = [...new Set(ids)].map((id) => findRecord(view, listing, id));
    return {
      records: selectRecords(viewOf(found, listing.idOf), Filters, listing.filters, world),
      nextToken: undefined,
    };
  }
  const all = selectRecords(view, Filters, listing.filters, world);
  return pageOf(
    all,
    { name: listing.prefix, idOf: listing.idOf, pages: listing.pages ?? USUAL_PAGES },
    { MaxResults, NextToken },
  );
}

/** What finding a record by id needs to know of its kind. */
type Identity<T> = Pick<Listing<T>, 'prefix' | 'noSuch' | 'malformed'>;

/** The record of an id that a request names. Throws the kind's Malformed or NotFound error. */
export function findRecord<T>(view: Pick<TableView<T>, 'get'>, kind: Identity<T>, id: string): T {
  const record = view.get(id);
  if (record !== undefined) return record;
  const isWellFormed =
    id.startsWith(`${kind.prefix}-`) && /^[0-9a-f]+$/.test(id.slice(kind.prefix.length + 1));
  throw isWellFormed ? kind.noSuch(id) : malformedId(kind.malformed, id, kind.prefix);
}

/** How to cut a list into pages; `name` keeps the tokens of one operation from being used with another. */
export interface Paging<T> {
  readonly name: string;
  readonly idOf: (item: T) => string;
  readonly pages: PageBounds;
}

/** One page of a list, in the order of ids; the whole list as it is when no page is asked for. */
export function pageOf<T>(
  all: readonly T[],
  { name, idOf, pages }: Paging<T>,
  { MaxResults, NextToken }: Pick<ListRequest, 'MaxResults' | 'NextToken'>,
): Page<T> {
  if (MaxResults !== undefined) checkMaxResults(MaxResults, pages);
  if (MaxResults === undefined && (NextToken === undefined || NextToken === '')) {
    return { records: all, nextToken: undefined };
  }
  const after = NextToken === undefined || NextToken === '' ? '' : readToken(NextToken, name);
  const rest = all
    .map((item) => ({ item, id: idOf(item) }))
    .filter(({ id }) => id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = rest.slice(0, MaxResults ?? pages.most);
  const last = page.at(-1);
  const isMore = page.length < rest.length && last !== undefined;
  return { records: page.map(({ item }) => item), nextToken: isMore ? writeToken(name, last.id) : undefined };
}

function checkMaxResults(value: number, { fewest, most }: PageBounds): void {
  if (value < fewest) {
    throw invalidValue(value, 'maxResults', `Expecting a value greater than or equal to ${fewest}.`);
  }
  if (value > most)
    throw invalidValue(value, 'maxResults', `Expecting a value less than or equal to ${most}.`);
}

function writeToken(name: string, lastId: string): string {
  return Buffer.from(`${name} ${lastId}`).toString('base64url');
}

function readToken(token: string, name: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  const isOurs = text.startsWith(`${name} `) && text.length > name.length + 1;
  if (isOurs && Buffer.from(text).toString('base64url') === token) return text.slice(name.length + 1);
  throw new AwsError('InvalidPaginationToken', 'The specified pagination token is not valid.');
}

/** A few records as a table, for filters to choose among. */
function viewOf<T>(records: readonly T[], idOf: (record: T) => string): TableView<T> {
  return {
    size: records.length,
    get: (id) => records.find((record) => idOf(record) === id),
    values: () => records,
    where: () => records,
  };
}
