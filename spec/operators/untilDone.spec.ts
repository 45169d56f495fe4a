import { catchError, from, NEVER, of, Subject, take } from 'rxjs';
import {
  APIConnectionError,
  APIStreamError,
  ChunkStream,
  retryWithBackoff,
  untilDone,
  type ServerSentEvent,
  type StreamTruncatedError,
} from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';
import { markEnd } from '../../lib/chunks/completion/endMark';
import { content, finish, outputText, responseEnd, responseEvent, role, usage } from '../support/chunks';
import { Endless, inTurn, marbles } from '../support/marbles';

describe('untilDone', () => {
  let chunks: Record<string, ChatCompletionChunk>;
  const truncated = (chunkCount: number, fields: object = {}) =>
    expect.objectContaining({ kind: 'truncated', phase: 'body', retryable: true, chunkCount, ...fields });

  // Made anew for each spec: an attempt, and the end of a client's stream, leave their marks on the very objects.
  beforeEach(() => {
    chunks = {
      r: role(),
      a: content('Hel'),
      b: content('lo'),
      f: finish(),
      u: usage(),
      d: content('one', 1),
      g: finish('length', 1),
    };
  });

  describe('with chat chunks', () => {
    it('lets a whole answer through, with what follows its finish reason', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --r--a--b--f--u--|', chunks);
        const subscription = '^----------------!';
        const expected = '    --r--a--b--f--u--|';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('does not end at a finish reason before the source does', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --a--f---', chunks);
        const subscription = '^--------';
        const expected = '    --a--f---';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('completes with one chunk that is the whole answer', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --f--|', chunks);
        const subscription = '^----!';
        const expected = '    --f--|';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('makes an error of an answer that was cut', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --r--a--b--|', chunks);
        const subscription = '^----------!';
        const expected = '    --r--a--b--#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, truncated(3));
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('makes an error of an empty source', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' --|', chunks);
        const subscription = '^-!';
        const expected = '    --#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, truncated(0));
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('makes an error of an answer without any choice', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('--u--|', chunks);
        const expected = '   --u--#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, truncated(1));
      });
    });

    it('wants a finish reason of every choice that was seen', () => {
      marbles(({ cold, expectObservable }) => {
        const whole = cold('   -a-d-f-g-|', chunks);
        const wholeExpected = '-a-d-f-g-|';
        expectObservable(whole.pipe(untilDone())).toBe(wholeExpected, chunks);
        const cut = cold('     -a-d-g-b-|', chunks);
        const cutExpected = '  -a-d-g-b-#';
        expectObservable(cut.pipe(untilDone())).toBe(cutExpected, chunks, truncated(4));
      });
    });

    it('wants a finish reason of a choice that is first seen after another has finished', () => {
      marbles(({ cold, expectObservable }) => {
        const whole = cold('   -a-f-d-g-|', chunks);
        const wholeExpected = '-a-f-d-g-|';
        expectObservable(whole.pipe(untilDone())).toBe(wholeExpected, chunks);
        const cut = cold('     -a-f-d-|', chunks);
        const cutExpected = '  -a-f-d-#';
        expectObservable(cut.pipe(untilDone())).toBe(cutExpected, chunks, truncated(3));
      });
    });

    it('takes a choice for finished also when something of it comes later', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-a-f-b-|', chunks);
        const expected = '   -a-f-b-|';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks);
      });
    });

    it('reads the chunks of other providers', () => {
      marbles(({ cold, expectObservable }) => {
        const foreign = {
          a: { choices: [{ delta: { content: 'no index' } }, null], x_extra: { type: 'response.completed' } },
          b: { choices: [], usage: {} },
          f: { choices: [{ index: null, finish_reason: 'eos' }] },
          e: { choices: [{ index: 0, finish_reason: '' }] },
          n: null,
          d: { data: '[DONE]', choices: [{ delta: {} }] },
          t: { data: '[DONE]', type: 'response.x' },
        };
        const withData = cold('   -d-t-|', foreign);
        const withDataExpected = '-d-t-#';
        expectObservable(withData.pipe(untilDone())).toBe(withDataExpected, foreign, truncated(2));
        const whole = cold('      -a-b-n-f-|', foreign);
        const wholeExpected = '   -a-b-n-f-|';
        expectObservable(whole.pipe(untilDone())).toBe(wholeExpected, foreign);
        const cut = cold('        -a-e-|', foreign);
        const cutExpected = '     -a-e-#';
        expectObservable(cut.pipe(untilDone())).toBe(cutExpected, foreign, truncated(2));
      });
    });
  });

  describe('with any source', () => {
    it('stays silent with one that never emits', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' -', chunks);
        const subscription = '^';
        const expected = '    -';
        expectObservable(source.pipe(untilDone())).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error through after the chunks before it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('broken');
        const source = cold(' --a--f--#', chunks, failure);
        const subscription = '^-------!';
        const expected = '    --a--f--#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('passes an error through that comes first', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('broken');
        const source = cold(' --#', chunks, failure);
        const subscription = '^-!';
        const expected = '    --#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('stops the source when it is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   --a--b--f--|', chunks);
        const subscription = '  ^---!';
        const unsubscription = '----!';
        const expected = '      --a--';
        expectObservable(source.pipe(untilDone()), unsubscription).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('judges for a second subscriber anew', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('        --a--f--|', chunks);
        const second = cold('          --a--|', chunks);
        const firstSubscription = ' ^-------!';
        const firstExpected = '     --a--f--|';
        const secondSubscription = '---^----!';
        const secondExpected = '    -----a--#';
        const result = inTurn(first, second).pipe(untilDone());
        expectObservable(result).toBe(firstExpected, chunks);
        expectObservable(result, '---^').toBe(secondExpected, chunks, truncated(1));
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('makes an error of a chunk that throws when it is read, and stops the source', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const failure = new Error('not readable');
        const trap = {
          get choices(): never {
            throw failure;
          },
        } as unknown as ChatCompletionChunk;
        const source = hot('  --a--t--b--|', { ...chunks, t: trap });
        const subscription = '^----!';
        const expected = '    --a--#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('reads a synchronous source', () => {
      marbles(({ expectObservable }) => {
        const whole = '(af|)';
        const cut = '  (ab#)';
        expectObservable(from([chunks.a, chunks.f]).pipe(untilDone())).toBe(whole, chunks);
        expectObservable(from([chunks.a, chunks.b]).pipe(untilDone())).toBe(cut, chunks, truncated(2));
      });
    });

    it('stops an endless synchronous source as soon as nobody listens', () => {
      const endless = new Endless((index) => content(`${index}`));
      const heard: unknown[] = [];
      endless.values.pipe(untilDone(), take(1)).subscribe((chunk) => heard.push(chunk));
      expect(heard).toEqual([content('0')]);
      expect(endless.produced).toBe(1);
    });

    it('stops an endless synchronous source at the end of the answer', () => {
      const endless = new Endless(() => responseEnd('completed'));
      const heard: unknown[] = [];
      endless.values
        .pipe(untilDone())
        .subscribe({ next: () => heard.push('event'), complete: () => heard.push('complete') });
      expect(heard).toEqual(['event', 'complete']);
      expect(endless.produced).toBe(1);
    });

    it('emits one chunk to take(1) also when that makes the source emit again', () => {
      const source = new Subject<unknown>();
      const heard: unknown[] = [];
      source.pipe(untilDone(), take(1)).subscribe((item) => {
        heard.push(item);
        source.next(chunks.b);
      });
      source.next(chunks.a);
      expect(heard).toEqual([chunks.a]);
      expect(source.observed).toBe(false);
    });

    it('hands on the very chunks, frozen ones too', () => {
      const source = new Subject<unknown>();
      const heard: unknown[] = [];
      source.pipe(untilDone()).subscribe({ next: (item) => heard.push(item), complete: () => heard.push('complete') });
      const sent = [Object.freeze(content('Hel')), Object.freeze({ choices: [{ finish_reason: 'stop' }] })];
      for (const chunk of sent) source.next(chunk);
      source.complete();
      expect(heard).toHaveLength(3);
      expect(heard[0]).toBe(sent[0]);
      expect(heard[1]).toBe(sent[1]);
      expect(heard[2]).toBe('complete');
    });

    it.each([
      ['a terminal event', responseEnd('completed')],
      ['a failure', responseEnd('failed')],
      ['[DONE]', { data: '[DONE]' }],
    ])('emits %s to take(1), which stops it before it ends by itself', (_label, item) => {
      const source = new Subject<unknown>();
      const heard: unknown[] = [];
      source.pipe(untilDone(), take(1)).subscribe({
        next: (emitted) => heard.push(emitted),
        error: (error: unknown) => heard.push(error),
        complete: () => heard.push('complete'),
      });
      expect(() => {
        source.next(item);
      }).not.toThrow();
      expect(heard).toEqual([item, 'complete']);
      expect(source.observed).toBe(false);
    });
  });

  describe('with Responses events', () => {
    const events = {
      c: responseEvent('response.created', { response: { id: 'resp_1', status: 'in_progress' } }),
      a: outputText('Hel'),
      d: responseEvent('response.output_text.done', { text: 'Hel' }),
      s: responseEnd('completed'),
      i: responseEnd('incomplete'),
      x: responseEnd('cancelled'),
      f: responseEnd('failed', { error: { code: 'server_is_overloaded', message: 'Too much' } }),
    };

    it.each(['s', 'i', 'x'])('emits the terminal event, then ends (%s)', (end) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(` -c-a-${end}-a-#`, events);
        const subscription = '^----!     ';
        const expected = `    -c-a-(${end}|)`;
        expectObservable(source.pipe(untilDone())).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('emits response.failed, then ends with the error that it carries', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' -c-a-f-a-|', events);
        const subscription = '^----!';
        const expected = '    -c-a-(f#)';
        const failure = expect.objectContaining({ kind: 'stream', code: 'server_is_overloaded', message: 'Too much' });
        expectObservable(source.pipe(untilDone())).toBe(expected, events, failure);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('ends with an APIStreamError also where response.failed carries no error', () => {
      const heard: unknown[] = [];
      of(responseEnd('failed'))
        .pipe(untilDone())
        .subscribe({ error: (error: unknown) => heard.push(error) });
      expect(heard).toEqual([expect.any(APIStreamError)]);
    });

    it('makes an error of an answer that was cut', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' -c-a-d-|', events);
        const subscription = '^------!';
        const expected = '    -c-a-d-#';
        expectObservable(source.pipe(untilDone())).toBe(expected, events, truncated(3));
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });
  });

  describe('with server-sent events', () => {
    const sse = (data: unknown, fields: Partial<ServerSentEvent> = {}): ServerSentEvent => ({
      data: typeof data === 'string' ? data : JSON.stringify(data),
      ...fields,
    });
    const events = {
      a: sse(content('Hel'), { id: '7' }),
      b: sse(content('lo')),
      f: sse(finish()),
      u: sse(usage()),
      D: sse('[DONE]'),
      B: sse(' [DONE]\n'),
      _: sse('  '),
      j: sse('{"choices":'),
      e: sse({ error: { message: 'Too much' } }, { event: 'error' }),
      t: sse(responseEnd('completed')),
      l: sse({ response: {} }, { event: 'response.completed' }),
      x: sse(responseEnd('failed', { error: { message: 'Broken' } })),
      o: sse({ type: 'response.output_text.delta', delta: '' }, { event: 'response.completed' }),
    };

    it.each(['D', 'B'])('emits [DONE], then ends (%s)', (end) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(` -a-${end}-b-#`, events);
        const subscription = '^--!     ';
        const expected = `    -a-(${end}|)`;
        expectObservable(source.pipe(untilDone())).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('takes an empty answer with [DONE] for whole', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-D--', events);
        const expected = '   -(D|)';
        expectObservable(source.pipe(untilDone())).toBe(expected, events);
      });
    });

    it('completes with a source without [DONE] when every choice has finished', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-a-f-u-|', events);
        const expected = '   -a-f-u-|';
        expectObservable(source.pipe(untilDone())).toBe(expected, events);
      });
    });

    it('makes an error of an answer that was cut, with the last id, and without counting what is no chunk', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-a-b-_-j-|', events);
        const expected = '   -a-b-_-j-#';
        expectObservable(source.pipe(untilDone())).toBe(expected, events, truncated(2, { lastEventId: '7' }));
      });
    });

    it('lets errors inside the stream pass as the events that they are', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-a-e-D', events);
        const expected = '   -a-e-(D|)';
        expectObservable(source.pipe(untilDone())).toBe(expected, events);
      });
    });

    it.each(['t', 'l'])('emits a terminal event of a Response, then ends (%s)', (end) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(` -${end}-a-|`, events);
        const subscription = '^!    ';
        const expected = `    -(${end}|)`;
        expectObservable(source.pipe(untilDone())).toBe(expected, events);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('emits response.failed, then ends with the error that it carries', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-x-a-|', events);
        const expected = '   -(x#)';
        const failure = expect.objectContaining({ kind: 'stream', message: 'Broken' });
        expectObservable(source.pipe(untilDone())).toBe(expected, events, failure);
      });
    });

    it('believes the type of the data rather than the event line', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-o-|', events);
        const expected = '   -o-#';
        expectObservable(source.pipe(untilDone())).toBe(expected, events, truncated(1));
      });
    });
  });

  describe('with the streams of a client', () => {
    it('does nothing to one that the client has judged', () => {
      const stream = new ChunkStream<ChatCompletionChunk>({
        chunks: () => from([chunks.a!]),
        events: () => NEVER,
        withResponse: () => NEVER,
        isJudged: true,
      });
      expect(stream.pipe(untilDone())).toBe(stream);
    });

    it('judges a stand-in of one', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('-a-|', chunks);
        const expected = '   -a-#';
        expectObservable(ChunkStream.of(source).pipe(untilDone())).toBe(expected, chunks, truncated(1));
      });
    });

    it.each(['whole', 'lenient'] as const)('trusts the end that a client has marked (%s)', (end) => {
      marbles(({ cold, expectObservable }) => {
        markEnd(chunks.b!, end);
        const source = cold('-a-b-|', chunks);
        const expected = '   -a-b-|';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks);
      });
    });

    it('trusts such a mark on the last chunk only', () => {
      marbles(({ cold, expectObservable }) => {
        markEnd(chunks.a!, 'whole');
        const source = cold('-a-b-|', chunks);
        const expected = '   -a-b-#';
        expectObservable(source.pipe(untilDone())).toBe(expected, chunks, truncated(2));
      });
    });
  });

  describe('where the answer starts again', () => {
    const cut = new APIConnectionError('cut', { phase: 'body' });
    const restart = <T>() => retryWithBackoff<T>({ afterFirstChunk: 'restart', initialDelayMs: 3, jitter: 0 });

    it('judges the last attempt only', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -d-f-#        ', chunks, cut);
        const second = cold('        -a-f-|', chunks);
        const expected = '   -d-f-----a-f-|';
        expectObservable(inTurn(first, second).pipe(restart(), untilDone())).toBe(expected, chunks);
      });
    });

    it('counts the chunks of the last attempt only, and forgets the last id', () => {
      marbles(({ cold, expectObservable }) => {
        const event = { i: { data: '{"choices":[]}', id: '7' }, n: { data: '{"choices":[]}' } };
        const first = cold(' -i-i-#      ', event, cut);
        const second = cold('        -n-|', event);
        const expected = '   -i-i-----n-(e|)';
        const result = inTurn<unknown>(first, second).pipe(
          restart(),
          untilDone(),
          catchError((error: unknown) => {
            const { chunkCount, lastEventId } = error as StreamTruncatedError;
            return of({ chunkCount, lastEventId });
          }),
        );
        expectObservable(result).toBe(expected, { ...event, e: { chunkCount: 1, lastEventId: undefined } });
      });
    });
  });
});
