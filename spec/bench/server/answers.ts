import { httpChunk, LAST_CHUNK, STREAM_HEAD } from '../../support/wire.ts';
import { WORKLOADS } from '../workloads.ts';
import { chatEvents, toolCallEvents } from './chatEvents.ts';
import { responseEvents } from './responseEvents.ts';

/** An answer is written at once; or event by event, each with a write of its own; or begun and never ended. */
export type Answer = { whole: Buffer } | { begin: Buffer } | PacedAnswer;

/** So many streams begin together, once all are open, and then go each at its own pace. */
export interface PacedAnswer {
  head: Buffer;
  events: Buffer[];
  end: Buffer;
  intervalMs: number;
  streams: number;
}

const EVENTS_PER_CHUNK = 100;
const CUT_BYTES = 48;

const { coalesced, chunked, cut, paced40, paced1000, responses, accumulated, toolCall, short, memory } = WORKLOADS;

/** By name; each is made when it is first wanted. */
export const ANSWERS: Record<string, () => Answer> = {
  [coalesced.answer]: () => inGroups(chatEvents(coalesced.words)),
  [chunked.answer]: () => inGroups(chatEvents(chunked.words), 1),
  [cut.answer]: () => inPieces(chatEvents(cut.words).join('')),
  [paced40.answer]: () => oneByOne(chatEvents(paced40.words), 20, paced40.times),
  [paced1000.answer]: () => oneByOne(chatEvents(paced1000.words), 400, paced1000.times),
  [responses.answer]: () => inGroups(responseEvents(responses.words)),
  [accumulated.answer]: () => inGroups(toolCallEvents(accumulated.words, accumulated.pieces)),
  [toolCall.answer]: () => inGroups(toolCallEvents(0, toolCall.pieces)),
  [short.answer]: () => inGroups(chatEvents(short.words), 1),
  [memory.answer]: () => ({
    begin: Buffer.from(STREAM_HEAD + chatEvents(memory.words).slice(0, -2).map(httpChunk).join('')),
  }),
};

function inGroups(events: string[], size = EVENTS_PER_CHUNK): Answer {
  const chunks = [];
  for (let at = 0; at < events.length; at += size) chunks.push(httpChunk(events.slice(at, at + size).join('')));
  return whole(chunks);
}

function inPieces(text: string): Answer {
  const chunks = [];
  for (let at = 0; at < text.length; at += CUT_BYTES) chunks.push(httpChunk(text.slice(at, at + CUT_BYTES)));
  return whole(chunks);
}

function oneByOne(events: string[], intervalMs: number, streams: number): PacedAnswer {
  return {
    head: Buffer.from(STREAM_HEAD),
    events: events.map((event) => Buffer.from(httpChunk(event))),
    end: Buffer.from(LAST_CHUNK),
    intervalMs,
    streams,
  };
}

function whole(chunks: string[]): Answer {
  return { whole: Buffer.from(STREAM_HEAD + chunks.join('') + LAST_CHUNK) };
}
