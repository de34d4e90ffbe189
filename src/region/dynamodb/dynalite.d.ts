declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** A DynamoDB of one region, as an HTTP server that need not listen. */
  export default function dynalite(options: {
    /** A folder of its own. */
    readonly path: string;
    readonly createTableMs: number;
    readonly deleteTableMs: number;
    readonly updateTableMs: number;
  }): Server;
}
