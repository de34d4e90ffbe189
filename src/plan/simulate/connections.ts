import { answerTo, type Packet } from './packet.ts';

/** A connection that a machine remembers: how its packets look to it, and how the answers will. */
export interface Connection {
  readonly original: Packet;
  /** The answers, as they come: addressed to what the packets became after source NAT. */
  reply: Packet;
  hasReply: boolean;
  mark: number;
}

/** What connection tracking says of a packet. */
export interface Sighting {
  readonly state: 'new' | 'established' | 'invalid';
  readonly connection: Connection | undefined;
  readonly isReply: boolean;
}

/** A machine's connection tracking. */
export class Connections {
  readonly #known: Connection[] = [];

  look(packet: Packet): Sighting {
    for (const connection of this.#known) {
      if (isSameTuple(connection.reply, packet)) {
        connection.hasReply = true;
        return { state: 'established', connection, isReply: true };
      }
      if (isSameTuple(connection.original, packet)) {
        return { state: connection.hasReply ? 'established' : 'new', connection, isReply: false };
      }
    }
    return { state: packet.isReply ? 'invalid' : 'new', connection: undefined, isReply: false };
  }

  /** Remembers a connection whose first packet got through, as it came, as it left, and as rules marked it. */
  confirm(original: Packet, translated: Packet, mark: number): void {
    this.#known.push({ original, reply: answerTo(translated), hasReply: false, mark });
  }

  forget(): void {
    this.#known.length = 0;
  }
}

function isSameTuple(one: Packet, other: Packet): boolean {
  return (
    one.protocol === other.protocol &&
    one.source === other.source &&
    one.destination === other.destination &&
    one.sourcePort === other.sourcePort &&
    one.destinationPort === other.destinationPort &&
    // An echo's type tells question from answer.
    one.icmp === other.icmp
  );
}
