import type { World } from '../../model/world.ts';
import { hasPorts, PROTOCOL_NUMBERS } from '../../net/flow.ts';
import { answerReach, type Reach, type ReachQuestion } from './answer.ts';
import type { ReachMatrix } from './matrix.ts';
import { type AskedService, isReached, renderMatrix, renderReached, renderServices } from './text.ts';

/** The question of `croft reach`. */
export interface ReachRequest extends ReachQuestion {
  /** Undefined asks about every service. */
  readonly port: number | undefined;
  /** `tcp`, `udp`, `icmp` or a number; undefined is TCP where a port is asked about, else every protocol. */
  readonly protocol: string | undefined;
}

/** The answer, in words and as data. */
export interface ReachReport {
  readonly lines: readonly string[];
  readonly reaches: readonly (Reach & { readonly isReached: boolean })[];
}

/**
 * Who reaches whom, for which services, or by one service. Throws an Error with a sentence for people when the question
 * names something unknown.
 */
export function reportReach(
  worlds: readonly World[],
  matrix: ReachMatrix,
  request: ReachRequest,
): ReachReport {
  const asked = readService(request);
  const reaches = answerReach(worlds, matrix, request);
  if (asked === undefined) {
    return {
      lines: renderServices(reaches, matrix.spaces.protocols),
      reaches: reaches.map((each) => ({ ...each, isReached: (each.services?.length ?? 0) > 0 })),
    };
  }
  return {
    lines: renderMatrix(reaches, asked) ?? renderReached(reaches, asked),
    reaches: reaches.map((each) => ({ ...each, isReached: isReached(each, asked) })),
  };
}

function readService({ port, protocol }: ReachRequest): AskedService | undefined {
  if (port === undefined && protocol === undefined) return undefined;
  const word = protocol?.toLowerCase() ?? 'tcp';
  const number = PROTOCOL_NUMBERS[word] ?? (/^\d{1,3}$/.test(word) ? Number(word) : 256);
  if (number > 255)
    throw new Error(`"${protocol}" is not a protocol: it is tcp, udp, icmp, or a number from 0 to 255.`);
  if (!hasPorts(number)) return { protocol: number, port: 0 };
  if (port === undefined) throw new Error(`Which port of ${word}? Say it by --port.`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${port} is not a port: ports go from 0 to 65535.`);
  }
  return { protocol: number, port };
}
