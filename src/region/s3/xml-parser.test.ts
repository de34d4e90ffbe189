import { describe, expect, test } from 'vitest';
import { S3Error } from './errors.ts';
import { parseXml, type XmlElement } from './xml-parser.ts';

/** `name{children}` or `name=text`. */
function show({ name, children, text }: XmlElement): string {
  return children.length === 0 ? `${name}=${text}` : `${name}{${children.map(show).join(' ')}}`;
}

describe('a request’s XML', () => {
  test.each([
    ['<A/>', 'A='],
    ['<?xml version="1.0"?>\n<A xmlns="x"><B>1</B><B k=\'v\'>2</B></A>\n', 'A{B=1 B=2}'],
    ['<s3:A xmlns:s3="x"><s3:B>1</s3:B></s3:A>', 'A{B=1}'],
    ['<A><!-- <B>no</B> --><B><![CDATA[<&]]>x</B></A>', 'A{B=<&x}'],
    ['<A>&amp;&lt;&#65;&#x42;&quot;</A>', 'A=&<AB"'],
    ['<A >  spaces  </A >', 'A=  spaces  '],
  ])('%s', (text, shown) => {
    expect(show(parseXml(text, 'A'))).toBe(shown);
  });

  test.each([
    ['nothing', ''],
    ['another root', '<B/>'],
    ['no end', '<A>'],
    ['an end too much', '<A/></A>'],
    ['ends crossed', '<A><B></A></B>'],
    ['two roots', '<A/><A/>'],
    ['text around', 'x<A/>'],
    ['a document type', '<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>'],
    ['an entity of its own', '<A>&x;</A>'],
    ['a bare ampersand', '<A>a & b</A>'],
    ['no character', '<A>&#x110000;</A>'],
    ['a tag within a tag', '<A <B>></A>'],
    ['a nest', '<A>'.repeat(100) + '</A>'.repeat(100)],
  ])('is refused: %s', (_, text) => {
    expect(() => parseXml(text, 'A')).toThrow(S3Error);
  });

  test('long rubbish is refused at once', () => {
    for (const piece of ['<A ', '<A a="', '&', '<!--', '<![CDATA[', '<?']) {
      expect(() => parseXml(piece.repeat(100_000), 'A')).toThrow(S3Error);
    }
  });
});
