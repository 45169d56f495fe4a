import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { concat, NEVER, of } from 'rxjs';
import { decodeEvents } from 'rxdelta';
import { byteByByte, cutInto, decode, TOO_LARGE } from '../support/decoding';
import { bytesOf } from '../support/FakeTransport';
import { marbles } from '../support/marbles';

const KIBI = 1024;
const MEBI = 1024 * KIBI;
const READ_SIZE = 16 * KIBI;

describe('the limit maxEventBytes of decodeEvents', () => {
  /** Texts of 4096 bytes, of one, two, three and four bytes per character. */
  const texts = {
    ASCII: 'x'.repeat(4096),
    'two-byte characters': 'ö'.repeat(2048),
    'three-byte characters': '面'.repeat(1365) + 'x',
    'four-byte characters': '😀'.repeat(1024),
    'a mixture': 'xö面😀'.repeat(409) + 'wörld',
  };

  const cuts: [string, (whole: Uint8Array) => Uint8Array[]][] = [
    ['in one read', (whole) => [whole]],
    ['in 2 reads', (whole) => cutInto(whole, 2)],
    ['in 1000 reads', (whole) => cutInto(whole, 1000)],
    ['byte by byte', byteByByte],
  ];

  describe.each(cuts)('%s', (_, cut) => {
    /** Decodes lines with each line ending, and says what came out in one line. */
    function verdicts(lines: string[], maxEventBytes: number): string[] {
      return ['\n', '\r', '\r\n'].map((end) => {
        const { events, outcome } = decode(cut(bytesOf(lines.join(end))), { maxEventBytes });
        return [...events.map(({ data }) => (data.length < 10 ? data : `${bytesOf(data).length}`)), outcome].join(', ');
      });
    }

    it.each(Object.entries(texts))('measures data as UTF-8, here %s', (__, text) => {
      const lines = ['data: before', '', `data: ${text}`, '', 'data: after', '', ''];
      expect(verdicts(lines, 4096)).toEqual(Array(3).fill('before, 4096, after, complete'));
      expect(verdicts(lines, 4095)).toEqual(Array(3).fill(`before, ${TOO_LARGE}`));
    });

    it('measures several data lines together, with the line feeds between them', () => {
      const lines = [...Array<string>(64).fill(`data: ${'ö'.repeat(16)}`), '', 'data: after', '', ''];
      expect(verdicts(lines, 64 * 33 - 1)).toEqual(Array(3).fill('2111, after, complete'));
      expect(verdicts(lines, 64 * 33 - 2)).toEqual(Array(3).fill(TOO_LARGE));
    });

    it('measures no two events together', () => {
      const lines = Array.from({ length: 10 }, () => [`data: ${'x'.repeat(100)}`, '']).flat();
      expect(verdicts([...lines, ''], 100)).toEqual(Array(3).fill(`${'100, '.repeat(10)}complete`));
    });

    it('does not count the other lines of an event', () => {
      const lines = [`: ${'c'.repeat(90)}`, `event: ${'e'.repeat(90)}`, `id: ${'i'.repeat(90)}`, 'data: x', '', ''];
      expect(verdicts(lines, 100)).toEqual(Array(3).fill('x, complete'));
    });

    it.each([
      ['a comment', `:${'c'.repeat(1000)}`],
      ['a comment of blanks', `:${' '.repeat(1000)}`],
      ['a type', `event: ${'e'.repeat(1000)}`],
      ['a type of tabs', `event: ${'\t'.repeat(1000)}`],
      ['an id', `id: ${'1'.repeat(1000)}`],
      ['an unknown field', `${'u'.repeat(500)}: ${'u'.repeat(500)}`],
      ['a retry value', `retry: ${'1'.repeat(1000)}`],
      ['no-break spaces', '\u{a0}'.repeat(1000)],
    ])('refuses a line of any kind that is much longer than the limit, here %s', (__, line) => {
      const lines = ['data: before', '', line, 'data: after', '', ''];
      expect(verdicts(lines, 100)).toEqual(Array(3).fill(`before, ${TOO_LARGE}`));
    });
  });

  it('delivers the events before, errors in the frame of the read that passes the limit, and stops the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const reads = {
        a: bytesOf('data: a\n\n'),
        x: bytesOf('data: 123\n'),
        y: bytesOf('data: 456\n'),
        b: bytesOf('\n'),
      };
      const refusal = expect.objectContaining({ kind: 'malformed', reason: 'event-too-large', retryable: false });
      const source = cold('  --a--x--y--b--a--|', reads);
      const subscription = '^-------!';
      const expected = '    --a-----#';
      expectObservable(source.pipe(decodeEvents({ maxEventBytes: 6 }))).toBe(expected, { a: { data: 'a' } }, refusal);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('delivers the events before it in the same read', () => {
    const text = `data: a\n\ndata: b\r\rdata: c\r\n\r\n: ${'x'.repeat(1000)}`;
    const before = { events: [{ data: 'a' }, { data: 'b' }, { data: 'c' }], outcome: TOO_LARGE };
    expect(decode([text], { maxEventBytes: 10 })).toMatchObject(before);
    expect(decode(['data: a\n\ndata: b\n\ndata: c\r\r:', 'x'.repeat(1000)], { maxEventBytes: 10 })).toMatchObject(
      before,
    );
    expect(decode([`data: a\r\rdata: b\r\rdata: c\r\r:${'x'.repeat(1000)}`], { maxEventBytes: 10 })).toMatchObject(
      before,
    );
  });

  it('says nothing more after it in the same read', () => {
    const text = `data: ${'面'.repeat(12)}\n\nretry: 5\ndata: b\n\n`;
    expect(decode([text], { maxEventBytes: 35 })).toMatchObject({ events: [], retries: [], outcome: TOO_LARGE });
    expect(decode([text], { maxEventBytes: 36 })).toMatchObject({
      events: [{}, {}],
      retries: [5],
      outcome: 'complete',
    });
  });

  it('names itself in the error, and quotes nothing', () => {
    const errors: unknown[] = [];
    of(bytesOf('data: secret\n\n'))
      .pipe(decodeEvents({ maxEventBytes: 5 }))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('5 bytes') })]);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  it('is 16 MiB unless set', () => {
    const reads = (size: number) => ['data: ', ...cutInto(bytesOf('x'.repeat(size)), 256), '\n\n'];
    const { events, outcome } = decode(reads(16 * MEBI));
    expect(events[0]?.data).toHaveLength(16 * MEBI);
    expect(outcome).toBe('complete');
    expect(decode(reads(16 * MEBI + 1))).toMatchObject({ events: [], outcome: TOO_LARGE });
  });

  describe('where there is no end', () => {
    const limit = 256 * KIBI;

    it.each([
      ['a line without its end', 'data: ', 'x'],
      ['a line of wide characters', 'data: ', '面'],
      ['a comment', ':', 'x'],
      ['a comment of blanks', ':', ' '],
      ['a line that is no field', '', 'x'],
      ['data lines without a blank line', '', 'data: x\n'],
      ['data lines that end in CR', '', 'data: x\r'],
      ['data lines that end in CRLF', '', 'data: x\r\n'],
      ['data lines that are empty', '', 'data\n'],
      ['data lines with comments between them', '', 'data: x\n: ping\n'],
    ])('refuses %s, having read no more than a few times the limit', (_, start, more) => {
      const { outcome, readCount } = decode(endless(start, more, 16 * limit), { maxEventBytes: limit });
      expect(outcome).toBe(TOO_LARGE);
      expect(readCount * READ_SIZE).toBeLessThan(12 * limit);
    });

    it.each([
      ['comments with a blank line', ': ping\n\n'],
      ['comments alone', ': ping\n'],
      ['comments that end in CR', ': ping\r'],
      ['empty comments', ':\r\n'],
      ['blank lines', '\n'],
      ['events without data', 'event: ping\nid: 1\n\n'],
      ['types', 'event: ping\n'],
      ['ids', 'id: 1\n'],
      ['small events', 'data: x\n\n'],
    ])('takes %s, and remembers none of them', (_, beat) => {
      const before = usedHeap();
      const errors: unknown[] = [];
      const subscription = concat(endless('', beat, 2 * MEBI), NEVER)
        .pipe(decodeEvents({ maxEventBytes: 100 }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect(usedHeap() - before).toBeLessThan(MEBI);
      expect(errors).toEqual([]);
      subscription.unsubscribe();
    });

    it('takes heartbeats that come one by one', () => {
      const beats = Array.from({ length: 10_000 }, (_, index) => (index % 2 ? ': ping\n' : ': ping\n\n'));
      expect(
        decode(['data: a\n', ...beats.filter((beat) => !beat.endsWith('\n\n')), '\n'], { maxEventBytes: 10 }),
      ).toMatchObject({ events: [{ data: 'a' }], outcome: 'complete' });
      expect(decode([...beats, 'data: a\n\n'], { maxEventBytes: 10 })).toMatchObject({
        events: [{ data: 'a' }],
        outcome: 'complete',
      });
    });
  });
});

/** Reads of the same, going on for longer than anybody should listen. */
function* endless(start: string, more: string, size: number): Generator<Uint8Array> {
  yield bytesOf(start);
  const read = bytesOf(more.repeat(Math.ceil(READ_SIZE / bytesOf(more).length)));
  for (let rest = size; rest > 0; rest -= read.length) yield read;
}

/** The bytes in use after everything that nobody holds was collected. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
