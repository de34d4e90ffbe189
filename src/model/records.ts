import type { BlockDevice } from './block-device-records.ts';
import type { CpuOptions, PrivateDnsNameOptions } from './instance-option-records.ts';

/**
 * The records of a world: what an account owns in one region. Plain, immutable, JSON-shaped; every field is AWS's own
 * word. Times are ISO 8601 texts. `ordinal` is a small integer, unique in the whole installation, given at creation and
 * never used again: whatever the kernel must number (a link group, a routing table, a service address) is numbered by it.
 */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Fields every taggable resource has. */
export interface Taggable {
  readonly tags: readonly Tag[];
}

export interface Vpc extends Taggable {
  readonly vpcId: string;
  readonly ordinal: number;
  /** The primary block; always also the first of `cidrBlockAssociations`. */
  readonly cidrBlock: string;
  readonly cidrBlockAssociations: readonly CidrBlockAssociation[];
  /** IPv6 blocks of /56, in the order in which they came. */
  readonly ipv6CidrBlockAssociations: readonly Ipv6CidrBlockAssociation[];
  readonly dhcpOptionsId: string;
  readonly instanceTenancy: string;
  readonly isDefault: boolean;
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  readonly enableNetworkAddressUsageMetrics: boolean;
  /** Imported to be asked about: no machine is made of it, no instance of it boots, no packet flows in it. */
  readonly isAnalysedOnly?: boolean;
}

export interface CidrBlockAssociation {
  readonly associationId: string;
  readonly cidrBlock: string;
  readonly state: 'associating' | 'associated' | 'disassociating' | 'disassociated' | 'failing' | 'failed';
}

/** An IPv6 block of a VPC (/56) or of a subnet (/64). */
export interface Ipv6CidrBlockAssociation {
  readonly associationId: string;
  /** Canonical. */
  readonly ipv6CidrBlock: string;
  readonly state: CidrBlockAssociation['state'];
}

export interface Subnet extends Taggable {
  readonly subnetId: string;
  /** Also the link group of the subnet's interfaces in the VPC's router. */
  readonly ordinal: number;
  readonly vpcId: string;
  /** Absent in a subnet of IPv6 only, in which there is no interface here. */
  readonly cidrBlock?: string;
  /** One IPv6 block of /64, or none. */
  readonly ipv6CidrBlockAssociations: readonly Ipv6CidrBlockAssociation[];
  readonly availabilityZone: string;
  readonly isDefaultForAz: boolean;
  readonly mapPublicIpOnLaunch: boolean;
  readonly assignIpv6AddressOnCreation: boolean;
  readonly enableDns64: boolean;
  readonly privateDnsHostnameType: 'ip-name' | 'resource-name';
  readonly enableResourceNameDnsARecord: boolean;
  readonly enableResourceNameDnsAaaaRecord: boolean;
}

export interface InternetGateway extends Taggable {
  readonly internetGatewayId: string;
  /** The VPC it is attached to; absent when detached (semantics S34: one of each at most). */
  readonly vpcId?: string;
}

/** What a route sends its packets to. `local` has no id. */
export type RouteTarget =
  | { readonly kind: 'local' }
  | {
      readonly kind:
        | 'internet-gateway'
        | 'nat-gateway'
        | 'network-interface'
        | 'vpc-endpoint'
        | 'vpc-peering-connection'
        | 'egress-only-internet-gateway'
        | 'vpn-gateway'
        | 'transit-gateway';
      readonly id: string;
    };

export interface Route {
  readonly destination:
    | { readonly kind: 'cidr'; readonly cidrBlock: string }
    | { readonly kind: 'cidr-ipv6'; readonly ipv6CidrBlock: string }
    | { readonly kind: 'prefix-list'; readonly prefixListId: string };
  readonly target: RouteTarget;
  readonly origin: 'CreateRouteTable' | 'CreateRoute';
}

export interface RouteTableAssociation {
  readonly routeTableAssociationId: string;
  /** Absent on the association that makes this table the VPC's main one. */
  readonly subnetId?: string;
  /** In its place: an internet or VPN gateway, by which packets come in that the table routes (semantics S30). */
  readonly gatewayId?: string;
  readonly isMain: boolean;
}

export interface RouteTable extends Taggable {
  readonly routeTableId: string;
  /** Also the number of the kernel's routing table in the VPC's router. */
  readonly ordinal: number;
  readonly vpcId: string;
  /** In the order they were made; whether one is active or a blackhole is computed, never stored (semantics S28). */
  readonly routes: readonly Route[];
  readonly associations: readonly RouteTableAssociation[];
  /** The VPN gateways that may put routes into this table. They know none as long as they have no VPN. */
  readonly propagatingVpnGatewayIds: readonly string[];
}

export interface SecurityGroup extends Taggable {
  readonly groupId: string;
  readonly groupName: string;
  readonly description: string;
  readonly vpcId: string;
}

/** Whom a security group rule speaks of. */
export type RulePeer =
  | { readonly kind: 'cidr'; readonly cidrBlock: string }
  | { readonly kind: 'cidr-ipv6'; readonly cidrBlock: string }
  | { readonly kind: 'group'; readonly groupId: string; readonly userId: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string };

export interface SecurityGroupRule extends Taggable {
  readonly securityGroupRuleId: string;
  readonly groupId: string;
  readonly isEgress: boolean;
  /** `-1` for all, `tcp`, `udp`, `icmp`, `icmpv6`, else the protocol's number as text. */
  readonly ipProtocol: string;
  /** First port, or ICMP type; -1 for all. */
  readonly fromPort: number;
  /** Last port, or ICMP code; -1 for all. */
  readonly toPort: number;
  readonly peer: RulePeer;
  readonly description?: string;
}

export interface NetworkAclEntry {
  /** 1 to 32766; 32767 is the `*` entry that cannot be removed (semantics S62). */
  readonly ruleNumber: number;
  readonly isEgress: boolean;
  /** The protocol's number as text, `-1` for all (semantics S68). */
  readonly protocol: string;
  readonly ruleAction: 'allow' | 'deny';
  readonly cidrBlock?: string;
  readonly ipv6CidrBlock?: string;
  readonly icmpTypeCode?: { readonly type: number; readonly code: number };
  readonly portRange?: { readonly from: number; readonly to: number };
}

export interface NetworkAcl extends Taggable {
  readonly networkAclId: string;
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly entries: readonly NetworkAclEntry[];
  readonly associations: readonly { readonly networkAclAssociationId: string; readonly subnetId: string }[];
}

export interface NetworkInterface extends Taggable {
  readonly networkInterfaceId: string;
  /** Also the offset of its address in the service network (100.64.0.0/10), by which services know the caller. */
  readonly ordinal: number;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly description: string;
  readonly interfaceType:
    | 'interface'
    | 'nat_gateway'
    | 'vpc_endpoint'
    | 'transit_gateway'
    | 'network_load_balancer';
  readonly macAddress: string;
  /** The first one is the primary. */
  readonly privateIpAddresses: readonly string[];
  /** As RFC 5952 writes them. */
  readonly ipv6Addresses: readonly string[];
  readonly groupIds: readonly string[];
  readonly sourceDestCheck: boolean;
  /** The service that manages it, when it is not the user's own (semantics S58). */
  readonly requesterId?: string;
  readonly attachment?: NetworkInterfaceAttachment;
  /** An automatically assigned public address: goes at stop, and while an Elastic IP is associated (semantics S39). */
  readonly autoAssignedPublicIp?: string;
  /** Whether an instance launched or started with it gets such an address; the subnet decides when absent (S117). */
  readonly associatePublicIpAddress?: boolean;
  readonly createTime: string;
}

export interface NetworkInterfaceAttachment {
  readonly attachmentId: string;
  /** Absent for a requester-managed interface. */
  readonly instanceId?: string;
  readonly instanceOwnerId: string;
  readonly deviceIndex: number;
  readonly attachTime: string;
  readonly deleteOnTermination: boolean;
}

/** An Elastic IP address. */
export interface Address extends Taggable {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly associationId?: string;
  readonly networkInterfaceId?: string;
  readonly privateIpAddress?: string;
  /** An offer to another account. */
  readonly transfer?: { readonly transferAccountId: string; readonly offerExpiration: string };
}

export interface NatGateway extends Taggable {
  readonly natGatewayId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly connectivityType: 'public' | 'private';
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted' | 'failed';
  readonly failureCode?: string;
  readonly failureMessage?: string;
  readonly createTime: string;
  readonly deleteTime?: string;
  /** The requester-managed interface it stands on; absent when it failed before it had one. */
  readonly networkInterfaceId?: string;
  readonly privateIp?: string;
  readonly publicIp?: string;
  readonly allocationId?: string;
  readonly associationId?: string;
  /** Its other addresses, by which its connections leave as well as by the primary one. */
  readonly secondaryAddresses?: readonly NatGatewaySecondaryAddress[];
}

export interface NatGatewaySecondaryAddress {
  readonly privateIp: string;
  /** Absent in records made before such addresses carried anything: taken as on its way to `succeeded`. */
  readonly status?: 'associating' | 'assigning' | 'succeeded' | 'disassociating' | 'unassigning';
  /** While it is taken away: when the connections by it have to end. */
  readonly drainsUntil?: string;
  readonly publicIp?: string;
  readonly allocationId?: string;
  readonly associationId?: string;
}

export interface VpcEndpoint extends Taggable {
  readonly vpcEndpointId: string;
  readonly vpcEndpointType: 'Gateway' | 'Interface';
  readonly vpcId: string;
  /** `com.amazonaws.<region>.s3` */
  readonly serviceName: string;
  /** The account that offers it, of somebody's own service. */
  readonly serviceOwnerId?: string;
  readonly state:
    | 'pendingAcceptance'
    | 'pending'
    | 'available'
    | 'rejected'
    | 'deleting'
    | 'deleted'
    | 'failed';
  readonly policyDocument: string;
  readonly routeTableIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly networkInterfaceIds: readonly string[];
  readonly privateDnsEnabled: boolean;
  /** With private DNS, the private name of somebody's own service: `*.example.com`. */
  readonly privateDnsName?: string;
  readonly creationTimestamp: string;
  readonly deleteTime?: string;
}

export interface KeyPair extends Taggable {
  readonly keyPairId: string;
  readonly keyName: string;
  readonly keyType: 'rsa' | 'ed25519';
  readonly keyFingerprint: string;
  /** One line as in `authorized_keys`. The private key is given once and never kept (semantics S118). */
  readonly publicKey: string;
  readonly createTime: string;
}

export type InstanceStateName =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped';

export interface Instance extends Taggable {
  readonly instanceId: string;
  readonly reservationId: string;
  readonly amiLaunchIndex: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly keyName?: string;
  /** The line of the key pair as it was at launch: deleting the key pair changes nothing in the instance. */
  readonly publicKey?: string;
  readonly state: InstanceStateName;
  readonly stateTransitionReason: string;
  readonly stateReason?: { readonly code: string; readonly message: string };
  readonly launchTime: string;
  /** When it was terminated; it stays visible for an hour after. */
  readonly terminateTime?: string;
  /** base64, as it was given. */
  readonly userData?: string;
  readonly metadataOptions: InstanceMetadataOptions;
  readonly instanceProfile?: InstanceProfile;
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly instanceInitiatedShutdownBehavior: 'stop' | 'terminate';
  readonly ebsOptimized: boolean;
  readonly isMonitored: boolean;
  readonly rootVolumeId: string;
  /** Its volumes, the root volume first; absent in records made before they were kept. */
  readonly blockDevices?: readonly BlockDevice[];
  /** Of burstable types; absent where the launch did not say. */
  readonly cpuCredits?: 'standard' | 'unlimited';
  readonly privateDnsNameOptions?: PrivateDnsNameOptions;
  readonly cpuOptions?: CpuOptions;
  readonly autoRecovery?: 'default' | 'disabled';
  readonly clientToken: string;
  /** How often it was told to boot, and the last boot the fabric has done: they differ while a reboot is due. */
  readonly bootsWanted: number;
  readonly bootsDone: number;
}

/** The instance profile of an instance, and since when it is its. */
export interface InstanceProfile {
  /** `arn:aws:iam::123456789012:instance-profile/NAME` */
  readonly arn: string;
  readonly profileId: string;
  readonly associationId: string;
  readonly associatedAt: string;
}

export interface InstanceMetadataOptions {
  readonly httpTokens: 'optional' | 'required';
  readonly httpPutResponseHopLimit: number;
  readonly httpEndpoint: 'enabled' | 'disabled';
  readonly httpProtocolIpv6: 'enabled' | 'disabled';
  readonly instanceMetadataTags: 'enabled' | 'disabled';
}

export interface PrefixList extends Taggable {
  readonly prefixListId: string;
  readonly prefixListName: string;
  /** `AWS` for the lists of the region's services. */
  readonly ownerId: string;
  readonly addressFamily: 'IPv4' | 'IPv6';
  readonly maxEntries: number;
  readonly version: number;
  readonly entries: readonly PrefixListEntry[];
  /** What came of the last change; absent for AWS's own lists. */
  readonly state?: 'create-complete' | 'modify-complete' | 'modify-failed' | 'restore-complete';
  /** Why the last change failed. */
  readonly stateMessage?: string;
  /** The entries of earlier versions, oldest first. */
  readonly earlierVersions?: readonly {
    readonly version: number;
    readonly entries: readonly PrefixListEntry[];
  }[];
}

export interface PrefixListEntry {
  readonly cidr: string;
  readonly description?: string;
}

export interface DhcpOptions extends Taggable {
  readonly dhcpOptionsId: string;
  readonly configurations: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/** The reply once given to a client token, so that a repeat is answered alike (semantics S125). */
export interface ClientToken {
  /** Action and token, joined by a colon. */
  readonly tokenId: string;
  readonly requestHash: string;
  /** The reply as JSON. */
  readonly reply: string;
  readonly createTime: string;
}
