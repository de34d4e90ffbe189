import type { Exported, Selection } from '../selection.ts';
import { nameConnections, writeConnections } from './connections.ts';
import { nameMachines, writeMachines } from './machines.ts';
import { nameNetworks, writeNetworks, writeRoutes } from './networks.ts';
import { nameSecurity, writeSecurity } from './security.ts';
import { Template } from './template.ts';

/**
 * The selected VPCs as a template of CloudFormation, in JSON: resources are called what their Name tags say, refer to each
 * other, and leave out what is as usual. What cannot be said stands in `Metadata.NotSaid`.
 */
export function exportCloudFormation(selection: Selection): Exported {
  const template = new Template(selection);
  // First all names: anything may refer to anything.
  for (const name of [nameNetworks, nameSecurity, nameMachines, nameConnections]) name(template);
  for (const write of [writeNetworks, writeSecurity, writeMachines, writeConnections, writeRoutes])
    write(template);
  return { text: template.render(), notes: template.notes };
}
