import fc from 'fast-check';
import { chatAnswers, responseAnswers } from '../answers';
import { LAST_CHUNK, STREAM_HEAD } from '../wire';
import { CLOSE_DELIMITED_HEAD, lengthHead } from './bytes';
import { END, RESET, STALL, type Step } from './FaultServer';

/** What comes behind the last byte that is sent. */
const ENDS = ['end', 'reset', 'stall'] as const;
const FRAMINGS = ['chunked', 'length', 'connection', 'connection'] as const;
const LINE_ENDS = ['\n', '\n', '\r\n', '\r'];

/** A valid stream, and how much of it is sent in which way. */
export interface WireRun {
  endpoint: 'chat' | 'responses';
  /** All chunks of the answer. */
  chunks: any[];
  /** The events, as they would be sent in full. */
  body: Uint8Array;
  framing: (typeof FRAMINGS)[number];
  /** The sizes of the HTTP chunks, in turn. */
  sizes: number[];
  /** Where the writes are cut, and where the last one ends; each a part of the whole. */
  writes: number[];
  extent: number;
  end: (typeof ENDS)[number];
}

const streams = fc.oneof(
  fc
    .tuple(chatAnswers, fc.boolean())
    .map(([chunks, hasMark]) => ({ endpoint: 'chat' as const, chunks, mark: hasMark ? ['[DONE]'] : [] })),
  responseAnswers.map((chunks) => ({ endpoint: 'responses' as const, chunks, mark: [] })),
);

/** A part of a whole: its end and its beginning come often. */
const part = fc.oneof(
  { weight: 4, arbitrary: fc.nat(1_000).map((place) => place / 1_000) },
  { weight: 1, arbitrary: fc.constant(1) },
);

export const wireRuns: fc.Arbitrary<WireRun> = fc
  .record({
    stream: streams,
    lineEnd: fc.constantFrom(...LINE_ENDS),
    opening: fc.constantFrom('', '\u{feff}', ': hello\n\n', 'retry: 10\n\n'),
    isTerminated: fc.boolean(),
    framing: fc.constantFrom(...FRAMINGS),
    sizes: fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }),
    writes: fc.array(part, { maxLength: 6 }),
    extent: part,
    end: fc.constantFrom(...ENDS),
  })
  .map(({ stream: { endpoint, chunks, mark }, lineEnd, opening, isTerminated, ...run }) => {
    const events = [...chunks.map((chunk) => JSON.stringify(chunk)), ...mark].map((data) => `data: ${data}\n\n`);
    const text = opening + events.join('').slice(0, isTerminated ? undefined : -2);
    return { endpoint, chunks, body: Buffer.from(text.replaceAll('\n', lineEnd)), ...run };
  });

/** The bytes of an answer in order, and which of them are of the body. */
interface Segment {
  bytes: Uint8Array;
  isBody: boolean;
}

function segmentsOf({ framing, body, sizes }: WireRun): Segment[] {
  if (framing === 'length') return [segment(lengthHead(body.length)), { bytes: body, isBody: true }];
  if (framing === 'connection') return [segment(CLOSE_DELIMITED_HEAD), { bytes: body, isBody: true }];
  const segments = [segment(STREAM_HEAD)];
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const bytes = body.subarray(at, (at += sizes[turn % sizes.length]!));
    segments.push(segment(`${bytes.length.toString(16)}\r\n`), { bytes, isBody: true }, segment('\r\n'));
  }
  return [...segments, segment(LAST_CHUNK)];
}

function segment(text: string): Segment {
  return { bytes: Buffer.from(text), isBody: false };
}

/** What a run sends, and what is known of it. */
export interface Performance {
  steps: Step[];
  /** The body as far as it is sent. */
  sent: Uint8Array;
  isHeadWhole: boolean;
  /** Whether the body came to its end by its framing. */
  isBodyWhole: boolean;
}

/** Plays a run up to its last byte, and does to the connection what it says. */
export function performanceOf(run: WireRun): Performance {
  const segments = segmentsOf(run);
  const wire = Buffer.concat(segments.map(({ bytes }) => bytes));
  const headLength = segments[0]!.bytes.length;
  const extent = Math.round(run.extent * wire.length);
  const cuts = [0, ...run.writes.map((place) => Math.round(place * extent)).sort((a, b) => a - b), extent];
  const writes = cuts.slice(1).map((cut, index) => wire.subarray(cuts[index], cut));
  let at = 0;
  const sent = segments.flatMap(({ bytes, isBody }) => {
    const before = at;
    at += bytes.length;
    return isBody && extent > before ? [bytes.subarray(0, extent - before)] : [];
  });
  return {
    // A reset would overtake what was written just before.
    steps: [
      ...writes.flatMap((bytes) => [bytes, { waitMs: 0 }]),
      { waitMs: 30 },
      { end: END, reset: RESET, stall: STALL }[run.end],
    ],
    sent: Buffer.concat(sent),
    isHeadWhole: extent >= headLength,
    isBodyWhole: run.framing !== 'connection' && extent === wire.length,
  };
}

/** How a run is to end: the rule of completion, told in another way than the library does. */
export interface Verdict {
  end: 'complete' | 'connection' | 'timeout' | 'truncated';
  phase?: 'head' | 'body' | 'idle';
  /** How many chunks come. */
  count: number;
}

/** @param hidesResets - whether the transport takes a reset for the end of a body that ends with its connection */
export function verdictOf(run: WireRun, hidesResets: boolean): Verdict {
  const { sent, isHeadWhole, isBodyWhole } = performanceOf(run);
  if (!isHeadWhole)
    return run.end === 'stall'
      ? { end: 'timeout', phase: 'head', count: 0 }
      : { end: 'connection', phase: 'head', count: 0 };
  const endsWithConnection =
    run.framing === 'connection' && (run.end === 'end' || (run.end === 'reset' && hidesResets));
  const isCleanEnd = isBodyWhole || endsWithConnection;
  const events = eventsIn(Buffer.from(sent).toString(), isCleanEnd);
  const count = events.filter((data) => data !== '[DONE]').length;
  const hasMark = events.includes('[DONE]') || (run.endpoint === 'responses' && count === run.chunks.length);
  if (hasMark || (isCleanEnd && isFinished(run.chunks.slice(0, count)))) return { end: 'complete', count };
  if (isCleanEnd) return { end: 'truncated', phase: 'body', count };
  return run.end === 'stall' ? { end: 'timeout', phase: 'idle', count } : { end: 'connection', phase: 'body', count };
}

/** The data of the events in a text: of the one at its end also where it lacks its blank line, if it is whole. */
function eventsIn(text: string, isEnded: boolean): string[] {
  const lines = text.replace(/^\u{feff}/u, '').split(/\r\n|\n|\r/);
  const rest = lines.pop() ?? '';
  const events: string[] = [];
  let data: string | undefined;
  for (const line of lines) {
    if (line.startsWith('data: ')) data = line.slice(6);
    if (line === '' && data !== undefined) events.push(data);
    if (line === '') data = undefined;
  }
  const last = rest.startsWith('data: ') ? rest.slice(6) : data;
  return isEnded && last !== undefined && isWhole(last) ? [...events, last] : events;
}

function isWhole(data: string): boolean {
  try {
    return data === '[DONE]' || Boolean(JSON.parse(data));
  } catch {
    return false;
  }
}

/** Whether each choice that was seen has its finish reason. */
function isFinished(chunks: any[]): boolean {
  const choices: { index: number; finish_reason?: unknown }[] = chunks.flatMap((chunk) => chunk.choices ?? []);
  const finished = new Set(choices.filter((choice) => choice.finish_reason).map(({ index }) => index));
  return choices.length > 0 && choices.every(({ index }) => finished.has(index));
}
