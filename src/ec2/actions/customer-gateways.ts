import type {
  CreateCustomerGatewayRequest,
  CreateCustomerGatewayResult,
  DeleteCustomerGatewayRequest,
  DescribeCustomerGatewaysRequest,
  DescribeCustomerGatewaysResult,
  CustomerGateway as WireGateway,
} from '@aws-sdk/client-ec2';
import type { CustomerGateway } from '../../model/gateway-records.ts';
import { parseIpv4 } from '../../net/address.ts';
import { parseIpv6 } from '../../net/ipv6.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

/** The number of a customer's network when none is said. */
const DEFAULT_ASN = 65_000;
/** The highest number that `BgpAsn` takes; `BgpAsnExtended` takes those above. */
const HIGHEST_ASN = 2_147_483_647;
const HIGHEST_EXTENDED_ASN = 4_294_967_295;

const listing: Listing<CustomerGateway> = {
  ...kinds.customerGateway,
  filters: {
    'bgp-asn': ({ bgpAsn, bgpAsnExtended }) => bgpAsn ?? bgpAsnExtended,
    'customer-gateway-id': 'customerGatewayId',
    'ip-address': 'ipAddress',
    state: 'state',
    type: 'type',
  },
};

/** Customer gateways: what AWS is told of the user's own router. */
export const customerGatewayActions = {
  CreateCustomerGateway(
    { tx, newId }: ActionContext,
    input: CreateCustomerGatewayRequest,
  ): CreateCustomerGatewayResult {
    const tags = readTagSpecifications(input.TagSpecifications, 'customer-gateway');
    const wish = { ...readType(input.Type), ...readAsn(input), ...readPlace(input) };
    const known = [...tx.customerGateways.values()].find(
      (gateway) => gateway.state === 'available' && keyOf(gateway) === keyOf(wish),
    );
    // As AWS: the same router told twice is one gateway.
    if (known !== undefined) return { CustomerGateway: showGateway(known) };
    const gateway: CustomerGateway = { customerGatewayId: newId('cgw'), state: 'available', ...wish, tags };
    tx.customerGateways.put(gateway);
    return { CustomerGateway: showGateway(gateway) };
  },

  DeleteCustomerGateway({ tx, now }: ActionContext, input: DeleteCustomerGatewayRequest): undefined {
    const gateway = findResource(tx, kinds.customerGateway, input.CustomerGatewayId, 'customerGatewayId');
    if (gateway.state === 'deleted') throw errors.noSuchCustomerGateway(gateway.customerGatewayId);
    tx.customerGateways.put({ ...gateway, state: 'deleted', deleteTime: now.toISOString() });
  },

  DescribeCustomerGateways(
    { tx }: ActionContext,
    input: DescribeCustomerGatewaysRequest,
  ): DescribeCustomerGatewaysResult {
    const { Filters, CustomerGatewayIds: ids } = input;
    const { records } = listRecords(tx.customerGateways, tx, listing, { Filters, ids });
    return { CustomerGateways: records.map(showGateway) };
  },
};

type Wish = Omit<CustomerGateway, 'customerGatewayId' | 'state' | 'tags' | 'deleteTime'>;

function keyOf({ type, bgpAsn, bgpAsnExtended, ipAddress, certificateArn, deviceName }: Wish): string {
  return JSON.stringify([type, bgpAsn, bgpAsnExtended, ipAddress, certificateArn, deviceName]);
}

function readType(type: string | undefined): Pick<Wish, 'type'> {
  if (type === undefined) throw errors.missingParameter('type');
  if (type !== 'ipsec.1') throw errors.invalidValue(type, 'type', "The only valid value is 'ipsec.1'.");
  return { type };
}

function readAsn({ BgpAsn, BgpAsnExtended }: CreateCustomerGatewayRequest) {
  if (BgpAsn !== undefined && BgpAsnExtended !== undefined) {
    throw errors.invalidParameterCombination(
      'The parameters bgpAsn and bgpAsnExtended cannot be used together',
    );
  }
  if (BgpAsnExtended !== undefined) {
    checkRange('bgpAsnExtended', BgpAsnExtended, HIGHEST_ASN + 1, HIGHEST_EXTENDED_ASN);
    return { bgpAsnExtended: String(BgpAsnExtended) };
  }
  const number = BgpAsn ?? DEFAULT_ASN;
  checkRange('bgpAsn', number, 1, HIGHEST_ASN);
  return { bgpAsn: String(number) };
}

function checkRange(parameter: string, number: number, lowest: number, highest: number): void {
  if (Number.isInteger(number) && number >= lowest && number <= highest) return;
  throw errors.invalidValue(number, parameter, `The number must be between ${lowest} and ${highest}.`);
}

function readPlace({ IpAddress, PublicIp, CertificateArn, DeviceName }: CreateCustomerGatewayRequest) {
  const ipAddress = IpAddress ?? PublicIp;
  if (ipAddress === undefined && CertificateArn === undefined) throw errors.missingParameter('ipAddress');
  if (ipAddress !== undefined && parseIpv4(ipAddress) === undefined && parseIpv6(ipAddress) === undefined) {
    throw errors.invalidValue(ipAddress, 'ipAddress', 'The address is not a valid IP address.');
  }
  return {
    ...(ipAddress === undefined ? {} : { ipAddress }),
    ...(CertificateArn === undefined ? {} : { certificateArn: CertificateArn }),
    ...(DeviceName === undefined ? {} : { deviceName: DeviceName }),
  };
}

function showGateway(gateway: CustomerGateway): WireGateway {
  return {
    CustomerGatewayId: gateway.customerGatewayId,
    State: gateway.state,
    Type: gateway.type,
    BgpAsn: gateway.bgpAsn,
    BgpAsnExtended: gateway.bgpAsnExtended,
    IpAddress: gateway.ipAddress,
    CertificateArn: gateway.certificateArn,
    DeviceName: gateway.deviceName,
    Tags: showTags(gateway),
  };
}
