import { SITES } from '../internet/sites.ts';
import type { PublicServers } from '../plan/edge.ts';
import { API_SERVERS, SERVICE_PREFIXES } from '../region/prefixes.ts';

/** Every public address that answers whatever the user has made. */
export function publicServers(): PublicServers {
  return {
    internet: [...new Set(SITES.flatMap((site) => site.addresses))].sort(),
    services: [
      ...SERVICE_PREFIXES.map((prefix) => prefix.serverAddress),
      ...API_SERVERS.map(({ address }) => address),
    ],
  };
}
