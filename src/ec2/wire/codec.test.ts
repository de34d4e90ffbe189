import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsError } from '../errors.ts';
import { DecoderCompiler } from './decode.ts';
import { EncoderCompiler } from './encode.ts';
import { renderError, renderReply } from './envelope.ts';
import { loadModel } from './model.ts';
import { growTree, parseParameters } from './query.ts';
import { escapeXml } from './xml.ts';

const model = loadModel();
const decoders = new DecoderCompiler(model);
const encoders = new EncoderCompiler(model);

function decode(action: string, query: string): unknown {
  return decoders.compile(model.operation(action)?.input)(growTree(parseParameters(query)));
}

function refusalOf(run: () => unknown): string {
  try {
    return `no error but ${JSON.stringify(run())}`;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('requests', () => {
  test.each<[string, string, unknown]>([
    ['DescribeVpcs', '', {}],
    ['DescribeVpcs', 'VpcId.1=vpc-1&VpcId.2=vpc-2', { VpcIds: ['vpc-1', 'vpc-2'] }],
    ['DescribeVpcs', 'VpcId.10=c&VpcId.2=b&VpcId.1=a', { VpcIds: ['a', 'b', 'c'] }],
    ['DescribeVpcs', 'VpcId=', { VpcIds: [] }],
    ['DescribeVpcs', 'MaxResults=5&DryRun=TRUE', { MaxResults: 5, DryRun: true }],
    [
      'DescribeVpcs',
      'Filter.1.Name=tag%3AName&Filter.1.Value.1=a+b&Filter.1.Value.2=%E6%BC%A2',
      { Filters: [{ Name: 'tag:Name', Values: ['a b', '漢'] }] },
    ],
    [
      'CreateTags',
      'ResourceId.1=vpc-1&Tag.1.Key=a&Tag.1.Value=',
      { Resources: ['vpc-1'], Tags: [{ Key: 'a', Value: '' }] },
    ],
    ['GetConsoleOutput', 'InstanceId=i-1&Latest=false', { InstanceId: 'i-1', Latest: false }],
    ['DescribeVpcs', '&&NextToken=a%3Db&', { NextToken: 'a=b' }],
    [
      'CreateNetworkInsightsPath',
      'Source=i-1&Protocol=TCP&ClientToken=t',
      { Source: 'i-1', Protocol: 'tcp', ClientToken: 't' },
    ],
    [
      'ImportKeyPair',
      'KeyName=k&PublicKeyMaterial=AH%2BA%2Fw%3D%3D',
      { KeyName: 'k', PublicKeyMaterial: new Uint8Array([0, 127, 128, 255]) },
    ],
    [
      'DescribeSpotPriceHistory',
      'StartTime=2026-02-03T04:05:06&EndTime=1770091506.5',
      { StartTime: new Date('2026-02-03T04:05:06Z'), EndTime: new Date('2026-02-03T04:05:06.500Z') },
    ],
  ])('%s with %s', (action, query, input) => {
    expect(decode(action, query)).toEqual(input);
  });

  test.each([
    ['DescribeVpcs', 'Vpc=1', 'UnknownParameter: The parameter Vpc is not recognized'],
    ['DescribeVpcs', 'VpcId.one=1', 'UnknownParameter: The parameter VpcId.one is not recognized'],
    ['DescribeVpcs', 'VpcId.0=1', 'UnknownParameter: The parameter VpcId.0 is not recognized'],
    ['DescribeVpcs', 'VpcId.1.Id=1', 'UnknownParameter: The parameter VpcId.1.Id is not recognized'],
    ['DescribeVpcs', 'Filter.1.Nam=1', 'UnknownParameter: The parameter Filter.1.Nam is not recognized'],
    ['DescribeVpcs', '__proto__=1', 'UnknownParameter: The parameter __proto__ is not recognized'],
    ['DescribeVpcs', 'constructor.1=1', 'UnknownParameter: The parameter constructor is not recognized'],
    [
      'DescribeVpcs',
      'VpcId=vpc-1',
      'InvalidParameterValue: Value (vpc-1) for parameter VpcId is invalid. The parameter is a list: its items are numbered from 1.',
    ],
    [
      'DescribeVpcs',
      'MaxResults=ten',
      'InvalidParameterValue: Value (ten) for parameter MaxResults is invalid. Parameter must be an integer.',
    ],
    [
      'DescribeVpcs',
      'MaxResults=1.5',
      'InvalidParameterValue: Value (1.5) for parameter MaxResults is invalid. Parameter must be an integer.',
    ],
    [
      'DescribeVpcs',
      'DryRun=yes',
      'InvalidParameterValue: Value (yes) for parameter DryRun is invalid. Parameter must be a boolean: true or false.',
    ],
    [
      'CreateVpc',
      'InstanceTenancy=DEFAULT',
      'InvalidParameterValue: Value (DEFAULT) for parameter InstanceTenancy is invalid. The parameter may be one of: dedicated, default, host.',
    ],
    [
      'CreateVpc',
      'InstanceTenancy=shared',
      'InvalidParameterValue: Value (shared) for parameter InstanceTenancy is invalid. The parameter may be one of: dedicated, default, host.',
    ],
    [
      'ImportKeyPair',
      'KeyName=k&PublicKeyMaterial=%21',
      'InvalidParameterValue: Value (!) for parameter PublicKeyMaterial is invalid. Parameter must be encoded in base64.',
    ],
    [
      'DescribeSpotPriceHistory',
      'StartTime=soon',
      'InvalidParameterValue: Value (soon) for parameter StartTime is invalid. Parameter must be a timestamp such as 2030-01-31T12:00:00Z.',
    ],
    ['CreateSubnet', '', 'MissingParameter: The request must contain the parameter vpcId'],
    [
      'CreateVpc',
      'CidrBlock=%zz',
      'MalformedQueryString: The query string is malformed, because it has a broken percent escape.',
    ],
    [
      'CreateVpc',
      'CidrBlock=%ff',
      'MalformedQueryString: The query string is malformed, because it has a broken percent escape.',
    ],
    [
      'DescribeVpcs',
      'MaxResults=5&MaxResults=6',
      'MalformedQueryString: The query string is malformed, because the parameter MaxResults is given twice.',
    ],
    [
      'DescribeVpcs',
      'VpcId=&VpcId.1=a',
      'MalformedQueryString: The query string is malformed, because the parameter VpcId.1 is given twice.',
    ],
    [
      'DescribeVpcs',
      'VpcId.1=a&VpcId=',
      'MalformedQueryString: The query string is malformed, because the parameter VpcId is given twice.',
    ],
    [
      'DescribeVpcs',
      'a.'.repeat(40),
      'MalformedQueryString: The query string is malformed, because a parameter name has too many dots.',
    ],
    [
      'DescribeVpcs',
      'a=1&'.repeat(20_001),
      'MalformedQueryString: The query string is malformed, because it has more than 20000 parameters.',
    ],
  ])('%s: %#', (action, query, refusal) => {
    expect(refusalOf(() => decode(action, query))).toBe(refusal);
  });

  test('whatever comes, the answer is an input or an AwsError', () => {
    const name = fc.constantFrom(
      'VpcId',
      'Filter',
      '1',
      '2',
      'Name',
      'Value',
      'DryRun',
      '',
      '%',
      '__proto__',
    );
    const query = fc.array(fc.tuple(fc.array(name, { maxLength: 4 }), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(query, (pairs) => {
        const text = pairs.map(([parts, value]) => `${parts.join('.')}=${value}`).join('&');
        expect(typeof refusalOf(() => decode('DescribeVpcs', text))).toBe('string');
      }),
    );
  });

  test('any text comes through a form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const form = new URLSearchParams([['NextToken', text]]).toString();
        expect(decode('DescribeVpcs', form)).toEqual({ NextToken: text });
      }),
    );
  });
});

describe('replies', () => {
  test.each<[string, unknown, string]>([
    ['DescribeVpcs', {}, ''],
    ['DescribeVpcs', { Vpcs: [] }, '<vpcSet/>'],
    [
      'DescribeVpcs',
      { Vpcs: [{ VpcId: 'vpc-1', OwnerId: '1', IsDefault: true, Tags: [], State: undefined }] },
      '<vpcSet><item><ownerId>1</ownerId><isDefault>true</isDefault><tagSet/><vpcId>vpc-1</vpcId></item></vpcSet>',
    ],
    [
      'DescribeVpcs',
      { Vpcs: [{ VpcId: '<&>"\u0000' }] },
      '<vpcSet><item><vpcId>&lt;&amp;&gt;&quot;\ufffd</vpcId></item></vpcSet>',
    ],
    ['AttachInternetGateway', {}, '<return>true</return>'],
    ['CreateRoute', { Return: true }, '<return>true</return>'],
    [
      'GetConsoleOutput',
      { Timestamp: new Date('2026-02-03T04:05:06Z') },
      '<timestamp>2026-02-03T04:05:06.000Z</timestamp>',
    ],
  ])('%s %j', (action, output, inside) => {
    expect(encoders.compile(model.operation(action)?.output)(output)).toBe(inside);
  });

  test.each<[string, unknown, string]>([
    ['DescribeVpcs', { Vpcs: 'vpc-1' }, 'a list was expected, not string'],
    ['DescribeVpcs', { Vpcs: [{ VpcId: 1 }] }, 'a string was expected, not number'],
    ['DescribeVpcs', { Vpcs: [undefined] }, 'Vpc is no object: undefined'],
    ['GetConsoleOutput', { Timestamp: 'today' }, 'a Date was expected, not string'],
    ['CreateRoute', { Return: 'true' }, 'a boolean was expected, not string'],
  ])('%s %j is a bug', (action, output, message) => {
    expect(() => encoders.compile(model.operation(action)?.output)(output)).toThrow(message);
  });

  test('envelopes', () => {
    expect(renderReply('DeleteVpc', 'id-1', '<return>true</return>')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<DeleteVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
        '<requestId>id-1</requestId><return>true</return></DeleteVpcResponse>',
    );
    expect(
      renderError(new AwsError('InvalidVpcID.NotFound', "The vpc ID '<x>' does not exist"), 'id-1'),
    ).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>' +
        "<Message>The vpc ID '&lt;x&gt;' does not exist</Message></Error></Errors><RequestID>id-1</RequestID></Response>",
    );
  });

  test('escaped text holds nothing that XML forbids, and nothing else is changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeXml(text);
        expect(escaped).not.toMatch(/[<>"]|(?![\t\n\x7f-\x9f])\p{Cc}|&(?!(amp|lt|gt|quot|#13);)/u);
        expect(escaped.isWellFormed()).toBe(true);
        if (/^[\w .:/-]*$/.test(text)) expect(escaped).toBe(text);
      }),
    );
  });
});
