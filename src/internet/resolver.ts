import { DNS_RCODES, type DnsAnswerer, nameOfType } from '../net/dns.ts';
import { type DnsZone, lookUp, respondToDns } from '../net/dns-zone.ts';
import type { ServerContext } from './binding.ts';

/** A public resolver: answers anybody from one zone, as 8.8.8.8 does. */
export function answerFromZone(zone: DnsZone, { clock, log }: ServerContext): DnsAnswerer {
  return (bytes, { address, serverAddress, transport }) =>
    respondToDns(bytes, transport, (question) => {
      const answer = lookUp(zone, question);
      const rcode = Object.entries(DNS_RCODES).find(([, number]) => number === answer.rcode)?.[0];
      log({
        time: clock().toISOString(),
        service: 'dns',
        serverAddress,
        sourceAddress: address,
        request: `${nameOfType(question.type)} ${question.name}`,
        outcome: rcode ?? String(answer.rcode),
      });
      return answer;
    });
}
