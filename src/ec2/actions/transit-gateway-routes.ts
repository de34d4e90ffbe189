import type {
  CreateTransitGatewayRouteRequest,
  CreateTransitGatewayRouteResult,
  DeleteTransitGatewayRouteRequest,
  DeleteTransitGatewayRouteResult,
  Filter,
  ReplaceTransitGatewayRouteRequest,
  ReplaceTransitGatewayRouteResult,
  SearchTransitGatewayRoutesRequest,
  SearchTransitGatewayRoutesResult,
  TransitGatewayRoute as WireRoute,
} from '@aws-sdk/client-ec2';
import type {
  TransitGatewayRouteTable,
  TransitGatewayStaticRoute,
} from '../../model/transit-gateway-records.ts';
import { type TransitGatewayRoute, transitGatewayRoutesOf } from '../../model/transit-gateway-routes.ts';
import { contains, formatCidr, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr, containsIpv6 } from '../../net/ipv6.ts';
import type { ActionContext } from '../action.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import {
  checkSameGateway,
  findOpenAttachment,
  findTransitRouteTable,
  TRANSIT_GATEWAY_PAGES,
} from '../transit-gateways.ts';

/** Static routes of one table (AWS's quota is 10,000 for all tables of a gateway). */
const MOST_ROUTES = 10_000;

const filters: FilterTable<TransitGatewayRoute> = {
  'attachment.transit-gateway-attachment-id': ({ attachment }) => attachment?.transitGatewayAttachmentId,
  'attachment.resource-id': ({ attachment }) => attachment?.vpcId,
  'attachment.resource-type': ({ attachment }) => (attachment === undefined ? undefined : 'vpc'),
  'prefix-list-id': () => undefined,
  state: 'state',
  type: 'type',
};

/** Routes of the route tables of transit gateways. */
export const transitGatewayRouteActions = {
  CreateTransitGatewayRoute(
    { tx }: ActionContext,
    input: CreateTransitGatewayRouteRequest,
  ): CreateTransitGatewayRouteResult {
    const { table, route, shown } = readRoute(tx, input);
    if (hasStaticRoute(table, route)) {
      throw new errors.AwsError(
        'RouteAlreadyExists',
        `Route ${route.destinationCidrBlock} already exists in Transit Gateway Route Table ${table.transitGatewayRouteTableId}.`,
      );
    }
    if (table.staticRoutes.length >= MOST_ROUTES) {
      throw errors.limitExceeded('RouteLimitExceeded', 'The maximum number of routes has been reached.');
    }
    tx.transitGatewayRouteTables.put({ ...table, staticRoutes: [...table.staticRoutes, route] });
    return { Route: shown };
  },

  ReplaceTransitGatewayRoute(
    { tx }: ActionContext,
    input: ReplaceTransitGatewayRouteRequest,
  ): ReplaceTransitGatewayRouteResult {
    const { table, route, shown } = readRoute(tx, input);
    if (!hasStaticRoute(table, route)) throw noStaticRoute(table, route.destinationCidrBlock);
    const others = table.staticRoutes.filter(
      ({ destinationCidrBlock }) => destinationCidrBlock !== route.destinationCidrBlock,
    );
    tx.transitGatewayRouteTables.put({ ...table, staticRoutes: [...others, route] });
    return { Route: shown };
  },

  /** Only what the user made; a propagated route goes with its propagation. */
  DeleteTransitGatewayRoute(
    { tx }: ActionContext,
    input: DeleteTransitGatewayRouteRequest,
  ): DeleteTransitGatewayRouteResult {
    const table = findTransitRouteTable(tx, input.TransitGatewayRouteTableId);
    const block = readBlock(input.DestinationCidrBlock, 'DestinationCidrBlock');
    const route = transitGatewayRoutesOf(tx, table).find(
      ({ destinationCidrBlock, type }) => destinationCidrBlock === block && type === 'static',
    );
    if (route === undefined) throw noStaticRoute(table, block);
    tx.transitGatewayRouteTables.put({
      ...table,
      staticRoutes: table.staticRoutes.filter((each) => each.destinationCidrBlock !== block),
    });
    return { Route: { ...showRoute(route), State: 'deleted' } };
  },

  SearchTransitGatewayRoutes(
    { tx }: ActionContext,
    input: SearchTransitGatewayRoutesRequest,
  ): SearchTransitGatewayRoutesResult {
    const table = findTransitRouteTable(tx, input.TransitGatewayRouteTableId);
    const wished = input.Filters ?? [];
    if (wished.length === 0) throw errors.missingParameter('Filter');
    const isSearch = ({ Name }: Filter): boolean => Name?.startsWith('route-search.') === true;
    const searched = wished
      .filter(isSearch)
      .reduce<readonly TransitGatewayRoute[]>(search, transitGatewayRoutesOf(tx, table));
    const others = wished.filter((filter) => !isSearch(filter));
    const found = filterRecords(searched, others, filters, tx);
    const page = pageOf(
      found,
      {
        name: 'tgw-routes',
        idOf: ({ destinationCidrBlock }) => destinationCidrBlock,
        pages: TRANSIT_GATEWAY_PAGES,
      },
      input,
    );
    return {
      Routes: page.records.map(showRoute),
      AdditionalRoutesAvailable: page.nextToken !== undefined,
      NextToken: page.nextToken,
    };
  },
};

/** What a `route-search` filter leaves of the routes: those that fit any of its blocks. */
function search(
  routes: readonly TransitGatewayRoute[],
  { Name, Values }: Filter,
): readonly TransitGatewayRoute[] {
  const blocks = (Values ?? []).map((value) => readSearched(value));
  const isAny = (fits: (destination: string, block: string) => boolean) =>
    routes.filter(({ destinationCidrBlock }) => blocks.some((block) => fits(destinationCidrBlock, block)));
  switch (Name) {
    case 'route-search.exact-match':
      return isAny((destination, block) => destination === block);
    case 'route-search.subnet-of-match':
      return isAny((destination, block) => isWithin(block, destination));
    case 'route-search.supernet-of-match':
      return isAny((destination, block) => isWithin(destination, block));
    case 'route-search.longest-prefix-match':
      return blocks.flatMap((block) => findLongest(routes, block));
    default:
      throw errors.invalidParameterValue(`The filter '${Name ?? 'null'}' is invalid`);
  }
}

function findLongest(routes: readonly TransitGatewayRoute[], block: string): readonly TransitGatewayRoute[] {
  return routes
    .filter(({ destinationCidrBlock }) => isWithin(destinationCidrBlock, block))
    .toSorted((a, b) => prefixOf(b) - prefixOf(a))
    .slice(0, 1);
}

function prefixOf({ destinationCidrBlock }: TransitGatewayRoute): number {
  return Number(destinationCidrBlock.split('/')[1]);
}

function isWithin(outer: string, inner: string): boolean {
  const [out, own] = [parseCidr(outer), parseCidr(inner)];
  if (out !== undefined && own !== undefined) return contains(out, own);
  return containsIpv6(outer, inner);
}

/** A block to search for; a lone address stands for itself. */
function readSearched(text: string): string {
  if (text.includes('/')) return readBlock(text, 'Filter');
  return readBlock(`${text}/${text.includes(':') ? 128 : 32}`, 'Filter');
}

/** The route that is asked for, its table, and how it is shown. */
function readRoute(
  tx: ActionContext['tx'],
  input: CreateTransitGatewayRouteRequest,
): {
  readonly table: TransitGatewayRouteTable;
  readonly route: TransitGatewayStaticRoute;
  readonly shown: WireRoute;
} {
  const table = findTransitRouteTable(tx, input.TransitGatewayRouteTableId);
  const destinationCidrBlock = readBlock(input.DestinationCidrBlock, 'DestinationCidrBlock');
  const isBlackhole = input.Blackhole === true;
  if (isBlackhole && input.TransitGatewayAttachmentId !== undefined) {
    throw errors.invalidParameterCombination('A blackhole route cannot have a TransitGatewayAttachmentId.');
  }
  const attachment = isBlackhole ? undefined : findOpenAttachment(tx, input.TransitGatewayAttachmentId);
  if (attachment !== undefined) checkSameGateway(table, attachment);
  const shown = showRoute({
    destinationCidrBlock,
    ...(attachment === undefined ? {} : { attachment }),
    type: 'static',
    state: isBlackhole ? 'blackhole' : 'active',
  });
  const id = attachment?.transitGatewayAttachmentId;
  const target = id === undefined ? {} : { transitGatewayAttachmentId: id };
  return { table, route: { destinationCidrBlock, ...target }, shown };
}

function hasStaticRoute(table: TransitGatewayRouteTable, route: TransitGatewayStaticRoute): boolean {
  return table.staticRoutes.some(
    ({ destinationCidrBlock }) => destinationCidrBlock === route.destinationCidrBlock,
  );
}

function noStaticRoute(
  { transitGatewayRouteTableId }: TransitGatewayRouteTable,
  block: string,
): errors.AwsError {
  const sentence = `Static route ${block} does not exist in Transit Gateway Route Table ${transitGatewayRouteTableId}.`;
  return new errors.AwsError('InvalidRoute.NotFound', sentence);
}

function readBlock(text: string | undefined, parameter: string): string {
  if (text === undefined || text === '') throw errors.missingParameter(parameter);
  const cidr = parseCidr(text);
  const block = cidr === undefined ? canonicalIpv6Cidr(text) : formatCidr(cidr);
  if (block === undefined) throw errors.invalidCidr(text, parameter);
  return block;
}

function showRoute({ destinationCidrBlock, attachment, type, state }: TransitGatewayRoute): WireRoute {
  return {
    DestinationCidrBlock: destinationCidrBlock,
    ...(attachment === undefined
      ? {}
      : {
          TransitGatewayAttachments: [
            {
              ResourceId: attachment.vpcId,
              TransitGatewayAttachmentId: attachment.transitGatewayAttachmentId,
              ResourceType: 'vpc',
            },
          ],
        }),
    Type: type,
    State: state,
  };
}
