import { from, map, Observable, of, range, Subject, take } from 'rxjs';
import { decodeEvents, type ServerSentEvent } from 'rxdelta';
import { byteByByte, decode, TOO_LARGE } from '../support/decoding';
import { bytesOf } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';

/** The events of a text that comes in one read. */
function eventsOf(...reads: string[]): ServerSentEvent[] {
  return decode(reads).events;
}

/** The data of the events of a text that comes in these reads. */
function dataOf(...reads: (string | Uint8Array)[]): string[] {
  return decode(reads).events.map(({ data }) => data);
}

describe('decodeEvents', () => {
  const reads = {
    a: bytesOf('data: a\n\n'),
    b: bytesOf('event: letter\nid: 2\ndata: b\n\n'),
    t: bytesOf('data: a\n\nevent: letter\nid: 2\ndata: b\n\n'),
    x: bytesOf('data: '),
    y: bytesOf('a\n'),
    z: bytesOf('\n'),
    c: bytesOf(': comment\n\n'),
  };
  const events = { a: { data: 'a' }, b: { event: 'letter', data: 'b', id: '2' } };

  describe('as an operator', () => {
    it('emits each event in the frame of the read that ends it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --a--b--c--x--y--z--|', reads);
        const subscription = '^-------------------!';
        const expected = '    --a--b-----------a--|';
        expectObservable(source.pipe(decodeEvents())).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('emits all events of one read in one frame', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --t-----|', reads);
        const subscription = '^-------!';
        const expected = '    --(ab)--|';
        expectObservable(source.pipe(decodeEvents())).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('emits one event', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --b--|', reads);
        const subscription = '^----!';
        const expected = '    --b--|';
        expectObservable(source.pipe(decodeEvents())).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('emits nothing of an empty source', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --|', reads);
        const subscription = '^-!';
        const expected = '    --|';
        expectObservable(source.pipe(decodeEvents())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stays silent with a source that never emits', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  -', reads);
        const subscription = '^';
        const expected = '    -';
        expectObservable(source.pipe(decodeEvents())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error through after the events before it, and nothing of the event that it cut', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('broken');
        const source = cold('  --a--b--x--y--#', reads, failure);
        const subscription = '^-------------!';
        const expected = '    --a--b--------#';
        expectObservable(source.pipe(decodeEvents())).toBe(expected, events, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error through that comes first', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('broken');
        const source = cold('  --#', reads, failure);
        const subscription = '^-!';
        const expected = '    --#';
        expectObservable(source.pipe(decodeEvents())).toBe(expected, events, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops the source when it is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('    --a--x--y--z--|', reads);
        const subscription = '  ^--------!';
        const unsubscription = '---------!';
        const expected = '      --a-------';
        expectObservable(source.pipe(decodeEvents()), unsubscription).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('serves a second subscriber by a subscription and a state of its own', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot('          --a--x--y--z--b--|', reads);
        const firstSubscription = '   ^----------------!';
        const firstExpected = '       --a--------a--b--|';
        const secondSubscription = '  ------^----------!';
        const secondExpected = '      --------------b--|';
        const result = source.pipe(decodeEvents());
        expectObservable(result).toBe(firstExpected, events);
        expectObservable(result, '------^').toBe(secondExpected, events);
        expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
      });
    });

    it('starts afresh after a subscriber that left in the middle of an event', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot('          --r--x--a--|', { ...reads, r: bytesOf('event: x\nretry: 5\nid: 1\ndata: x\n') });
        const firstSubscription = '   ^-----!';
        const firstExpected = '       -------';
        const secondSubscription = '  -------^---!';
        const secondExpected = '      --------a--|';
        const result = source.pipe(decodeEvents());
        expectObservable(result, firstSubscription).toBe(firstExpected);
        expectObservable(result, '-------^').toBe(secondExpected, events);
        expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
      });
    });

    it('makes an error of an onRetry that throws, and stops the source', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const failure = new Error('not now');
        const onRetry = () => {
          throw failure;
        };
        const source = hot('   --a--r--b--|', { ...reads, r: bytesOf('retry: 5\n') });
        const subscription = '^----!';
        const expected = '    --a--#';
        expectObservable(source.pipe(decodeEvents({ onRetry }))).toBe(expected, events, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('reads a synchronous source', () => {
      marbles(({ expectObservable }) => {
        const expected = '(ab|)';
        const source = from([reads.x, reads.y, reads.z, reads.c, reads.b]);
        expectObservable(source.pipe(decodeEvents())).toBe(expected, events);
      });
    });

    it('stops a synchronous source as soon as nobody listens', () => {
      let produced = 0;
      // As good as endless, but a spec that fails should come to its end.
      const endless = range(0, 100_000).pipe(map((index) => (produced++, bytesOf(`data: ${index}\n\n`))));
      const heard: string[] = [];
      endless.pipe(decodeEvents(), take(1)).subscribe(({ data }) => heard.push(data));
      expect(heard).toEqual(['0']);
      expect(produced).toBe(1);
    });

    it('emits one event to take(1) also when that makes the source emit again', () => {
      const source = new Subject<Uint8Array>();
      const heard: string[] = [];
      source.pipe(decodeEvents(), take(1)).subscribe(({ data }) => {
        heard.push(data);
        source.next(bytesOf('data: again\n\n'));
      });
      source.next(bytesOf('data: once\n\ndata: more\n\n'));
      expect(heard).toEqual(['once']);
      expect(source.observed).toBe(false);
    });

    it('tells onRetry nothing any more once nobody listens', () => {
      const retries: number[] = [];
      of(bytesOf('retry: 1\ndata: a\n\nretry: 2\n\n'))
        .pipe(decodeEvents({ onRetry: (retryMs) => retries.push(retryMs) }), take(1))
        .subscribe();
      expect(retries).toEqual([1]);
    });

    it('passes one error on, and reads nothing more, when a source goes on after it', async () => {
      const taken: string[] = [];
      const heedless = new Observable<Uint8Array>((subscriber) => {
        for (const read of ['data: 1\n\n', 'data: 12345\n\n', 'data: 2\n\n', 'data: 12345\n\n']) {
          taken.push(subscriber.closed ? 'closed' : 'open');
          subscriber.next(bytesOf(read));
        }
        subscriber.complete();
      });
      const { values, error, endCount } = await record(heedless.pipe(decodeEvents({ maxEventBytes: 4 })));
      expect(values).toEqual([{ data: '1' }]);
      expect(error).toMatchObject({ name: 'MalformedStreamError', reason: 'event-too-large' });
      expect(endCount).toBe(1);
      expect(taken).toEqual(['open', 'open', 'closed', 'closed']);
    });
  });

  describe('by the parsing rules of the HTML standard', () => {
    it('reads the examples of the standard', () => {
      expect(eventsOf('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual([{ data: 'YHOO\n+2\n10' }]);
      expect(
        eventsOf(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'),
      ).toEqual([{ data: 'first event', id: '1' }, { data: 'second event', id: '' }, { data: ' third event' }]);
      expect(eventsOf('data\n\ndata\ndata\n\ndata:')).toEqual([{ data: '' }, { data: '\n' }]);
      expect(eventsOf('data:test\n\ndata: test\n\n')).toEqual([{ data: 'test' }, { data: 'test' }]);
    });

    it('takes away one leading space of a value, and nothing else', () => {
      expect(dataOf('data:a\n\ndata: a\n\ndata:  a \n\ndata:\ta\n\ndata : a\n\n data: a\n\n')).toEqual([
        'a',
        'a',
        ' a ',
        '\ta',
      ]);
      expect(eventsOf('event:  e \nid:  i \ndata:d\n\n')).toEqual([{ event: ' e ', id: ' i ', data: 'd' }]);
    });

    it('takes a line without a colon for a field with an empty value', () => {
      expect(eventsOf('event: e\nevent\ndata\ndata: x\ndata\nid\n\n')).toEqual([{ data: '\nx\n', id: '' }]);
    });

    it('splits a line at its first colon', () => {
      expect(dataOf('data: a: b:c\n\ndata::\n\n')).toEqual(['a: b:c', ':']);
    });

    it('leaves out comments', () => {
      expect(dataOf(':\n:data: no\n: data: no\ndata: a\n:\n: x\n\n: x\n\n:\n\n')).toEqual(['a']);
    });

    it('leaves out unknown fields, and fields that only look like known ones', () => {
      expect(eventsOf('foo: a\nfoo\nData: a\nDATA: a\ndatax: a\ndat: a\nevents: a\nIDs: 1\ndata: b\n\n')).toEqual([
        { data: 'b' },
      ]);
    });

    it('joins several data lines by line feeds', () => {
      expect(dataOf('data: a\ndata\ndata:\ndata: b\n\n')).toEqual(['a\n\n\nb']);
    });

    it('emits an event whose data is empty, but none without data', () => {
      expect(eventsOf('data\n\nevent: e\n\nid: 1\n\nretry: 5\n\ndata:\n\ndata: \n\n\n\n')).toEqual([
        { data: '' },
        { data: '', retry: 5 },
        { data: '' },
      ]);
    });

    it('forgets the type of an event at its blank line, also when it has no data', () => {
      expect(eventsOf('event: a\ndata: 1\n\ndata: 2\n\nevent: b\n\ndata: 3\n\n')).toEqual([
        { event: 'a', data: '1' },
        { data: '2' },
        { data: '3' },
      ]);
    });

    it('takes the last of several types, and none when that is empty', () => {
      expect(eventsOf('event: a\nevent: b\ndata: 1\n\nevent: a\nevent:\ndata: 2\n\n')).toEqual([
        { event: 'b', data: '1' },
        { data: '2' },
      ]);
    });

    it('gives an event the id of its own lines, the last one that has no NUL in it', () => {
      expect(eventsOf('id: 1\nid: 2\ndata: a\n\ndata: b\n\nid: 3\nid: 4\0\ndata: c\n\nid: \0\ndata: d\n\n')).toEqual([
        { data: 'a', id: '2' },
        { data: 'b' },
        { data: 'c', id: '3' },
        { data: 'd' },
      ]);
      expect(eventsOf('id: 1\n\ndata: a\n\n')).toEqual([{ data: 'a' }]);
    });

    it('keeps NUL in data', () => {
      expect(dataOf('data: a\0b\n\n')).toEqual(['a\0b']);
    });
  });

  describe('reading retry fields', () => {
    it('takes digits only', () => {
      const text = ['10', '+1', '-1', '1.5', '1e3', '0x1', '1 ', ' 1', 'soon', '', '٣', '007'];
      expect(decode([text.map((value) => `retry: ${value}\n`).join('')]).retries).toEqual([10, 7]);
      expect(decode(['retry\nretry:3\n']).retries).toEqual([3]);
    });

    it('gives an event the last value since the event before, also that of a block without data', () => {
      expect(
        eventsOf('retry: 1\nretry: 2\ndata: a\n\ndata: b\n\nretry: 3\n\n: c\n\ndata: c\nretry: x\n\ndata: d\n\n'),
      ).toEqual([{ data: 'a', retry: 2 }, { data: 'b' }, { data: 'c', retry: 3 }, { data: 'd' }]);
    });

    it('tells onRetry every value at once, also where no event follows', () => {
      const retries: number[] = [];
      const source = new Subject<Uint8Array>();
      source.pipe(decodeEvents({ onRetry: (retryMs) => retries.push(retryMs) })).subscribe();
      source.next(bytesOf('retry: 1'));
      expect(retries).toEqual([]);
      source.next(bytesOf('0\n'));
      expect(retries).toEqual([10]);
      source.next(bytesOf('retry: 20\r'));
      expect(retries).toEqual([10, 20]);
      source.next(bytesOf('\ndata: a\n\nretry: 30'));
      source.complete();
      expect(retries).toEqual([10, 20, 30]);
    });

    it('takes the value of an event that was left out for the next one', () => {
      expect(eventsOf('retry: 1\nevent: e\n\ndata: a\n\n')).toEqual([{ data: 'a', retry: 1 }]);
    });
  });

  describe('ending lines', () => {
    const whole = [{ data: 'a\nb' }, { event: 'e', data: 'c' }];

    it.each([
      ['LF', '\n'],
      ['CR', '\r'],
      ['CRLF', '\r\n'],
    ])('at %s', (_, end) => {
      const text = ['data: a', 'data: b', '', ': comment', 'event: e', 'data: c', '', ''].join(end);
      expect(eventsOf(text)).toEqual(whole);
      expect(decode(byteByByte(bytesOf(text))).events).toEqual(whole);
    });

    it('at a mixture of all three', () => {
      const text = 'data: a\r\ndata: b\n\r: comment\revent: e\ndata: c\r\r\n';
      expect(eventsOf(text)).toEqual(whole);
      expect(decode(byteByByte(bytesOf(text))).events).toEqual(whole);
    });

    it('at no other character', () => {
      const text = 'a\u{b}b\u{c}c\u{1c}d\u{85}e\u{2028}f\u{2029}g';
      expect(dataOf(`data: ${text}\n\n`)).toEqual([text]);
    });

    it('at a CR that ends a read, without waiting for what follows', () => {
      const { events: out, countAfterRead } = decode(['data: a\r', '\r', 'data: [DONE]\r\r', '\n']);
      expect(out).toEqual([{ data: 'a' }, { data: '[DONE]' }]);
      expect(countAfterRead).toEqual([0, 1, 2, 2]);
    });

    it('at a CR that is followed by the beginning of a line, without waiting for its end', () => {
      const { countAfterRead } = decode(['data: a\r\rdata', ': [DONE]\r\r: ', 'ping\r']);
      expect(countAfterRead).toEqual([1, 2, 2]);
    });

    it('once where CR and LF come in two reads', () => {
      expect(dataOf('data: a\r', '\ndata: b\r', '\n\r', '\ndata: c\r', '\n', '\n')).toEqual(['a\nb', 'c']);
      expect(dataOf('data: a\r', '', '\ndata: b\r\n', '\n')).toEqual(['a\nb']);
    });

    it('twice at an LF that does not belong to the CR before', () => {
      expect(dataOf('data: a\r', '\n', '\n', 'data: b\n', '\n')).toEqual(['a', 'b']);
      expect(dataOf('data: a\r', 'data: b\r', '\n', '\r', '\n')).toEqual(['a\nb']);
      expect(dataOf('data: a\n', '\rdata: b\n\r', '\ndata: c\n\n')).toEqual(['a', 'b', 'c']);
    });
  });

  describe('decoding UTF-8', () => {
    const mark = [0xef, 0xbb, 0xbf];

    it('joins characters that are cut', () => {
      const text = 'wörld 面 😀 е́ ﷽';
      expect(dataOf(...byteByByte(bytesOf(`data: ${text}\n\n`)))).toEqual([text]);
    });

    it.each([
      ['in one read', [[...mark, ...bytesOf('data: a\n\n')]]],
      ['in a read of its own', [mark, [...bytesOf('data: a\n\n')]]],
      ['byte by byte', [[0xef], [0xbb], [], [0xbf], [...bytesOf('data: a\n\n')]]],
      ['before an empty stream', [mark]],
    ])('strips a byte order mark %s', (_, parts) => {
      const expected = parts.length === 1 && parts[0]?.length === 3 ? [] : ['a'];
      expect(dataOf(...parts.map((part) => Uint8Array.from(part)))).toEqual(expected);
    });

    it('strips a byte order mark once, and at the beginning only', () => {
      expect(dataOf('\u{feff}\u{feff}data: a\n\ndata: b\n\n')).toEqual(['b']);
      expect(dataOf('\u{feff}', '\u{feff}data: a\n\ndata: b\n\n')).toEqual(['b']);
      expect(dataOf('data: a\n\n', '\u{feff}data: b\n\n', 'data: \u{feff}c\n\n')).toEqual(['a', '\u{feff}c']);
    });

    it('takes the characters ï»¿ for what they are', () => {
      expect(dataOf('ï»¿data: a\n\ndata: b\n\n')).toEqual(['b']);
    });

    it('replaces what is no UTF-8, without swallowing what follows', () => {
      const broken = Uint8Array.from([
        ...bytesOf('data: a'),
        0xff,
        0xe2,
        0x82,
        ...bytesOf('b\n\ndata: '),
        0xf0,
        0x9f,
        0x0a,
      ]);
      const text = ['a\u{fffd}\u{fffd}b'];
      expect(dataOf(broken)).toEqual(text);
      expect(dataOf(...byteByByte(broken))).toEqual(text);
      expect(dataOf(...byteByByte(broken), '\n')).toEqual([...text, '\u{fffd}']);
    });
  });

  describe('at the end of a body without a last blank line', () => {
    it.each([
      'data: [DONE]',
      'data: [DONE]\n',
      'data: [DONE]\r',
      'data: [DONE]\r\n',
      'data:[DONE]',
      'data:  [DONE] \n',
      'data: {"a":1}',
      'data: {}\n',
      'data: []',
      'data: [{"a":"}"}]\r\n',
      'data:\t{"a":[1, 2]} ',
      'data: {\ndata: "a": 1\ndata: }',
      'id: 5\nevent: e\ndata: {"a":"wörld"}',
      'data: {"a":1}\n: com',
    ])('counts the event %j', (end) => {
      const text = `data: a\n\n${end}`;
      const expected = eventsOf(`${text}\n\n`);
      expect(expected).toHaveLength(2);
      expect(eventsOf(text)).toEqual(expected);
      expect(decode(byteByByte(bytesOf(text)))).toMatchObject({ events: expected, outcome: 'complete' });
    });

    it.each([
      'data: a',
      'data: a\n',
      'data',
      'data:',
      'data: \n',
      'data: [DONE',
      'data: [DONE] or not',
      'data: {"a":1',
      'data: {"a":1}}',
      'data: {"a":"b\n',
      'data: [1,2',
      'data: {"a":1}\ndata: {"b":2}\n',
      'data: 12',
      'data: "a"',
      'data: true',
      'data: null',
      'event: done',
      'id: 1\n',
      ': {"a":1}',
      '{"a":1}',
    ])('leaves out the event %j', (end) => {
      const text = `data: a\n\n${end}`;
      expect(decode([text])).toMatchObject({ events: [{ data: 'a' }], outcome: 'complete' });
      expect(decode(byteByByte(bytesOf(text)))).toMatchObject({ events: [{ data: 'a' }], outcome: 'complete' });
    });

    it.each(['data: {"a":"', 'data: {"a":1}', 'data: [DONE]'])(
      'leaves out an event that ends in a broken character: %j',
      (text) => {
        const cut = Uint8Array.from([...bytesOf(text), 0xf0, 0x9f, 0x98]);
        expect(decode([cut])).toMatchObject({ events: [], outcome: 'complete' });
        expect(decode(byteByByte(cut))).toMatchObject({ events: [], outcome: 'complete' });
      },
    );

    it('emits that event just before it completes', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-x----|    ', { x: bytesOf('data: [DONE]\n') });
        const expected = '   ------(d|) ';
        expectObservable(source.pipe(decodeEvents())).toBe(expected, { d: { data: '[DONE]' } });
      });
    });

    it('gives it its retry value', () => {
      expect(eventsOf('retry: 5\ndata: {}')).toEqual([{ data: '{}', retry: 5 }]);
    });

    it('refuses it when it is too large', () => {
      const text = 'data: {"a":"面面"}';
      expect(decode([text], { maxEventBytes: 13 })).toMatchObject({ events: [], outcome: TOO_LARGE });
      expect(decode([text], { maxEventBytes: 14 })).toMatchObject({ events: [{}], outcome: 'complete' });
    });
  });

  it('makes an error of an onRetry that throws at the end of the source', () => {
    const failure = new Error('mine');
    const heard: unknown[] = [];
    const onRetry = () => {
      throw failure;
    };
    of(bytesOf('retry: 5'))
      .pipe(decodeEvents({ onRetry }))
      .subscribe({ error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') });
    expect(heard).toEqual([failure]);
  });
});
