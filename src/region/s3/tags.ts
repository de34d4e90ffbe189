import { S3Error } from './errors.ts';
import type { Tags } from './records.ts';
import { element, textElement, xmlDocument } from './xml.ts';
import { parseXml, type XmlElement } from './xml-parser.ts';

/** Most tags of an object, and of a bucket (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html). */
export const MAX_OBJECT_TAGS = 10;
export const MAX_BUCKET_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** The tags of a `Tagging` document. Throws S3's errors for what are none. */
export function parseTagging(xml: string, limit: number): Tags {
  return readTagElements(parseXml(xml, 'Tagging').first('TagSet')?.all('Tag') ?? [], limit);
}

/** The tags of `Tag` elements. */
export function readTagElements(elements: readonly XmlElement[], limit: number): Tags {
  return makeTags(
    elements.map((tag) => [tag.textOf('Key') ?? '', tag.textOf('Value') ?? '']),
    limit,
  );
}

/** The tags of the header `x-amz-tagging`: `k=v&k2=v2`. */
export function parseTagHeader(header: string): Tags {
  return makeTags([...new URLSearchParams(header)], MAX_OBJECT_TAGS);
}

/** The `Tagging` document. */
export function renderTagging(tags: Tags): string {
  const set = Object.entries(tags).map(([key, value]) =>
    element('Tag', textElement('Key', key), textElement('Value', value)),
  );
  return xmlDocument('Tagging', element('TagSet', ...set));
}

function makeTags(pairs: readonly (readonly [string, string])[], limit: number): Tags {
  if (pairs.length > limit) {
    const what = limit === MAX_OBJECT_TAGS ? 'Object' : 'Bucket';
    throw new S3Error('BadRequest', 400, `${what} tags cannot be greater than ${limit}`);
  }
  // Not an object of our own making: a key may be called __proto__.
  const tags = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (key === '' || key.length > MAX_KEY_LENGTH) {
      throw new S3Error('InvalidTag', 400, 'The TagKey you have provided is invalid', { TagKey: key });
    }
    if (value.length > MAX_VALUE_LENGTH) {
      throw new S3Error('InvalidTag', 400, 'The TagValue you have provided is invalid', { TagValue: value });
    }
    if (/^aws:/i.test(key)) {
      throw new S3Error('InvalidTag', 400, 'System tags cannot be added/updated by requester', {
        TagKey: key,
      });
    }
    if (tags.has(key)) {
      throw new S3Error('InvalidTag', 400, 'Cannot provide multiple Tags with the same key', { TagKey: key });
    }
    tags.set(key, value);
  }
  return Object.fromEntries(tags);
}
