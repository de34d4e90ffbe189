import type { TransitGatewayVpcAttachment } from '../model/transit-gateway-records.ts';
import { isAttachmentOpen, isTransitGatewayOpen } from '../model/transit-gateway-routes.ts';
import type { World } from '../model/world.ts';
import type { Link } from './machine.ts';
import { FAR_END, FAR_MAC, linkName, ROUTER_MAC, TRANSIT_MTU } from './places.ts';

/** The open attachments of a VPC to transit gateways that have a machine, by ordinal. */
export function transitEndsOf(world: World, vpcId: string): TransitGatewayVpcAttachment[] {
  return world.transitGatewayVpcAttachments
    .where('vpcId', vpcId)
    .filter((attachment) => {
      const gateway = world.transitGateways.get(attachment.transitGatewayId);
      return isAttachmentOpen(attachment) && gateway !== undefined && isTransitGatewayOpen(gateway);
    })
    .toSorted((a, b) => a.ordinal - b.ordinal);
}

/** The name of an attachment's link, the same in the VPC's router and in the transit gateway. */
export function transitLinkName(attachment: TransitGatewayVpcAttachment): string {
  return linkName('t', attachment.transitGatewayAttachmentId);
}

/** The VPC's end of an attachment. Its group is the attachment's own, which no subnet has. */
export function transitLink(attachment: TransitGatewayVpcAttachment): Link {
  return {
    name: transitLinkName(attachment),
    peer: { machine: attachment.transitGatewayId, name: transitLinkName(attachment) },
    mac: ROUTER_MAC,
    mtu: TRANSIT_MTU,
    group: attachment.ordinal,
    alias: attachment.transitGatewayAttachmentId,
    addresses: [],
    neighbours: [{ address: FAR_END, mac: FAR_MAC }],
  };
}
