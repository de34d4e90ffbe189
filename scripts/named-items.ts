import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SEMANTICS, WITHOUT_TEST } from './semantics.ts';

/** A text in quotes that begins with numbers of items: `'S63 a reply …'`, `"S98 S99 a bucket …"`. */
const LABELLED = /(['"`])(S\d+(?:,? S\d+)*):? [^\n]*?\1/g;

/** Elsewhere in a name S3 is the service. */
const S3 = 3;

/** The items that the names of tests quote: by number the files, in order, paths below `root` with slashes. */
export function findNamedItems(root: string): ReadonlyMap<number, readonly string[]> {
  const named = new Map<number, Set<string>>();
  for (const folder of ['src', 'test']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (!name.endsWith('.test.ts')) continue;
      const path = join(root, folder, name);
      for (const number of itemsIn(readFileSync(path, 'utf8'))) {
        const files = named.get(number) ?? new Set();
        named.set(number, files.add(relative(root, path).split(sep).join('/')));
      }
    }
  }
  return new Map([...named].map(([number, files]) => [number, [...files]]));
}

/** The items that the names of tests in a text quote. */
export function itemsIn(text: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const [literal, , label = ''] of text.matchAll(LABELLED)) {
    for (const number of numbersIn(label)) numbers.add(number);
    for (const number of numbersIn(literal)) if (number !== S3) numbers.add(number);
  }
  return numbers;
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\bS(\d+)\b/g)].map(([, digits]) => Number(digits));
}

/** What is wrong with the checklist: an item without a test or a reason, a reason that is none any more, an unknown number. */
export function judgeItems(named: ReadonlyMap<number, readonly string[]>): readonly string[] {
  const count = SEMANTICS.flatMap(({ items }) => items).length;
  const faults: string[] = [];
  for (let number = 1; number <= count; number++) {
    const reason = WITHOUT_TEST[number];
    if (named.has(number) && reason !== undefined) {
      faults.push(`S${number} is named by ${named.get(number)?.join(', ')}: take it out of WITHOUT_TEST.`);
    } else if (!named.has(number) && reason === undefined) {
      faults.push(
        `S${number} is named by no test: name it, or say in WITHOUT_TEST of scripts/semantics.ts why not.`,
      );
    }
  }
  for (const [number, files] of named) {
    if (number < 1 || number > count) faults.push(`S${number}, named by ${files.join(', ')}, is no item.`);
  }
  return faults;
}
