import type { Hop, Path } from '../model/path-result.ts';
import { STAGES, titleOf } from '../model/stages.ts';
import { wrapCommand, wrapText } from './text.ts';

/** The width of the titles' column: the longest of them. */
export const TITLE_WIDTH = Math.max(...STAGES.map(({ title }) => title.length));

/** The verdict, each hop there and back with its mark, and what would mend the obstacles. */
export function renderPath(verdict: string, path: Path): string[] {
  const there = path.hops.filter(({ isReply }) => !isReply);
  const back = path.hops.filter(({ isReply }) => isReply);
  return [
    ...wrapText(verdict, ''),
    '',
    ...there.flatMap(renderHop),
    ...(back.length === 0 ? [] : ['  and back:']),
    ...back.flatMap(renderHop),
    ...renderObstacles(path),
  ];
}

/** The verdict and the obstacles. */
export function renderBrief(verdict: string, path: Path): string[] {
  return [...wrapText(verdict, ''), ...renderObstacles(path)];
}

function renderHop({ isAllowed, stage, because }: Hop): string[] {
  const head = `  ${isAllowed ? '✓' : '✗'} ${titleOf(stage).padEnd(TITLE_WIDTH)}  `;
  return wrapText(head + because, ' '.repeat(head.length));
}

/** Each obstacle, with what mends it. */
export function renderObstacles({ obstacles }: Path): string[] {
  return obstacles.flatMap(({ sentence, mend }, index) => [
    '',
    ...wrapText(`${index + 1}. ${sentence}`, '   '),
    ...(mend === undefined ? [] : wrapCommand(`   mend: ${mend}`, '     ')),
  ]);
}
