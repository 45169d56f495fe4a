import { assert, array, boolean, constantFrom, integer, nat, oneof, property, record, tuple } from 'fast-check';
import type { ServerSentEvent } from 'rxdelta';
import { byteByByte, cutAt, decode, TOO_LARGE } from '../support/decoding';
import { bytesOf } from '../support/FakeTransport';

// What is put together here, without rhyme or reason, is all that a stream of events may be made of.

const plain = ['', 'a', 'a:b', ':', '0', '1', '7', '007', '1e3', 'null', '"s"'];
const blank = [' ', '  ', ' a ', '\t', '\u{a0}\u{2028}\u{85}'];
const marks = ['[DONE]', ' [DONE] ', '{"a":1}', '[]', '[{}]'];
const partial = ['{"a":', '1}', '[1,', '2]', '[DONE', '{}}'];
const wide = ['wörld', '面面面', '😀', '😀😀😀😀', 'e\u{301}', '\u{feff}', 'ï»¿'];
const control = ['\0', '1\0', '\u{b}\u{c}\u{1c}'];
const long = ['x'.repeat(9), 'x'.repeat(60), ' '.repeat(60), '\t'.repeat(9), '面'.repeat(12), '😀'.repeat(30)];
const values = constantFrom(...plain, ...blank, ...marks, ...partial, ...wide, ...control, ...long);
const known = ['data', 'data', 'data', 'event', 'id', 'retry', ''];
const unknown = ['datax', ' data', 'DATA', 'x', '\u{feff}data'];
const fields = constantFrom(...known, ...unknown);
const line = oneof(
  { weight: 6, arbitrary: tuple(fields, constantFrom(':', ': ', ': ', ''), values).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: constantFrom('', '', 'data', 'data:', 'event', 'id', 'retry', ':', 'data: [DONE]') },
);
/** What is no UTF-8, in hexadecimal. */
const brokenCharacter = constantFrom('ff', 'e99d', 'f09f98', '80', 'eda080', 'c08a');
const terminator = constantFrom('\n', '\n', '\n\n', '\r', '\r\r', '\r\n', '\r\n\r\n', '\n\r', '\r\r\n', '');

const part = tuple(line, oneof({ weight: 20, arbitrary: constantFrom('') }, brokenCharacter), terminator).map(
  ([text, broken, end]) => [...bytesOf(text), ...Buffer.from(broken, 'hex'), ...bytesOf(end)],
);

/** The bytes of a stream, perhaps without its last few, so that it ends within a line or a character. */
const stream = record({
  hasMark: boolean(),
  parts: array(part, { maxLength: 14 }),
  loss: oneof({ weight: 3, arbitrary: constantFrom(0) }, nat(9)),
}).map(({ hasMark, parts, loss }) => {
  const all = [...bytesOf(hasMark ? '\u{feff}' : ''), ...parts.flat()];
  return Uint8Array.from(all.slice(0, Math.max(0, all.length - loss)));
});

/** Where to cut it; at a place that comes twice there is an empty read. */
const cuts = array(nat(300), { maxLength: 40 });

const numRuns = 2000;

describe('decodeEvents, however the bytes are cut', () => {
  it('says the same, also where an event or a line is too large', () => {
    assert(
      property(stream, cuts, integer({ min: 1, max: 70 }), (whole, positions, maxEventBytes) => {
        const { events, outcome, retries } = decode([whole], { maxEventBytes });
        // Of an event that is refused, some lines may have been read and others not.
        const expected = { events, outcome, ...(outcome === 'complete' && { retries }) };
        expect(decode(cutAt(whole, within(whole, positions)), { maxEventBytes })).toMatchObject(expected);
        expect(decode(byteByByte(whole), { maxEventBytes })).toMatchObject(expected);
      }),
      { numRuns },
    );
  });

  it('emits what the standard says, as soon as it is there', () => {
    assert(
      property(stream, cuts, (whole, positions) => {
        const reads = cutAt(whole, within(whole, positions));
        const { events, countAfterRead, outcome } = decode(reads);
        expect({ events, outcome }).toEqual({ events: parse(whole, 'whole'), outcome: 'complete' });
        let length = 0;
        const counts = reads.map((read) => parse(whole.subarray(0, (length += read.length)), 'begun').length);
        expect(countAfterRead).toEqual(counts);
      }),
      { numRuns },
    );
  });

  it('refuses the first event over the limit and nothing else, as long as no line is longer than the limit', () => {
    assert(
      property(stream, cuts, nat(70), (beginning, positions, more) => {
        // Whether the limit also holds for an event that has no end is not for here.
        const whole = Uint8Array.from([...beginning, ...bytesOf('\n\n')]);
        const maxEventBytes = longestLine(whole) + more;
        const expected = parse(whole, 'whole');
        const large = expected.findIndex(({ data }) => bytesOf(data).length > maxEventBytes);
        expect(decode(cutAt(whole, within(whole, positions)), { maxEventBytes })).toMatchObject({
          events: large < 0 ? expected : expected.slice(0, large),
          outcome: large < 0 ? 'complete' : TOO_LARGE,
        });
      }),
      { numRuns },
    );
  });
});

function within(whole: Uint8Array, positions: number[]): number[] {
  return positions.map((position) => position % (whole.length + 1));
}

function longestLine(whole: Uint8Array): number {
  const lines = Buffer.from(whole)
    .toString('latin1')
    .split(/[\r\n]/);
  return Math.max(1, ...lines.map(({ length }) => length));
}

/**
 * The standard, word for word. Three things are ours: `id` is that of the very event; `retry` is handed out with the
 * next event; at the end of the stream an event without its blank line counts if it is `[DONE]`, an object or an array.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
function parse(stream: Uint8Array, extent: 'whole' | 'begun'): ServerSentEvent[] {
  const text = Buffer.from(stream)
    .toString('utf8')
    .replace(/^\u{feff}/u, '');
  const lines = text.split(/\r\n|\n|\r/);
  // A line that has no end yet.
  const rest = lines.pop() ?? '';
  const events: ServerSentEvent[] = [];
  let data = '';
  let type = '';
  let id: string | undefined;
  let retry: number | undefined;

  const dispatch = () => {
    if (data !== '') {
      events.push({
        data: data.replace(/\n$/, ''),
        ...(type !== '' && { event: type }),
        ...(id !== undefined && { id }),
        ...(retry !== undefined && { retry }),
      });
      retry = undefined;
    }
    data = '';
    type = '';
    id = undefined;
  };
  const process = (field: string, value: string) => {
    if (field === 'event') type = value;
    if (field === 'data') data += `${value}\n`;
    if (field === 'id' && !value.includes('\0')) id = value;
    if (field === 'retry' && /^[0-9]+$/.test(value)) retry = parseInt(value, 10);
  };
  const read = (line: string) => {
    const colon = line.indexOf(':');
    if (line === '') dispatch();
    else if (colon > 0) process(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
    else if (colon < 0) process(line, '');
  };

  lines.forEach(read);
  if (extent === 'begun') return events;
  const count = events.length;
  if (rest !== '') read(rest);
  dispatch();
  return events.filter(({ data: last }, index) => index < count || last.trim() === '[DONE]' || isObject(last));
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
