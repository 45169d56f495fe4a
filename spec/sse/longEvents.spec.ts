import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NEVER, concat, from } from 'rxjs';
import { decodeEvents } from 'rxdelta';
import { cutInto, decode, TOO_LARGE } from '../support/decoding';
import { bytesOf } from '../support/FakeTransport';

const KIBI = 1024;

/** `count` lines of data. */
function dataLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `data: ${index}\n`).join('');
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => String(index)).join('\n');
}

describe('an event of very many lines', () => {
  const after = 'data: after\n\n';
  const comments = ': ping\n'.repeat(20 * KIBI);

  it.each([1, 2, 3, 7, 100, 1000])('is the same in %i reads', (count) => {
    const whole = bytesOf(`event: first\n${dataLines(40_000)}id: last\n\n${after}`);
    const { events, outcome } = decode(cutInto(whole, count));
    expect(outcome).toBe('complete');
    expect(events).toEqual([{ event: 'first', data: numbers(40_000), id: 'last' }, { data: 'after' }]);
  });

  it.each([
    ['nothing but empty lines of data', 'data\n'.repeat(40_000), '\n'.repeat(39_999)],
    ['an empty line of data first', `data:\n${dataLines(40_000)}`, `\n${numbers(40_000)}`],
    ['an empty line of data last', `${dataLines(40_000)}data:\n`, `${numbers(40_000)}\n`],
    ['comments before its data', `${comments}data: x\n`, 'x'],
    ['comments before an empty line of data', `${comments}data:\n`, ''],
    ['comments between its data', `data: x\n${comments}data: y\n`, 'x\ny'],
    ['comments behind its data', `data: x\n${comments}`, 'x'],
  ])('is the same in 1, 2 and 1000 reads, with %s', (_, lines, data) => {
    for (const count of [1, 2, 1000]) {
      const { events } = decode(cutInto(bytesOf(`${lines}\n${after}`), count));
      expect(events).toEqual([{ data }, { data: 'after' }]);
    }
  });

  it.each([
    ['the type', 'event'],
    ['the id', 'id'],
  ])('has %s that came last', (_, field) => {
    for (const lines of [
      `${field}: a\n${comments}${field}: b\ndata: x\n`,
      `${field}: a\ndata: x\n${comments}${field}: b\n`,
      `data: x\n${comments}${field}: b\n${comments}`,
    ]) {
      expect(decode(cutInto(bytesOf(`${lines}\n${after}`), 1000)).events).toEqual([
        { data: 'x', [field]: 'b' },
        { data: 'after' },
      ]);
    }
  });

  it.each([1, 2, 1000])('has no type where the last line of it was empty, in %i reads', (count) => {
    const data = `data: ${'x'.repeat(100 * KIBI)}\n`;
    for (const lines of [`event: a\n${data}event:\n`, `event: a\n${data}event:\n${data}`, `event: a\n${data}event\n`]) {
      const { events } = decode(cutInto(bytesOf(`${lines}\n${after}`), count));
      expect(events.map(({ event }) => event)).toEqual([undefined, undefined]);
    }
  });

  it.each(['\u2028', '\u2029'])('is none in a comment with the character %j, which ends no line', (separator) => {
    const comment = bytesOf(`: ${'x'.repeat(100 * KIBI)}${separator}data: y\n`);
    expect(decode([comment, bytesOf('data: a\n\n')]).events).toEqual([{ data: 'a' }]);
    expect(decode([comment, bytesOf('\n')]).events).toEqual([]);
  });

  it('is none without data', () => {
    for (const lines of [comments, `event: a\n${comments}id: b\n${comments}`]) {
      expect(decode(cutInto(bytesOf(`${lines}\n${after}`), 1000)).events).toEqual([{ data: 'after' }]);
    }
  });

  it.each([1, 2, 1000])('has the limit of any event, in %i reads', (count) => {
    for (const text of ['x\n'.repeat(50_000), 'ö\n'.repeat(50_000)]) {
      const lines = text.replace(/^./gm, 'data: $&');
      const bytes = bytesOf(text).length - 1;
      const reads = cutInto(bytesOf(`${lines}\n${after}`), count);
      expect(decode(reads, { maxEventBytes: bytes }).outcome).toBe('complete');
      expect(decode(reads, { maxEventBytes: bytes - 1 }).outcome).toBe(TOO_LARGE);
    }
    const single = cutInto(bytesOf(`${comments}data: ${'x'.repeat(100)}\n: ping\n\n`), count);
    expect(decode(single, { maxEventBytes: 100 }).events).toHaveLength(1);
    expect(decode(single, { maxEventBytes: 99 }).outcome).toBe(TOO_LARGE);
  });

  it('counts where the stream ends without its blank line', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `data: ${index},\n`).join('');
    const { events } = decode(cutInto(bytesOf(`data: [\n${lines}data: 0]`), 100));
    expect(JSON.parse(events[0]!.data)).toHaveLength(20_001);
    expect(decode(cutInto(bytesOf(`data: [\n${lines}`), 100)).events).toEqual([]);
  });

  it('costs about its length in memory while it comes', () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const reads = Array.from({ length: 100 }, () => bytesOf('data: x\n'.repeat(16 * KIBI)));
    collect();
    const before = process.memoryUsage().heapUsed;
    const subscription = concat(from(reads), NEVER).pipe(decodeEvents()).subscribe();
    collect();
    const grown = process.memoryUsage().heapUsed - before;
    subscription.unsubscribe();
    // 3.3 million characters of data.
    expect(grown).toBeLessThan(3 * 3_276_800);
  });
});
