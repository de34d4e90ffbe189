import type { DnsZone } from '../net/dns-zone.ts';
import type { Authority } from './authority.ts';
import type { Listener, ServerContext } from './binding.ts';
import { serveDns } from './dns-server.ts';
import { packageIndex } from './packages.ts';
import { answerFromZone } from './resolver.ts';
import { SITE_PORTS, type Site } from './sites.ts';
import { checkIp, examplePage, serveWeb, type WebSite } from './web.ts';
import { serveWhois } from './whois.ts';

/** What the simulated Internet is made of. */
export interface InternetOptions extends ServerContext {
  readonly sites: readonly Site[];
  readonly authority: Authority;
  /** What public resolvers know: the sites, the regions' services, public names of instances. */
  readonly zone: DnsZone;
  /** Where the package index says its files are; default https://files.pythonhosted.org. */
  readonly filesUrl?: string;
  /** The port to listen on in the place of a well-known one; default that one. 0 takes a free one. */
  readonly portFor?: (wellKnown: number) => number;
}

/** A server of a site, listening. */
export interface SiteListener {
  readonly site: Site;
  /** The well-known port it stands for. */
  readonly port: number;
  readonly binding: Listener['binding'];
}

/** The simulated Internet, open. */
export interface Internet {
  readonly listeners: readonly SiteListener[];
  close(): Promise<void>;
}

/**
 * Opens every server of every site, each on its own addresses, which must be there. Rejects with Node's error when one
 * cannot be opened, with nothing left open.
 */
export async function startInternet(options: InternetOptions): Promise<Internet> {
  const opened: { listener: SiteListener; close: () => Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((entry) => entry.close()));
  };
  const { portFor = (wellKnown) => wellKnown } = options;
  try {
    for (const site of options.sites) {
      for (const { port, isTls } of SITE_PORTS[site.server.kind]) {
        for (const address of site.addresses) {
          const server = await openServer(options, site, { address, port: portFor(port) }, isTls);
          opened.push({ listener: { site, port, binding: server.binding }, close: () => server.close() });
        }
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { listeners: opened.map(({ listener }) => listener), close };
}

async function openServer(
  options: InternetOptions,
  { server }: Site,
  binding: Listener['binding'],
  isTls: boolean,
): Promise<Listener> {
  const authority = isTls ? options.authority : undefined;
  switch (server.kind) {
    case 'dns': {
      const service = await serveDns([binding], answerFromZone(options.zone, options));
      return { binding: service.bindings[0] ?? binding, close: () => service.close() };
    }
    case 'whois':
      return serveWhois(binding, server.registry, options);
    case 'checkip':
      return serveWeb(binding, checkIp, options, authority);
    case 'package-index':
      return serveWeb(binding, packageIndexOf(options), options, authority);
    case 'web':
      return serveWeb(binding, examplePage, options, authority);
  }
}

function packageIndexOf({ filesUrl }: InternetOptions): WebSite {
  return filesUrl === undefined ? packageIndex() : packageIndex(filesUrl);
}
