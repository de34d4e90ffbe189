/** Something about an import that its user must know: what was assumed, what is missing, what was left out. */
export interface Note {
  /** `left out`: it is not in the world. `missing`: something refers to it, and it is in no file. `assumed`: the files do not say. */
  readonly kind: 'left out' | 'missing' | 'assumed';
  readonly sentence: string;
}

/** What the world has no place for, as it came. */
export interface Aside {
  /** The member of AWS's reply that it was in: `LoadBalancers`. */
  readonly member: string;
  readonly file: string;
  readonly why: string;
  readonly value: unknown;
}

/** What an import has to tell, gathered on the way. */
export class Report {
  readonly notes: Note[] = [];
  readonly asides: Aside[] = [];

  /** Tells something, once. */
  tell(kind: Note['kind'], sentence: string): void {
    if (this.notes.some((note) => note.sentence === sentence)) return;
    this.notes.push({ kind, sentence });
  }

  /** Keeps what the world has no place for. */
  setAside(aside: Aside): void {
    this.asides.push(aside);
  }
}
