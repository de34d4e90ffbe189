import { publicNameZone } from '../guest/dns.ts';
import type { GuestView } from '../guest/view.ts';
import { SITES, siteZone } from '../internet/sites.ts';
import { serviceZone } from '../net/dns-hosts.ts';
import { type DnsZone, joinZones } from '../net/dns-zone.ts';
import { AWS_REGIONS, SERVICE_PREFIXES } from '../region/prefixes.ts';
import type { ToldInterface } from './guest-view.ts';

/** What a server process has last been told of the world. */
export class ToldView {
  #told: ReadonlyMap<string, ToldInterface> = new Map();
  #view: GuestView = { interfaces: new Map() };

  /** Takes what the daemon sent over its channel: a list of `ToldInterface`. */
  replace(told: readonly ToldInterface[]): void {
    this.#told = new Map(told.map((item) => [item.serviceAddress, item]));
    this.#view = { interfaces: new Map(told.map(({ serviceAddress, guest }) => [serviceAddress, guest])) };
  }

  get view(): GuestView {
    return this.#view;
  }

  /** Who is behind a service address, and by which endpoints its packets come. */
  find(serviceAddress: string): ToldInterface | undefined {
    return this.#told.get(serviceAddress.replace(/^::ffff:/, ''));
  }

  /** What everybody's resolver knows: the regions' services, public names of instances, the simulated Internet. */
  publicZone(): DnsZone {
    return joinZones(
      siteZone(SITES),
      regionalServices(),
      publicNameZone(() => this.#view),
    );
  }
}

function regionalServices(): DnsZone {
  return serviceZone(
    AWS_REGIONS.map((region) => ({
      region,
      addresses: Object.fromEntries(
        SERVICE_PREFIXES.filter((prefix) => prefix.region === region).map((prefix) => [
          prefix.service,
          [prefix.serverAddress],
        ]),
      ),
    })),
  );
}
