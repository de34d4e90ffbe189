import type { Taggable } from './records.ts';

/** A question that is kept: can this reach that? */
export interface NetworkInsightsPath extends Taggable {
  readonly networkInsightsPathId: string;
  readonly createdDate: string;
  /** Id of an instance, interface, internet gateway, peering connection, transit gateway or attachment. */
  readonly source: string;
  readonly sourceIp?: string;
  /** As `source`, or the id of an endpoint or endpoint service. Absent when only an address is asked about. */
  readonly destination?: string;
  readonly destinationIp?: string;
  readonly protocol: 'tcp' | 'udp';
  readonly destinationPort?: number;
  /** What packets must say of themselves when they leave the source. */
  readonly filterAtSource?: NetworkInsightsFilter;
  /** The same when they come to the destination. */
  readonly filterAtDestination?: NetworkInsightsFilter;
}

/** What packets must say of themselves; what is absent may be anything. */
export interface NetworkInsightsFilter {
  readonly sourceAddress?: string;
  readonly sourcePorts?: NetworkInsightsPorts;
  readonly destinationAddress?: string;
  readonly destinationPorts?: NetworkInsightsPorts;
}

export interface NetworkInsightsPorts {
  readonly from: number;
  readonly to: number;
}

/** The answer to such a question, as it was when it was asked. */
export interface NetworkInsightsAnalysis extends Taggable {
  readonly networkInsightsAnalysisId: string;
  readonly networkInsightsPathId: string;
  readonly startDate: string;
  readonly status: 'running' | NetworkInsightsOutcome['status'];
  readonly statusMessage?: string;
  readonly networkPathFound?: boolean;
  readonly findings?: string;
  /** What will be told when it no longer runs: the members above, for the worlds as they were when it was started. */
  readonly outcome?: NetworkInsightsOutcome;
  /** ARNs of what the path must pass, and of what it must not. */
  readonly filterInArns?: readonly string[];
  readonly filterOutArns?: readonly string[];
  readonly additionalAccounts?: readonly string[];
}

/** What an analysis came to. */
export interface NetworkInsightsOutcome {
  readonly status: 'succeeded' | 'failed';
  /** Why there is no answer. */
  readonly statusMessage?: string;
  readonly networkPathFound?: boolean;
  /** The components and explanations, as JSON, in the words of the API: they stay whatever becomes of the things they name. */
  readonly findings?: string;
}

/** Which paths ought not to be there. */
export interface NetworkInsightsAccessScope extends Taggable {
  readonly networkInsightsAccessScopeId: string;
  readonly createdDate: string;
  /** The paths to match and to exclude, as JSON, in the words of the request that made it. */
  readonly content: string;
}

/** The paths of a scope that were there when it was asked. */
export interface NetworkInsightsAccessScopeAnalysis extends Taggable {
  readonly networkInsightsAccessScopeAnalysisId: string;
  readonly networkInsightsAccessScopeId: string;
  readonly startDate: string;
  /** Absent while it runs. */
  readonly endDate?: string;
  readonly status: 'running' | 'succeeded' | 'failed';
  readonly statusMessage?: string;
  readonly warningMessage?: string;
  readonly analyzedEniCount: number;
  /** Each finding's components, as JSON, in the words of the API. Not to be told while it runs. */
  readonly findings: readonly string[];
}
