import { importConnections } from './connections.ts';
import { type Dump, DumpError } from './dump.ts';
import { importExtras } from './extras.ts';
import { importInstances } from './instances.ts';
import { importInterfaces } from './interfaces.ts';
import { importNetworks } from './networks.ts';
import { tellMissing } from './references.ts';
import { importRoutes } from './routes.ts';
import { importSecurity } from './security.ts';
import type { Target } from './target.ts';
import { importTransitGateways } from './transit-gateways.ts';

/**
 * Fills an empty world from a dump: ids, addresses, tags and times stay as they are. What the world has no place for is kept
 * aside in the dump's report, what is missing or was assumed is told there. A missing referent lets nothing through.
 * Throws a DumpError where there is no VPC, without which nothing else has a place.
 * With `isAnalysedOnly` nothing of it boots, and no packet flows: it is there to be asked about.
 */
export function importDump(dump: Dump, target: Target, { isAnalysedOnly = false } = {}): void {
  importNetworks(dump, target);
  if (target.vpcs.size === 0) {
    const [first] = dump.report.notes;
    throw new DumpError(
      'These files have no VPC.',
      first?.sentence ?? 'Add the reply of `aws ec2 describe-vpcs`.',
    );
  }
  importRoutes(dump, target);
  importSecurity(dump, target);
  importInterfaces(dump, target);
  importInstances(dump, target);
  importConnections(dump, target);
  importTransitGateways(dump, target);
  importExtras(dump, target);
  if (isAnalysedOnly)
    for (const vpc of [...target.vpcs.values()]) target.vpcs.put({ ...vpc, isAnalysedOnly });
  dump.setRestAside();
  tellMissing(target, dump.report);
}
