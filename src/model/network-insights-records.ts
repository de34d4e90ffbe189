import type { Taggable } from './records.ts';

/** A question that is kept: can this reach that? */
export interface NetworkInsightsPath extends Taggable {
  readonly networkInsightsPathId: string;
  readonly createdDate: string;
  /** Id of an instance or interface. */
  readonly source: string;
  readonly sourceIp?: string;
  /** Absent when only an address is asked about. */
  readonly destination?: string;
  readonly destinationIp?: string;
  readonly protocol: 'tcp' | 'udp';
  readonly destinationPort?: number;
}

/** The answer to such a question, as it was when it was asked. */
export interface NetworkInsightsAnalysis extends Taggable {
  readonly networkInsightsAnalysisId: string;
  readonly networkInsightsPathId: string;
  readonly startDate: string;
  readonly status: 'succeeded' | 'failed';
  /** Why there is no answer. */
  readonly statusMessage?: string;
  readonly networkPathFound?: boolean;
  readonly forwardComponentIds: readonly string[];
  readonly returnComponentIds: readonly string[];
  readonly explanations: readonly NetworkInsightsExplanation[];
}

/** One thing that stands in the way. */
export interface NetworkInsightsExplanation {
  readonly explanationCode: string;
  readonly direction: 'egress' | 'ingress';
  readonly componentId?: string;
}
