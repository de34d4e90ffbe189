import type { Flow, FlowEnd } from '../model/flow-endpoints.ts';
import { endpointOfInterface } from '../model/interface-endpoints.ts';
import type { Hop, Obstacle, Path } from '../model/path-result.ts';
import { PolicyError, parsePolicy } from '../model/policy/document.ts';
import {
  describeDenial,
  describePermission,
  evaluatePolicy,
  type PolicyRequest,
  type Principal,
} from '../model/policy/evaluate.ts';
import type { VpcEndpoint } from '../model/records.ts';

/** What is asked of the service, as policies have it. */
export interface ServiceRequest {
  /** `s3:GetObject` */
  readonly action: string;
  /** An ARN; `*` where the action is about no resource. */
  readonly resource: string;
}

/**
 * The path with one gate more where it leads through an endpoint: the endpoint's policy, asked about a request (semantics S103).
 * What a bucket's own policy says, its S3 says: it is no part of the network.
 */
export function withEndpointPolicy(flow: Flow, path: Path, request: ServiceRequest): Path {
  const endpoint = findEndpoint(flow, path);
  if (endpoint === undefined) return path;
  const asked = policyRequestOf(flow.source, endpoint, request);
  const name = `the policy of ${endpoint.vpcEndpointId}`;
  const stage = endpoint.vpcEndpointType === 'Gateway' ? 'gateway_endpoint' : 'deliver';
  const objectIds = [endpoint.vpcEndpointId];
  const { isAllowed, sentence } = judge(endpoint.policyDocument, asked, name);
  const hop: Hop = { stage, isReply: false, isAllowed, because: sentence, objectIds };
  const turn = path.hops.findIndex(({ isReply }) => isReply);
  const hops = path.hops.toSpliced(turn === -1 ? path.hops.length : turn, 0, hop);
  if (isAllowed) return { ...path, hops };
  const obstacle: Obstacle = {
    stage,
    isReply: false,
    disposition: 'endpoint-policy',
    sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1),
    mend: `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${endpoint.vpcEndpointId} --reset-policy`,
    objectIds,
  };
  return { isAllowed: false, hops, obstacles: [...path.obstacles, obstacle] };
}

/** The endpoint that packets go by: a gateway endpoint on their way, or the interface endpoint that they are for. */
function findEndpoint({ source, destination }: Flow, { hops }: Path): VpcEndpoint | undefined {
  if (destination.kind === 'interface') return endpointOfInterface(destination.world, destination.eni);
  if (source.kind !== 'interface') return undefined;
  const ids = hops.filter(({ isReply }) => !isReply).flatMap(({ objectIds }) => objectIds);
  return ids.flatMap((id) => source.world.vpcEndpoints.get(id) ?? [])[0];
}

function judge(
  document: string,
  request: PolicyRequest,
  name: string,
): { readonly isAllowed: boolean; readonly sentence: string } {
  try {
    const policy = parsePolicy(document);
    const verdict = evaluatePolicy(policy, request);
    if (verdict.outcome === 'allowed') {
      return { isAllowed: true, sentence: `${name}: ${describePermission(policy, verdict, request)}.` };
    }
    return { isAllowed: false, sentence: `${name}: ${describeDenial(policy, verdict, request)}.` };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { isAllowed: false, sentence: `${name} is none: ${error.message}.` };
  }
}

/** The keys that a request has by its way, as the service's front sets them. */
function policyRequestOf(source: FlowEnd, endpoint: VpcEndpoint, request: ServiceRequest): PolicyRequest {
  const principal = principalOf(source);
  const address = source.kind === 'interface' ? source.privateAddress : source.address;
  return {
    ...request,
    principal,
    context: {
      'aws:SourceVpce': endpoint.vpcEndpointId,
      'aws:SourceVpc': endpoint.vpcId,
      'aws:VpcSourceIp': address,
      'aws:PrincipalAccount': principal?.account,
      'aws:PrincipalArn': principal?.arn.replace(
        /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/,
        'arn:aws:iam::$1:role/$2',
      ),
    },
  };
}

/** An instance asks as its role; without one, as somebody of its account. */
function principalOf(source: FlowEnd): Principal | undefined {
  if (source.kind !== 'interface') return undefined;
  const { account } = source.world.scope;
  const { instance } = source;
  const role = instance?.instanceProfile?.arn.split('/').at(-1);
  const arn =
    role === undefined || instance === undefined
      ? `arn:aws:iam::${account}:root`
      : `arn:aws:sts::${account}:assumed-role/${role}/${instance.instanceId}`;
  return { account, arn };
}
