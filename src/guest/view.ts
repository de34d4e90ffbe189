/** What the servers know about the world, replaced as a whole at each change by the daemon. */
export interface GuestView {
  /** By service address: the unique address of 100.64.0.0/10 by which an interface's packets reach the servers. */
  readonly interfaces: ReadonlyMap<string, GuestInterface>;
  /** The same interfaces, by the service addresses of their other private addresses. */
  readonly others?: ReadonlyMap<string, GuestInterface>;
  /** The interface endpoints that have names; none when absent. */
  readonly endpoints?: readonly GuestEndpoint[];
  /** The names of load balancers; none when absent. */
  readonly balancerNames?: readonly GuestName[];
}

/** An interface endpoint, by its names. */
export interface GuestEndpoint {
  readonly vpcId: string;
  /** Known to everybody, though the addresses are private (as AWS has it). */
  readonly own: readonly GuestName[];
  /** Public names of services that mean the endpoint within its VPC (semantics S105). */
  readonly private: readonly GuestName[];
}

/** A name, in small letters, and its addresses; `*.` at its beginning stands for every name below. */
export interface GuestName {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** A network interface as its owner sees it. */
export interface GuestInterface {
  readonly eniId: string;
  readonly macAddress: string;
  /** 0 for the primary interface, also when absent. */
  readonly deviceIndex?: number;
  readonly vpcId: string;
  /** The primary block first. */
  readonly vpcCidrBlocks: readonly string[];
  readonly subnetId: string;
  readonly subnetCidrBlock: string;
  readonly privateIpAddress: string;
  readonly publicIpAddress?: string;
  /** None when absent; so are the blocks. */
  readonly ipv6Addresses?: readonly string[];
  readonly vpcIpv6CidrBlocks?: readonly string[];
  readonly subnetIpv6CidrBlocks?: readonly string[];
  readonly ownerId: string;
  readonly region: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  /** Names, in the order of `securityGroupIds`. */
  readonly securityGroups: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly localHostname: string;
  /** The records of its instance's name by id (`i-….ec2.internal`) that it has been launched with; no such name when absent. */
  readonly resourceNameRecords?: readonly ('A' | 'AAAA')[];
  /** Absent without a public address, or where the VPC gives no host names. */
  readonly publicHostname?: string;
  readonly isDnsSupportEnabled: boolean;
  readonly isDnsHostnamesEnabled: boolean;
  /** The peered VPCs that find its private address by its public name (semantics S114); none when absent. */
  readonly peersWithPrivateDns?: readonly string[];
  readonly instance?: GuestInstance;
}

/** The instance an interface is attached to. */
export interface GuestInstance {
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string;
  /** One line as in `authorized_keys`. */
  readonly publicKey?: string;
  /** base64, as it was given. */
  readonly userData?: string;
  /** ISO 8601. */
  readonly launchTime: string;
  readonly reservationId: string;
  /** 0 when absent. */
  readonly amiLaunchIndex?: number;
  /** `x86_64` or `arm64`. */
  readonly architecture: string;
  /** Only where the instance's metadata options show tags. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly metadata: GuestMetadataOptions;
  /** Only with an instance profile. */
  readonly role?: GuestRole;
}

/** The role of an instance profile, and what signs in its name. */
export interface GuestRole {
  readonly profileArn: string;
  readonly profileId: string;
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** How the instance's metadata may be read (semantics S96). */
export interface GuestMetadataOptions {
  readonly isEnabled: boolean;
  readonly tokens: 'optional' | 'required';
  /** Routers the reply to a token request may cross, and one: 1 reaches the instance alone. */
  readonly hopLimit: number;
}

/** Whom a server saw, and what it was asked. */
export interface GuestSighting {
  /** ISO 8601. */
  readonly time: string;
  readonly service: 'imds' | 'dns';
  /** The service address the packet came from. */
  readonly sourceAddress: string;
  /** Absent for a caller nobody knows. */
  readonly eniId?: string;
  readonly instanceId?: string;
  /** `GET /latest/meta-data/`, `A example.com`. */
  readonly request: string;
  /** `200`, `NXDOMAIN`, `dropped`. */
  readonly outcome: string;
}

/** What every server of this room is given. */
export interface GuestContext {
  readonly view: () => GuestView;
  readonly clock: () => Date;
  readonly log: (sighting: GuestSighting) => void;
}

/** The interface whose packets come from an address; undefined for anyone else. */
export function findCaller(view: GuestView, address: string): GuestInterface | undefined {
  // A socket that speaks both families writes IPv4 addresses like this.
  const known = address.replace(/^::ffff:/, '');
  return view.interfaces.get(known) ?? view.others?.get(known);
}
