/** The daemon's answer to `POST /import/aws`. */
export interface ImportReply {
  readonly account: string;
  readonly region: string;
  /** How many files were read. */
  readonly files: number;
  /** By table of the world: `vpcs`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Instances that run. */
  readonly running: number;
  /** Whether nothing boots: it is there to be asked about. */
  readonly isAnalysedOnly: boolean;
  readonly notes: readonly { readonly kind: 'left out' | 'missing' | 'assumed'; readonly sentence: string }[];
  /** What was kept aside, by the member of AWS's reply that it was in. */
  readonly asides: readonly { readonly member: string; readonly count: number; readonly why: string }[];
  /** The file that has all notes, and what was kept aside, as it came. */
  readonly record: string;
}
