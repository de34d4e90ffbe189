import type { Output } from '../query-service/envelope.ts';
import { invalid } from '../query-service/errors.ts';
import type { Input } from '../query-service/input.ts';

/** An attribute of a kind of resource: what it is when nobody sets it, and which values it may have. */
interface Attribute {
  readonly standard: string;
  /** Absent where Cloudcroft has the standard value only. */
  readonly values?: RegExp;
}

/** The attributes of a kind of resource, by AWS's names. */
export type AttributeTable = Readonly<Record<string, Attribute>>;

const FLAG = /^(true|false)$/;
const NUMBER = /^(off|\d{1,4})$/;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
export const LOAD_BALANCER_ATTRIBUTES: AttributeTable = {
  'access_logs.s3.enabled': { standard: 'false' },
  'access_logs.s3.bucket': { standard: '' },
  'access_logs.s3.prefix': { standard: '' },
  'deletion_protection.enabled': { standard: 'false', values: FLAG },
  'dns_record.client_routing_policy': { standard: 'any_availability_zone' },
  'ipv6.deny_all_igw_traffic': { standard: 'false' },
  'load_balancing.cross_zone.enabled': { standard: 'false', values: FLAG },
  'zonal_shift.config.enabled': { standard: 'false' },
  'secondary_ips.auto_assigned.per_subnet': { standard: '0' },
};

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html. Targets see the load
 * balancer's address always. Thresholds of health are kept, as health checks are.
 */
export const TARGET_GROUP_ATTRIBUTES: AttributeTable = {
  'deregistration_delay.timeout_seconds': { standard: '300', values: NUMBER },
  'deregistration_delay.connection_termination.enabled': { standard: 'false' },
  'load_balancing.cross_zone.enabled': {
    standard: 'use_load_balancer_configuration',
    values: /^(true|false|use_load_balancer_configuration)$/,
  },
  'preserve_client_ip.enabled': { standard: 'false' },
  'proxy_protocol_v2.enabled': { standard: 'false' },
  'stickiness.enabled': { standard: 'false', values: FLAG },
  'stickiness.type': { standard: 'source_ip' },
  'target_group_health.dns_failover.minimum_healthy_targets.count': { standard: '1', values: NUMBER },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': { standard: 'off', values: NUMBER },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': {
    standard: '1',
    values: NUMBER,
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': {
    standard: 'off',
    values: NUMBER,
  },
  'target_health_state.unhealthy.connection_termination.enabled': { standard: 'true', values: FLAG },
  'target_health_state.unhealthy.draining_interval_seconds': { standard: '0', values: NUMBER },
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html */
export const LISTENER_ATTRIBUTES: AttributeTable = {
  'tcp.idle_timeout.seconds': { standard: '350' },
};

/** The attributes of a new resource. */
export function standardAttributes(table: AttributeTable): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(table).map(([key, { standard }]) => [key, standard]));
}

/** The present attributes with those of the request. Throws for an unknown one, and for what Cloudcroft does not do. */
export function changeAttributes(
  table: AttributeTable,
  present: Readonly<Record<string, string>>,
  input: Input,
): Readonly<Record<string, string>> {
  const changed = { ...present };
  for (const each of input.list('Attributes')) {
    const key = each.demand('Key');
    const value = each.text('Value') ?? '';
    const attribute = Object.hasOwn(table, key) ? table[key] : undefined;
    if (attribute === undefined) throw invalid(`Load balancer attribute key '${key}' is not recognized`);
    const { standard, values } = attribute;
    if (value !== standard && values?.test(value) !== true) {
      const has = values === undefined ? `Cloudcroft has '${standard}' only` : 'it is not valid';
      throw invalid(`The attribute '${key}' cannot be '${value}': ${has}.`);
    }
    changed[key] = value;
  }
  return changed;
}

/** Attributes as a reply shows them. */
export function showAttributes(attributes: Readonly<Record<string, string>>): {
  readonly Attributes: Output;
} {
  return { Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })) };
}
