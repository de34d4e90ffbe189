import type { Exported, Selection } from '../selection.ts';
import { nameConnections, writeConnections } from './connections.ts';
import { Document } from './document.ts';
import { nameMachines, writeMachines } from './machines.ts';
import { nameNetworks, writeNetworks, writeRoutes } from './networks.ts';
import { nameSecurity, writeSecurity } from './security.ts';

/**
 * The selected VPCs as a Terraform configuration of the provider hashicorp/aws: resources are called what their Name tags
 * say, refer to each other, and leave out what is as usual. What cannot be said stands in comments at the top.
 */
export function exportTerraform(selection: Selection): Exported {
  const document = new Document(selection);
  // First all names: anything may refer to anything.
  for (const name of [nameNetworks, nameSecurity, nameMachines, nameConnections]) name(document);
  for (const write of [writeNetworks, writeSecurity, writeMachines, writeConnections, writeRoutes])
    write(document);
  return { text: document.render(), notes: document.notes };
}
