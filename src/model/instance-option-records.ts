/**
 * How an instance is called inside its VPC
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html).
 */
export interface PrivateDnsNameOptions {
  /** `ip-name`: by its address, `ip-10-0-0-5`; `resource-name`: by its id, `i-0123456789abcdef0`. */
  readonly hostnameType: 'ip-name' | 'resource-name';
  /** Whether the name made of its id leads to its IPv4 address. */
  readonly enableResourceNameDnsARecord: boolean;
  /** The same, of its IPv6 address. */
  readonly enableResourceNameDnsAaaaRecord: boolean;
}

/** The processors an instance asked for, when not all of its type's. */
export interface CpuOptions {
  readonly coreCount: number;
  readonly threadsPerCore: number;
}
