import type { MetRule, Passage, ProbeAnswer, Step } from '../model/passage.ts';
import type { Hop, Path } from '../model/path-result.ts';
import { titleOf } from '../model/stages.ts';
import { describePackets } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import type { Answer } from './explain.ts';
import { renderObstacles, TITLE_WIDTH } from './path-text.ts';
import { wrapText } from './text.ts';

/** How far a real packet came: answered; arrived, and whoever got it said nothing; or stopped on the way. */
type Reach = 'answered' | 'arrived' | 'stopped';

/** A real packet's fate. */
export interface Live {
  readonly reach: Reach;
  /** In words, for the last line. */
  readonly sentence: string;
  /** Where it, or the answer to it, was seen last; undefined when it was answered. */
  readonly stop: Step | undefined;
  readonly passage: Passage;
}

/** The model's verdict and the real packet's, side by side. */
export interface Trace {
  /** Whether the packet came to where it was sent. */
  readonly isReached: boolean;
  /** Whether model and kernel say the same; if not, Cloudcroft has a defect. */
  readonly isAgreed: boolean;
  /** At most 100 columns, but for a rule's text that has no space to be broken at. */
  readonly lines: readonly string[];
  readonly result: {
    readonly verdict: string;
    readonly isAllowed: boolean;
    readonly isReached: boolean;
    readonly isAgreed: boolean;
    readonly model: Path;
    readonly live: Live;
  };
}

/** Holds what became of a real packet against what the model says of its flow. */
export function compareTrace({ flow, path, verdict }: Answer, passage: Passage): Trace {
  const live = judge(passage);
  const isReached = live.reach !== 'stopped';
  const isAgreed = agrees(path, live);
  const lines = [
    ...wrapText(verdict, ''),
    '',
    ...renderHops(path, live),
    ...renderStop(live, path),
    ...renderRules(passage.rules, live.stop),
    ...renderObstacles(path),
    '',
    ...renderVerdicts(path, live, isAgreed, describePackets(flow)),
  ];
  const { isAllowed } = path;
  return {
    isReached,
    isAgreed,
    lines,
    result: { verdict, isAllowed, isReached, isAgreed, model: path, live },
  };
}

function judge(passage: Passage): Live {
  const { answer } = passage;
  const steps = markLoss(passage);
  const marked = { ...passage, steps };
  if (answer !== undefined && isFromGoal(answer)) {
    return { reach: 'answered', sentence: describeAnswer(answer), stop: undefined, passage: marked };
  }
  const last = steps.at(-1);
  if (last?.stage === 'arrival' && !last.isReply) {
    return {
      reach: 'arrived',
      sentence: `it arrived at ${last.label}, which says nothing`,
      stop: last,
      passage: marked,
    };
  }
  return { reach: 'stopped', sentence: describeStop(passage, last), stop: last, passage: marked };
}

function describeStop({ answer, unsent, waitedMilliseconds }: Passage, last: Step | undefined): string {
  if (unsent !== undefined) return `not sent: ${unsent}`;
  if (answer !== undefined) return describeAnswer(answer);
  // A rule that drops is heard of at once.
  if (last?.isPassed === false && last.stage !== 'route')
    return last.isReply ? 'its answer dropped' : 'dropped';
  return `no answer in ${(waitedMilliseconds / 1000).toFixed(1)} s`;
}

/** What is seen last at a routing decision, and nowhere else, had no way on: the kernel drops that without a rule. */
function markLoss({ answer, steps }: Passage): readonly Step[] {
  const last = steps.at(-1);
  if (answer !== undefined || last?.stage !== 'route') return steps;
  return [...steps.slice(0, -1), { ...last, isPassed: false }];
}

/** What ICMP's errors of the one code, and of the other, say that nobody there listens to. */
const NOBODY_LISTENS: Readonly<Record<number, string>> = { 2: 'protocol', 3: 'port' };
const NOBODY_LISTENS_IPV6: Readonly<Record<number, string>> = { 4: 'port' };

/** What an unreachable destination is, where it is one that was reached and has nobody who listens. */
function unreachedPart({ address, code }: ProbeAnswer): string | undefined {
  return (isIpv6(address) ? NOBODY_LISTENS_IPV6 : NOBODY_LISTENS)[code];
}

function isFromGoal(answer: ProbeAnswer): boolean {
  if (answer.kind === 'expired') return false;
  return answer.kind !== 'unreachable' || unreachedPart(answer) !== undefined;
}

function describeAnswer(answer: ProbeAnswer): string {
  const { kind, address, code, milliseconds } = answer;
  const from = `from ${address} in ${milliseconds.toFixed(1)} ms`;
  const nobody = 'nobody listens there, but the network carries it';
  const icmp = isIpv6(address) ? 'ICMPv6' : 'ICMP';
  switch (kind) {
    case 'syn-ack':
      return `SYN-ACK ${from}`;
    case 'rst':
      return `RST ${from}: ${nobody}`;
    case 'datagram':
      return `a datagram ${from}`;
    case 'echo-reply':
      return `echo reply ${from}`;
    case 'packet':
      return `an answer ${from}`;
    case 'expired':
      return `${icmp} time exceeded ${from}: it goes round`;
    case 'unknown-protocol':
      return `${icmp} unrecognized next header ${from}: ${nobody}`;
    case 'unreachable': {
      const part = unreachedPart(answer);
      return part === undefined
        ? `${icmp} unreachable (code ${code}) ${from}`
        : `${icmp} ${part} unreachable ${from}: ${nobody}`;
    }
  }
}

/**
 * An answer proves both ways. Without one, what arrived proves the way there, and that nothing came back is the
 * receiver's business: many servers are silent. What a rule dropped must be an obstacle that the model names, too. Where
 * packets may take several ways the model names one that is shut, and the real one may have taken another.
 */
function agrees({ isAllowed, isOneOfSeveral, obstacles }: Path, { reach, stop }: Live): boolean {
  if (isOneOfSeveral === true && !isAllowed) return true;
  if (reach === 'answered') return isAllowed;
  if (reach === 'arrived') return obstacles.every(({ isReply, stage }) => isReply || stage === 'deliver');
  if (isAllowed) return false;
  if (stop === undefined || stop.isPassed || stop.stage === undefined) return true;
  return obstacles.some(({ stage, isReply }) => stage === stop.stage && isReply === stop.isReply);
}

/** The model's hops with the step of the real packet that each stands for, if it was met. */
function pairHops(hops: readonly Hop[], steps: readonly Step[]): { hop: Hop; step: Step | undefined }[] {
  const rest = [...steps];
  return hops.map((hop) => {
    const index = rest.findIndex(
      ({ stage, isReply }) =>
        isReply === hop.isReply && (stage === 'arrival' ? 'deliver' : stage) === hop.stage,
    );
    const [step] = index === -1 ? [] : rest.splice(index, 1);
    return { hop, step };
  });
}

const MARKS = { passed: '✓', dropped: '✗', unseen: '·' } as const;

function renderHops(path: Path, { passage }: Live): string[] {
  const paired = pairHops(
    path.hops,
    // Of a router's `deliver` the model says nothing: it means that somebody got it.
    passage.steps.filter(({ stage, chain }) => !(stage === 'deliver' && chain === 'deliver')),
  );
  const line = ({ hop, step }: (typeof paired)[number]): string[] => {
    const live = step === undefined ? MARKS.unseen : step.isPassed ? MARKS.passed : MARKS.dropped;
    const model = hop.isAllowed ? MARKS.passed : MARKS.dropped;
    const head = `  ${model}     ${live}    ${titleOf(hop.stage).padEnd(TITLE_WIDTH)}  `;
    return wrapText(head + hop.because, ' '.repeat(head.length));
  };
  const there = paired.filter(({ hop }) => !hop.isReply);
  const back = paired.filter(({ hop }) => hop.isReply);
  return [
    '  model live',
    ...there.flatMap(line),
    ...(back.length === 0 ? [] : ['  and back:']),
    ...back.flatMap(line),
  ];
}

function renderStop({ reach, stop }: Live, path: Path): string[] {
  if (reach !== 'stopped') return [];
  if (stop === undefined) return ['', 'The packet was seen nowhere.'];
  const what = stop.isReply ? 'The answer' : 'The packet';
  const { label, chain } = stop;
  const named = path.obstacles.find(({ stage, isReply }) => stage === stop.stage && isReply === stop.isReply);
  const why = named === undefined ? '' : `: obstacle ${path.obstacles.indexOf(named) + 1} below`;
  if (stop.stage === undefined)
    return ['', ...wrapText(`${what} was dropped in ${label} by the chain ${chain}.`, '')];
  switch (stop.stage) {
    case 'departure':
      return ['', ...wrapText(`${what} left ${label} and was seen nowhere else.`, '')];
    case 'transit':
    case 'arrival':
      return ['', ...wrapText(`${what} came to ${label}, and no further.`, '')];
    case 'route':
      return ['', ...wrapText(`${what} came to ${label}, which has no way on for it${why}.`, '')];
    default: {
      const did = stop.isPassed ? 'was seen last' : 'was dropped';
      return ['', ...wrapText(`${what} ${did} in ${label} at the stage “${titleOf(stop.stage)}”${why}.`, '')];
    }
  }
}

/** The rules whose counters moved, and the one that dropped the packet, with how many packets met each. */
function renderRules(rules: readonly MetRule[], stop: Step | undefined): string[] {
  const isStop = ({ machine, handle }: MetRule): boolean =>
    stop?.isPassed === false && machine === stop.machine && handle === stop.handle;
  const shown = rules.filter((rule) => rule.packets !== undefined || isStop(rule));
  if (shown.length === 0) return [];
  return [
    '',
    'Rules that moved:',
    ...shown.flatMap(({ machine, chain, text, moved, packets }) => {
      const count = packets === undefined ? `+${moved}` : `+${moved} to ${packets}`;
      return wrapText(`  ${count} in ${machine}, chain ${chain}: ${text}`, '    ');
    }),
  ];
}

function renderVerdicts({ isAllowed }: Path, live: Live, isAgreed: boolean, what: string): string[] {
  const model = `model: ${isAllowed ? 'allowed' : 'blocked'}`;
  const both = `${model} · live: ${live.sentence} · ${isAgreed ? 'they agree' : 'THEY DISAGREE'}`;
  if (isAgreed) return wrapText(both, '  ');
  return [
    ...wrapText(both, '  '),
    ...wrapText(
      `This is a defect of Cloudcroft’s about ${what}, not of your network. Please report it, with what this command prints with --json and the file of \`croft state export\`.`,
      '  ',
    ),
  ];
}
