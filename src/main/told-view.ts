import { interfaceServicesOf } from '../ec2/catalogue/interface-services.ts';
import { endpointNameZone, publicNameZone } from '../guest/dns.ts';
import type { GuestInterface, GuestView } from '../guest/view.ts';
import { SITES, siteZone } from '../internet/sites.ts';
import { hostOf } from '../model/endpoint-dns.ts';
import { serviceZone } from '../net/dns-hosts.ts';
import { type DnsZone, joinZones } from '../net/dns-zone.ts';
import { API_SERVERS, AWS_REGIONS, SERVICE_PREFIXES } from '../region/prefixes.ts';
import { credentialsOf } from '../state/directory.ts';
import type { ToldEndpoint } from './endpoint-view.ts';
import type { Told, ToldInstallation, ToldInterface } from './guest-view.ts';
import { findSession } from './session-credentials.ts';

/** What belongs to an access key. */
interface ToldCredential {
  readonly account: string;
  readonly arn: string;
  readonly secret: string;
  /** Of temporary keys. */
  readonly sessionToken?: string;
  /** Of sessions. */
  readonly expiresAt?: Date;
}

/** What a server process has last been told of the world. */
export class ToldView {
  #told: ReadonlyMap<string, ToldInterface> = new Map();
  #endpoints: readonly ToldEndpoint[] = [];
  #view: GuestView = { interfaces: new Map() };
  #installation: ToldInstallation | undefined;
  #onChange: () => void = () => {};

  /** Takes what the daemon sent over its channel. */
  replace({ interfaces, endpoints, balancerNames, installation }: Told): void {
    this.#installation = installation;
    // By another private address the interface's own is what its caller sends from.
    const byOthers = interfaces.flatMap((item) =>
      item.others.map(({ serviceAddress, privateAddress }): [string, ToldInterface] => [
        serviceAddress,
        { ...item, guest: { ...item.guest, privateIpAddress: privateAddress } },
      ]),
    );
    this.#told = new Map([
      ...interfaces.map((item): [string, ToldInterface] => [item.serviceAddress, item]),
      ...byOthers,
    ]);
    this.#endpoints = endpoints;
    this.#view = {
      interfaces: new Map(interfaces.map(({ serviceAddress, guest }) => [serviceAddress, guest])),
      others: new Map(
        interfaces.flatMap(({ guest, others }) =>
          others.map(({ serviceAddress }): [string, GuestInterface] => [serviceAddress, guest]),
        ),
      ),
      endpoints: endpoints.map(({ vpcId, names }) => ({ vpcId, ...names })),
      balancerNames,
    };
    this.#onChange();
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** The addresses at which interface endpoints call the services. */
  endpointAddresses(): readonly string[] {
    return this.#endpoints.flatMap(({ interfaces }) => interfaces);
  }

  /** Whether any access key is accepted. */
  get isOpen(): boolean {
    return this.#installation?.isOpen === true;
  }

  /** The account of whoever names none; empty before anything has been told. */
  get defaultAccount(): string {
    return this.#installation?.own.account ?? '';
  }

  /** Whether a server of the user's answers for a service. */
  isPlugged(service: string): boolean {
    return this.#installation?.plugged.includes(service) === true;
  }

  /** What a key signs with: an account's, an instance's role's or a session's. Undefined for one that nobody has. */
  credentialOf(accessKeyId: string, sessionToken: string | undefined): ToldCredential | undefined {
    const own = this.#installation?.own;
    if (own === undefined) return undefined;
    const found = accessKeyId === own.accessKeyId ? own : credentialsOf(own, accessKeyId);
    if (found !== undefined) {
      const { account, secretAccessKey: secret } = found;
      return { account, secret, arn: `arn:aws:iam::${account}:root` };
    }
    for (const { guest } of this.#told.values()) {
      const { role, instanceId } = guest.instance ?? {};
      if (role?.accessKeyId !== accessKeyId) continue;
      const { secretAccessKey: secret, sessionToken: token, name } = role;
      const arn = `arn:aws:sts::${guest.ownerId}:assumed-role/${name}/${instanceId}`;
      return { account: guest.ownerId, secret, sessionToken: token, arn };
    }
    return sessionToken === undefined ? undefined : findSession(own, accessKeyId, sessionToken);
  }

  /** The policy of an endpoint that carries packets now. */
  endpointPolicyOf(vpcEndpointId: string): string | undefined {
    return this.#endpoints.find((endpoint) => endpoint.vpcEndpointId === vpcEndpointId)?.policyDocument;
  }

  /** The interface endpoint that calls at an address. */
  endpointAt(address: string): ToldEndpoint | undefined {
    return this.#endpoints.find(({ interfaces }) => interfaces.includes(address));
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
      endpointNameZone(() => this.#view),
    );
  }
}

function regionalServices(): DnsZone {
  return serviceZone(
    AWS_REGIONS.map((region) => ({
      region,
      addresses: {
        ...Object.fromEntries(
          interfaceServicesOf(region).map((name) => [hostOf(name), apiServersOf(region)]),
        ),
        ...Object.fromEntries(
          SERVICE_PREFIXES.filter((prefix) => prefix.region === region).map((prefix) => [
            prefix.service,
            [prefix.serverAddress],
          ]),
        ),
      },
    })),
  );
}

function apiServersOf(region: string): string[] {
  return API_SERVERS.filter((server) => server.region === region).map(({ address }) => address);
}
