/**
 * The fixed points of the simulated world: the namespaces that are always there, the names of links, and the addresses
 * between machines that no user chose.
 */

/** The simulated Internet: its core router, with the public servers on its `lo`. */
export const INTERNET = 'internet';
/** The region's services: IMDS, VPC DNS, S3. */
export const SERVICES = 'services';
/** The user's own computer on the simulated Internet. */
export const LAPTOP = 'laptop';

/** RFC 5737's second documentation block is the laptop's home network. */
export const LAPTOP_ADDRESS = '198.51.100.10';
export const LAPTOP_GATEWAY = '198.51.100.1';

/** In RFC 3849's documentation prefix, apart from the pool of VPCs (`ipv6-addressing.ts`). */
export const LAPTOP_IPV6 = '2001:db8:1::10';

/** The MAC address of the laptop's own end of its link. */
export const LAPTOP_MAC = '0e:c0:0f:00:00:10';

/** Instance metadata (semantics S96). */
export const METADATA_ADDRESS = '169.254.169.254';
/** The resolver's link-local address (S92). */
export const RESOLVER_ADDRESS = '169.254.169.253';
/** The same resolver, as reached by VPC+2: a router rewrites that address to this one, so that replies can be told apart. */
export const RESOLVER_PLUS_TWO_ADDRESS = '169.254.169.252';

/** First address of the service network: each interface is known to the services by this plus its ordinal. */
export const SERVICE_NETWORK_FIRST = '100.64.0.0';

/** The far end of a router's links to the Internet and to the services, and its own end: one point-to-point pair. */
export const FAR_END = '169.254.1.1';
export const NEAR_END = '169.254.1.2';

/** The MAC address of every link end that is a router's, towards its guests and its neighbours. */
export const ROUTER_MAC = '0e:c0:0f:00:00:01';
/** The MAC address of the Internet's and the services' ends of links to routers. */
export const FAR_MAC = '0e:c0:0f:00:00:02';

/** The link-local addresses that the kernel makes of these MAC addresses (EUI-64): next hops of IPv6. */
export const ROUTER_LINK_LOCAL = 'fe80::cc0:fff:fe00:1';
export const FAR_LINK_LOCAL = 'fe80::cc0:fff:fe00:2';

/** Inside a VPC AWS carries jumbo frames, through its internet gateway 1500 bytes (S43). */
export const VPC_MTU = 9001;
export const INTERNET_MTU = 1500;
/** Between VPCs a transit gateway carries packets of up to 8500 bytes. */
export const TRANSIT_MTU = 8500;

/** A router's link to the Internet, there while an internet gateway is attached. */
export const INTERNET_GATEWAY_LINK = 'igw';
/** A router's other link to the Internet, there while an egress-only internet gateway is: IPv6 leaves by it. */
export const EGRESS_ONLY_LINK = 'eigw';
/** A router's link to the services. */
export const SERVICES_LINK = 'services';

/** The end that a numbered resource leaves in another machine: a letter and 14 of its id's 17 digits (IFNAMSIZ is 15). */
export function linkName(letter: 'v' | 'i' | 'o' | 's' | 'p' | 't' | 'e' | 'n', id: string): string {
  return `${letter}${id.slice(-14)}`;
}

/** What every router namespace of ours needs: it forwards, keeps quiet, and answers ARP for what it routes. */
export const ROUTER_SYSCTLS: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': '1',
  // What is passed on has no socket here: looking for one costs every packet.
  'net/ipv4/ip_early_demux': '0',
  // Packets come back by other ways than they went: hairpins at the internet gateway, appliances.
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
  // A path-MTU error of this router comes back through a NAT gateway with the router's own source address.
  'net/ipv4/conf/all/accept_local': '1',
  'net/ipv4/conf/default/accept_local': '1',
  'net/ipv4/conf/default/proxy_arp': '1',
  // How long an idle connection is remembered, in seconds: an interface's defaults at AWS (semantics S83, S85).
  'net/netfilter/nf_conntrack_tcp_timeout_established': '432000',
  'net/netfilter/nf_conntrack_udp_timeout_stream': '180',
  'net/netfilter/nf_conntrack_udp_timeout': '30',
  'net/netfilter/nf_conntrack_generic_timeout': '600',
};

/** What it needs besides to forward IPv6, where it has such a side. */
export const IPV6_ROUTER_SYSCTLS: Readonly<Record<string, string>> = {
  'net/ipv6/conf/all/forwarding': '1',
};
