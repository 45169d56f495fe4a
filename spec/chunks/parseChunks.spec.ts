import { from, Subject, take } from 'rxjs';
import { APIStreamError, MalformedStreamError, parseChunks, type ServerSentEvent } from 'rxdelta';
import { content, finish, outputText, responseEnd, toolCalls, usage } from '../support/chunks';
import { Endless, marbles } from '../support/marbles';

const sse = (data: unknown, event?: string): ServerSentEvent => ({
  data: typeof data === 'string' ? data : JSON.stringify(data),
  ...(event === undefined ? {} : { event }),
});

describe('parseChunks', () => {
  const chunks = { a: content('Hel'), b: content('lo'), f: finish(), u: usage() };
  const events = {
    a: sse(chunks.a),
    b: sse(chunks.b),
    f: sse(chunks.f),
    u: sse(chunks.u),
    D: sse('[DONE]'),
    B: sse(' [DONE]\n'),
    _: sse(''),
    w: sse(' \n'),
  };

  it('parses the data of each event, and completes at [DONE] without waiting for the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b--f--u--D--#', events);
      const subscription = '^-------------!';
      const expected = '    --a--b--f--u--|';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('knows [DONE] with blanks around it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--B--a', events);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes over blank data', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--_--a--w--b--|', events);
      const expected = '   -----a-----b--|';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks);
    });
  });

  it('completes with a source that completes, whether the answer was whole or not', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--|', events);
      const subscription = '^----!';
      const expected = '    --a--|';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits nothing of an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --|', events);
      const subscription = '^-!';
      const expected = '    --|';
      expectObservable(source.pipe(parseChunks())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stays silent with a source that never emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', events);
      const subscription = '^';
      const expected = '    -';
      expectObservable(source.pipe(parseChunks())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through after the chunks before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --a--b--#', events, failure);
      const subscription = '^-------!';
      const expected = '    --a--b--#';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('passes an error through that comes first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('broken');
      const source = cold(' --#', events, failure);
      const subscription = '^-!';
      const expected = '    --#';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('stops the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --a--b--D', events);
      const subscription = '  ^---!';
      const unsubscription = '----!';
      const expected = '      --a--';
      expectObservable(source.pipe(parseChunks()), unsubscription).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('serves a second subscriber by a subscription of its own', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --a--D', events);
      const firstSubscription = ' ^----!';
      const firstExpected = '     --a--|';
      const secondSubscription = '---^----!';
      const secondExpected = '    -----a--|';
      const result = source.pipe(parseChunks());
      expectObservable(result).toBe(firstExpected, chunks);
      expectObservable(result, '---^').toBe(secondExpected, chunks);
      expectSubscriptions(source.subscriptions).toBe([firstSubscription, secondSubscription]);
    });
  });

  it('makes an error of what is no event, and stops the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--n--b--|', { ...events, n: {} as ServerSentEvent });
      const subscription = '^----!';
      const expected = '    --a--#';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks, expect.any(TypeError));
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('reads a synchronous source', () => {
    marbles(({ expectObservable }) => {
      const source = from([events.a, events.b, events.D, events.a]);
      const expected = '(ab|)';
      expectObservable(source.pipe(parseChunks())).toBe(expected, chunks);
    });
  });

  it.each([
    ['when nobody listens any more', content('Hel')],
    ['at an error', { error: { message: 'Too much' } }],
    ['at [DONE]', '[DONE]'],
  ])('stops an endless synchronous source %s', (_when, data) => {
    const endless = new Endless(() => sse(data));
    const heard: unknown[] = [];
    const observer = {
      next: () => heard.push('next'),
      error: () => heard.push('end'),
      complete: () => heard.push('end'),
    };
    endless.values.pipe(parseChunks(), take(1)).subscribe(observer);
    expect(heard.at(-1)).toBe('end');
    expect(endless.produced).toBe(1);
  });

  it('emits one chunk to take(1) also when that makes the source emit again', () => {
    const source = new Subject<ServerSentEvent>();
    const heard: unknown[] = [];
    source.pipe(parseChunks(), take(1)).subscribe((chunk) => {
      heard.push(chunk);
      source.next(events.b);
    });
    source.next(events.a);
    expect(heard).toEqual([chunks.a]);
    expect(source.observed).toBe(false);
  });

  it('emits Responses events, unknown ones too, and goes on after the terminal one', () => {
    marbles(({ cold, expectObservable }) => {
      const responses = {
        a: outputText('Hel'),
        x: { type: 'response.something.new', x: 1 },
        e: responseEnd('completed'),
      };
      const source = cold('-a-x-e-x-|', { a: sse(responses.a), x: sse(responses.x, 'new'), e: sse(responses.e) });
      const expected = '   -a-x-e-x-|';
      expectObservable(source.pipe(parseChunks())).toBe(expected, responses);
    });
  });

  it('emits response.failed, then raises it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failed = responseEnd('failed', { error: { code: 'rate_limit_exceeded', message: 'Slow down' } });
      const source = cold(' -f-a-|', { f: sse(failed), a: events.a });
      const subscription = '^!';
      const expected = '    -(f#)';
      const failure = expect.objectContaining({ kind: 'stream', message: 'Slow down', code: 'rate_limit_exceeded' });
      expectObservable(source.pipe(parseChunks())).toBe(expected, { f: failed }, failure);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('emits response.failed, then raises it, also where only the event line says so', () => {
    marbles(({ cold, expectObservable }) => {
      const failed = { response: { error: { message: 'Broken' } } };
      const source = cold('-f-|', { f: sse(failed, 'response.failed') });
      const expected = '   -(f#)';
      const failure = expect.objectContaining({ kind: 'stream', message: 'Broken' });
      expectObservable(source.pipe(parseChunks())).toBe(expected, { f: failed }, failure);
    });
  });

  it('believes the type of the data rather than event: response.failed', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('-a-|', { a: sse(outputText('Hel'), 'response.failed') });
      const expected = '   -a-|';
      expectObservable(source.pipe(parseChunks())).toBe(expected, { a: outputText('Hel') });
    });
  });

  /** What becomes of one event: its chunk, or the error. */
  function parse(event: ServerSentEvent): { chunks: object[]; error: unknown } {
    const result: { chunks: object[]; error: unknown } = { chunks: [], error: undefined };
    from([event])
      .pipe(parseChunks())
      .subscribe({
        next: (chunk) => result.chunks.push(chunk),
        error: (error: unknown) => {
          result.error = error;
        },
      });
    return result;
  }

  describe('raises an error inside the stream', () => {
    const said = { message: 'Too much', code: 'overloaded', type: 'server_error', param: 'n' };
    const flat = { message: 'Too much', code: 'overloaded', param: 'n' };

    it.each([
      ['an error field', sse({ error: said }), said],
      ['an error field beside choices', sse({ id: 'chatcmpl-1', choices: [], error: said }), said],
      ['an error field that is a string', sse({ error: 'Too much' }), { message: 'Too much' }],
      ['type "error"', sse({ type: 'error', ...flat }), flat],
      ['type "error" with a nested error', sse({ type: 'error', error: said }), said],
      ['object "error"', sse({ object: 'error', ...said }), said],
      ['event: error with a nested error', sse({ error: said }, 'error'), said],
      ['event: error with a flat error', sse(said, 'error'), said],
      ['event: error with a flat error without a type', sse(flat, 'error'), flat],
      ['event: error with a detail', sse({ detail: 'Too much' }, 'error'), { message: 'Too much' }],
      [
        'event: error with problem details',
        sse({ type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'Too much' }, 'error'),
        { message: 'Too much', type: 'about:blank' },
      ],
      [
        'event: error with the code for its type',
        sse({ type: 'rate_limit_exceeded', code: 429 }, 'error'),
        { type: 'rate_limit_exceeded', code: 429, retryable: true },
      ],
      ['event: error with a JSON string', sse('"Too much"', 'error'), { message: 'Too much' }],
      ['event: error with an array of one', sse([{ error: said }], 'error'), said],
      ['event: error with plain text', sse('Too much', 'error'), { message: 'Too much' }],
    ])('that comes as %s', (_form, event, fields) => {
      const { chunks: emitted, error } = parse(event);
      expect(emitted).toEqual([]);
      expect(error).toBeInstanceOf(APIStreamError);
      expect(error).toMatchObject(fields);
    });

    it('after the chunks before it, and stops the source', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(' -a-e-b-|', { ...events, e: sse({ error: said }) });
        const subscription = '^--!';
        const expected = '    -a-#';
        expectObservable(source.pipe(parseChunks())).toBe(expected, chunks, expect.objectContaining(said));
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it.each([null, false, 0, ''])('but takes an error field that is %p for none', (error) => {
      const chunk = { ...content('Hel'), error };
      expect(parse(sse(chunk))).toEqual({ chunks: [chunk], error: undefined });
    });

    it('but believes the type of the data rather than event: error', () => {
      const chunk = outputText('Hel');
      expect(parse(sse(chunk, 'error'))).toEqual({ chunks: [chunk], error: undefined });
    });

    it('and keeps no more than 1 KiB of its words', () => {
      const { error } = parse(sse({ error: { message: 'x'.repeat(5000) } }));
      expect((error as Error).message.length).toBeLessThanOrEqual(1025);
    });
  });

  describe('raises a MalformedStreamError', () => {
    const secret = '          sk-secret';

    it.each([
      ['that is not JSON', `{"choices": ${secret}`],
      ['that is plain text', secret],
      ['that is JSON twice', `{"a":"${secret}"}{"b":1}`],
      ['that is a JSON string', `"${secret}"`],
      ['that is a number', '7'],
      ['that is null', 'null'],
      ['that is an array', `["${secret}"]`],
    ])('for data %s, and does not quote it', (_what, data) => {
      const { chunks: emitted, error } = parse(sse(data));
      expect(emitted).toEqual([]);
      expect(error).toBeInstanceOf(MalformedStreamError);
      expect(error).toMatchObject({ reason: 'json', retryable: false });
      expect((error as Error).message).not.toContain(secret);
      expect((error as Error).cause).toBeUndefined();
    });

    it.each([-1, 1.5, 1e9, '0', true, {}, []])('for an impossible index: %j', (index) => {
      const malformed = { chunks: [], error: expect.any(MalformedStreamError) };
      expect(parse(sse({ choices: [{ index, delta: {} }] }))).toEqual(malformed);
      expect(parse(sse({ choices: [{ index: 0, delta: { tool_calls: [{ index }] } }] }))).toEqual(malformed);
    });

    it.each([
      { choices: 7 },
      { choices: {} },
      { choices: 'text' },
      { choices: [null] },
      { choices: [7] },
      { choices: [{ index: 0 }, { index: -1 }] },
      { choices: [{ delta: { tool_calls: [null] } }] },
      { choices: [{ delta: { tool_calls: [7] } }] },
    ])('for an impossible chunk: %j', (chunk) => {
      expect(parse(sse(chunk))).toEqual({ chunks: [], error: expect.any(MalformedStreamError) });
    });

    it.each([
      toolCalls({ index: 127, id: 'a' }),
      { choices: [{ index: null, delta: { tool_calls: [{ index: null }, {}] } }] },
      { choices: [{ delta: null }, { index: 12, delta: { tool_calls: null } }] },
      { choices: null, x_extra: [1] },
      { choices: [] },
      {},
    ])('but not for indices that are left out or possible: %j', (chunk) => {
      expect(parse(sse(chunk))).toEqual({ chunks: [chunk], error: undefined });
    });
  });
});
