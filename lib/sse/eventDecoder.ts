import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import type { Sink } from '../rx/Sink.ts';
import type { DecodeEventsOptions } from './DecodeEventsOptions.ts';
import { completeMaxEventBytes } from './completeMaxEventBytes.ts';
import { parseJSON } from './parseJSON.ts';
import type { ServerSentEvent } from './ServerSentEvent.ts';
import { utf8Decoder } from './utf8Decoder.ts';

/** So many pieces of a line are put together. */
const MAX_PIECES = 1024;

/** So many characters the parser may keep of an event before they are taken out: of many lines it keeps a multiple. */
const MAX_HELD = 65_536;

/** `data: ` and the end of the line, the most that a line holds besides its value. */
const LINE_EXTRA = 7;

/**
 * Makes what decodes the bytes of one stream into server-sent events, each read in one synchronous pass. A CR that ends a
 * read ends its line at once; the LF that may follow is swallowed. At the end, a last event without its blank line counts
 * if it is a whole document.
 *
 * @param target - once it is closed, no events are given any more
 * @throws RangeError when `maxEventBytes` is not above 0
 * @throws MalformedStreamError (`event-too-large`) from what is made
 */
export function eventDecoder(
  options: DecodeEventsOptions,
  target: { closed: boolean },
  sink: Sink<ServerSentEvent>,
): Sink<Uint8Array> {
  const maxLength = completeMaxEventBytes(options.maxEventBytes);
  const decode = utf8Decoder();
  let endsInCR = false;
  let isOver = false;
  let lastRetry: number | undefined;
  /** The line that has not ended yet, its last part in pieces: of very many a string would cost a multiple of its length. */
  let line = '';
  let pieces: string[] = [];
  let lineLength = 0;
  /** How much the parser was fed since its last event. */
  let heldLength = 0;
  /** What was taken out of the parser, and whether it is made to hand out more before the end of the event. */
  let part: EventSourceMessage = { data: '' };
  let isUnended = false;

  const refuse = (): never => {
    throw new MalformedStreamError(`Event of more than ${maxLength} bytes`, { reason: 'event-too-large' });
  };

  const parser = createParser({
    // It is fed whole lines, so what it holds back is the data of one event; in characters no more than in bytes.
    maxBufferSize: maxLength,
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') refuse();
    },
    onRetry: (retry) => {
      if (target.closed) return;
      lastRetry = retry;
      options.onRetry?.(retry);
    },
    onEvent: ({ data: lines, event, id = part.id }) => {
      heldLength = 0;
      const data = part.data + (isUnended ? lines.slice(0, -1) : lines);
      part = isUnended ? { data, event, id } : { data: '' };
      if (target.closed) return;
      if (isUnended ? data.length > maxLength : exceedsBytes(data, maxLength)) refuse();
      if (isUnended || (isOver && !isWholeDocument(data))) return;
      const decoded: ServerSentEvent = { data };
      if (event !== undefined) decoded.event = event;
      if (id !== undefined) decoded.id = id;
      if (lastRetry !== undefined) decoded.retry = lastRetry;
      lastRetry = undefined;
      sink(decoded);
    },
  });
  // The parser would strip the characters ï»¿ from its first feed; the byte order mark is the decoder's business.
  parser.feed('');

  const feedLines = (lines: string) => {
    // Of anything but data it keeps no more than one line.
    if (/(^|\n)data[:\n]/.test(lines)) heldLength += lines.length;
    for (const each of lines.length > maxLength ? (lines.match(/[^\n]*\n/g) ?? []) : [lines]) {
      if (each.length > maxLength + LINE_EXTRA) refuse();
      if (target.closed) return;
      parser.feed(each);
    }
    if (heldLength <= MAX_HELD || target.closed) return;
    isUnended = true;
    parser.feed('data:\n\n');
    isUnended = false;
    // A later line may still take the name back; the id it can only replace.
    parser.feed(`event: ${part.event ?? ''}\ndata:\n`);
  };

  /** Feeds whole lines only, so that a line without end is refused at the same place for every cut of the bytes. */
  const feed = (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) {
      const lines = line + pieces.join('') + text.slice(0, end);
      pieces = [];
      line = '';
      lineLength = 0;
      feedLines(lines);
    }
    const rest = text.slice(end);
    if (rest === '') return;
    pieces.push(rest);
    lineLength += rest.length;
    if (pieces.length === MAX_PIECES) {
      line += pieces.join('');
      pieces = [];
    }
    if (lineLength >= maxLength + LINE_EXTRA) refuse();
  };

  return (bytes) => {
    const text = decode(bytes);
    if (text !== '') {
      const lines = endsInCR && text.startsWith('\n') ? text.slice(1) : text;
      endsInCR = text.endsWith('\r');
      feed(lines.includes('\r') ? lines.replace(/\r\n?/g, '\n') : lines);
    }
    if (bytes) return;
    isOver = true;
    feed('\n\n');
    if (!target.closed) sink();
  };
}

function exceedsBytes(text: string, limit: number): boolean {
  // A character takes three bytes at the most, so nearly no event needs to be measured.
  return text.length * 3 > limit && new TextEncoder().encode(text).length > limit;
}

/** `[DONE]`, or a JSON object or array: of other values a part may look like the whole. */
function isWholeDocument(data: string): boolean {
  const value = parseJSON(data);
  return Object(value) === value || data.trim() === '[DONE]';
}
