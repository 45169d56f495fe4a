import fc from 'fast-check';
import {
  concat,
  EMPTY,
  firstValueFrom,
  from,
  lastValueFrom,
  materialize,
  NEVER,
  of,
  Subject,
  take,
  throwError,
  toArray,
  type ObservableInput,
} from 'rxjs';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  APIStreamError,
  APIUserAbortError,
  createClient,
  decodeEvents,
  isAPIError,
  MalformedStreamError,
  parseChunks,
  StreamTruncatedError,
  type APIError,
} from 'rxdelta';
import { toServerSentEvents, type ServerSentEventsOptions } from 'rxdelta/server';
import { fakeTransport, responseEvents } from 'rxdelta/testing';
import { content, finish } from '../support/chunks';
import { Endless, marbles } from '../support/marbles';

const DONE = 'data: [DONE]\n\n';
const PARAMS = { model: 'm', messages: [] };

/** What is written of a source, as one text. */
async function textOf<T>(source: ObservableInput<T>, options?: ServerSentEventsOptions<T>): Promise<string> {
  return (await lastValueFrom(from(source).pipe(toServerSentEvents(options), toArray()))).join('');
}

/** What a client ends with that reads the text. */
function readError(text: string): Promise<unknown> {
  const client = createClient({ apiKey: 'key', transport: fakeTransport([text]) });
  return lastValueFrom(client.chat.completions.stream(PARAMS), { defaultValue: undefined }).catch(
    (error: unknown) => error,
  );
}

describe('toServerSentEvents', () => {
  it('writes each value as it comes, and [DONE] at the end', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-b-|', { a: { a: 1 }, b: 'two\nlines' });
      const subscribed = '   ^----!';
      const expected = '     -a-b-(d|)';
      expectObservable(source.pipe(toServerSentEvents())).toBe(expected, {
        a: 'data: {"a":1}\n\n',
        b: 'data: "two\\nlines"\n\n',
        d: DONE,
      });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('writes [DONE] alone of an empty source', async () => {
    expect(await textOf(EMPTY)).toBe(DONE);
  });

  it('writes events of a Response with their lines, and no [DONE]', async () => {
    const events = responseEvents.text('Hi');
    const text = await textOf(events);
    expect(text).not.toContain('[DONE]');
    expect(text.match(/^event: .*$/gm)).toEqual(events.map(({ type }) => `event: ${type}`));
    expect(await textOf(events, { done: true })).toBe(text + DONE);
    expect(await textOf([content('a')], { done: false })).not.toContain('[DONE]');
  });

  it('writes ids, names and the time to retry', async () => {
    const text = await textOf(['x', 'y'], { id: (_, index) => index, event: (value) => `is-${value}`, retryMs: 1500 });
    expect(text).toBe(`retry: 1500\n\nevent: is-x\nid: 0\ndata: "x"\n\nevent: is-y\nid: 1\ndata: "y"\n\n${DONE}`);
  });

  it('writes a comment after each silence, not counted from before the last text', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --a----------b|', { a: 1, b: 2 });
      const expected = '     --a----:----:b(d|)';
      expectObservable(source.pipe(toServerSentEvents({ heartbeatMs: 5 }))).toBe(expected, {
        a: 'data: 1\n\n',
        b: 'data: 2\n\n',
        ':': ': \n\n',
        d: DONE,
      });
    });
  });

  it('writes comments while nothing has come yet, and none when told so', () => {
    marbles(({ expectObservable }) => {
      const beats = { b: ': \n\n', r: 'retry: 1\n\n: \n\n' };
      expectObservable(NEVER.pipe(toServerSentEvents({ heartbeatMs: 2, retryMs: 1 })), '^----!').toBe('--r-b', beats);
      expectObservable(NEVER.pipe(toServerSentEvents({ heartbeatMs: Infinity })), '^---------!').toBe('-');
    });
  });

  it('stops its source and its time when it is left', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-b-', { a: 1, b: 2 });
      expectObservable(source.pipe(toServerSentEvents({ heartbeatMs: 2 })), '^-!').toBe('-a', { a: 'data: 1\n\n' });
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
    const endless = new Endless((index) => index);
    endless.values.pipe(toServerSentEvents(), take(3)).subscribe();
    expect(endless.produced).toBe(3);
  });

  it.each<[string, ServerSentEventsOptions<unknown>, unknown]>([
    ['an id with a line feed', { id: () => 'a\ndata: {"x":1}' }, 1],
    ['an id with a carriage return', { id: () => 'a\r' }, 1],
    ['an id with NUL', { id: () => 'a\0' }, 1],
    ['a name with a line feed', { event: () => 'a\n\ndata: x' }, 1],
    [
      'a function that throws',
      {
        id: () => {
          throw new Error('sk-secret');
        },
      },
      1,
    ],
    ['a value that JSON has not', {}, undefined],
    [
      'a value in a circle',
      {},
      (() => {
        const a: any = {};
        a.a = a;
        return a;
      })(),
    ],
    ['a BigInt', {}, 5n],
  ])('ends with an internal error at %s, and stops its source', async (_, options, value) => {
    const source = new Subject<unknown>();
    const texts: string[] = [];
    const over = jest.fn();
    source.pipe(toServerSentEvents(options)).subscribe({ next: (text) => texts.push(text), complete: over });
    source.next(value);
    expect(over).toHaveBeenCalledTimes(1);
    expect(source.observed).toBe(false);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^event: error\ndata: \{"error":.*"code":"internal_error".*\}\n\n$/);
    expect(texts[0]).not.toContain('sk-secret');
  });

  it.each([
    { retryMs: 1.5 },
    { retryMs: -1 },
    { retryMs: NaN },
    { retryMs: 1e21 },
    { heartbeatMs: 0 },
    { heartbeatMs: NaN },
  ])('throws at once for %j', (options) => {
    expect(() => toServerSentEvents(options)).toThrow(RangeError);
  });

  it('does not tell an error twice that response.failed has told', async () => {
    const events = responseEvents.failed({ code: 'server_error', message: 'no' });
    const client = createClient({ apiKey: 'key', transport: fakeTransport([events]) });
    const text = await textOf(client.responses.stream({ model: 'm', input: '' }));
    expect(text).toContain('event: response.failed\n');
    expect(text).not.toContain('event: error\n');
  });
});

describe('an error that toServerSentEvents writes', () => {
  const code = fc.option(fc.stringMatching(/^[a-z_]{1,20}$/), { nil: undefined });
  const common = fc.record(
    { retryable: fc.boolean(), retryAfterMs: fc.nat(), requestId: fc.stringMatching(/^req_\w{1,9}$/) },
    { requiredKeys: [] },
  );
  const said = fc.record({ code: fc.oneof(code, fc.integer()), type: code, param: code }, { requiredKeys: [] });
  const phase = fc.constantFrom('connect', 'head', 'body', 'idle', 'chunk', 'total' as const);
  const reason = fc.constantFrom('json', 'event-too-large', 'content-type', 'encoding', 'protocol' as const);
  const words = 'http://10.0.0.7:8443 sk-secret';
  const errors: fc.Arbitrary<APIError> = fc.oneof(
    fc.tuple(common, phase).map(([more, phase]) => new APIConnectionError(words, { ...more, phase })),
    fc.tuple(common, phase).map(([more, phase]) => new APIConnectionTimeoutError(words, { ...more, phase })),
    fc.tuple(common, fc.nat()).map(([more, chunkCount]) => new StreamTruncatedError(words, { ...more, chunkCount })),
    fc.tuple(common, reason).map(([more, reason]) => new MalformedStreamError(words, { ...more, reason })),
    fc.tuple(common, said).map(([more, fields]) => new APIStreamError(words, { ...more, ...fields })),
    fc
      .tuple(
        common,
        said,
        fc.integer({ min: 404, max: 599 }).filter((status) => status !== 407),
      )
      .map(
        ([more, fields, status]) =>
          new APIStatusError(words, { ...more, ...fields, status, headers: { server: words } }),
      ),
  );
  /** What is the same on both sides: all but the words, the headers and the id, which is in the head. */
  const fieldsOf = (error: unknown) => {
    const { message: _message, headers: _headers, requestId: _id, ...fields } = (error as APIError).toJSON() as any;
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  };

  it('is an error of the same class and the same fields for a client, and has none of its words', async () => {
    await fc.assert(
      fc.asyncProperty(errors, async (error) => {
        const text = await textOf(throwError(() => error));
        expect(text).not.toMatch(/10\.0\.0\.7|secret/);
        const read = await readError(text);
        expect(read).toBeInstanceOf(error.constructor);
        expect(fieldsOf(read)).toEqual(fieldsOf(error));
      }),
      { numRuns: 300 },
    );
  });

  it.each([302, 401, 402, 403, 407])(
    'is a 502 for %s, which concerns the server and not its reader',
    async (status) => {
      const text = await textOf(throwError(() => new APIStatusError('', { status, code: 'bad_code' })));
      expect(await readError(text)).toMatchObject({ kind: 'status', status: 502, code: 'bad_code', retryable: false });
    },
  );

  it('comes after the chunks before it', async () => {
    const error = new APIConnectionTimeoutError('', { phase: 'idle' });
    const text = await textOf(
      concat(
        of(content('a'), finish()),
        throwError(() => error),
      ),
    );
    const client = createClient({ apiKey: 'key', transport: fakeTransport([text]) });
    const seen = await lastValueFrom(client.chat.completions.stream(PARAMS).pipe(materialize(), toArray()));
    expect(seen).toMatchObject([{ value: content('a') }, { value: finish() }, { error: { phase: 'idle' } }]);
  });

  it('is no abort for who has not aborted', async () => {
    const text = await textOf(throwError(() => new APIUserAbortError()));
    expect(await readError(text)).toMatchObject({ kind: 'stream', code: 'aborted', retryable: false });
  });

  it.each([new Error('sk-secret'), 'sk-secret', undefined, { kind: 'status', message: 'sk-secret' }])(
    'is an internal error where it is no APIError: %p',
    async (error) => {
      const text = await textOf(throwError(() => error));
      expect(text).not.toContain('secret');
      expect(await readError(text)).toMatchObject({ kind: 'stream', code: 'internal_error', retryable: false });
    },
  );

  it('has the words that the application gives it', async () => {
    const error = new APIConnectionError('', { phase: 'head' });
    const text = await textOf(
      throwError(() => error),
      { errorMessage: () => 'Please try later' },
    );
    expect(await readError(text)).toMatchObject({ message: 'Please try later' });
    const silent = await textOf(
      throwError(() => error),
      {
        errorMessage: () => {
          throw new Error('sk-secret');
        },
      },
    );
    expect(silent).not.toContain('secret');
    expect(await readError(silent)).toMatchObject({ kind: 'connection' });
  });
});

describe('an error that a server makes up', () => {
  const parse = async (rxdelta: unknown) => {
    const bytes = new TextEncoder().encode(`data: ${JSON.stringify({ error: { message: 'm', rxdelta } })}\n\n`);
    return firstValueFrom(of(bytes).pipe(decodeEvents(), parseChunks())).catch(
      (failure: unknown) => failure as APIError,
    );
  };
  const whole = { kind: 'timeout', phase: 'idle', retryable: true };

  it('is of the class that it names, when all of it is as a relay writes it', async () => {
    expect(await parse(whole)).toBeInstanceOf(APIConnectionTimeoutError);
    const cut = await parse({ kind: 'truncated', chunkCount: 3, retryable: true, retryAfterMs: 1.5 });
    expect(cut).toMatchObject({ kind: 'truncated', chunkCount: 3, retryAfterMs: 1.5 });
  });

  it.each([
    { kind: 'abort' },
    { message: 'The idle limit passed' },
    { kind: 'constructor' },
    { kind: ['timeout'] },
    { kind: { toString: 1 } },
    { phase: 'elsewhere' },
    { phase: null },
    { phase: undefined },
    { retryable: 'yes' },
    { retryable: undefined },
    { retryable: true, retryAfterMs: -1 },
    { retryable: true, retryAfterMs: '5' },
    { retryable: true, retryAfterMs: 1e300 },
    { retryable: true, more: 'treasure' },
    { reason: 'json' },
    { status: 500 },
    { kind: 'status', phase: undefined, status: 200 },
    { kind: 'status', phase: undefined, status: 5000 },
    { kind: 'truncated', phase: undefined, chunkCount: '1' },
    { kind: 'malformed', phase: undefined, reason: 'treasure' },
  ])('is an APIStreamError otherwise: %j', async (fields) => {
    const last = 'retryable' in fields ? {} : { retryable: true };
    const error = await parse({ kind: 'timeout', phase: 'idle', ...fields, ...last });
    expect(error).toBeInstanceOf(APIStreamError);
    expect(error).toMatchObject({ message: 'm', kind: 'stream', retryable: false });
  });

  it('takes no words out of the request, whatever it calls itself', async () => {
    const secret = 'the treasure of the lake lies under the boat house';
    const text = `data: ${JSON.stringify({ error: { rxdelta: whole, message: `said: ${secret.slice(0, 30)}` } })}\n\n`;
    const client = createClient({ apiKey: 'key', transport: fakeTransport([text]) });
    const messages = [{ role: 'user' as const, content: secret }];
    const error = await lastValueFrom(client.chat.completions.stream({ model: 'm', messages })).catch(
      (failure: unknown) => failure as APIError,
    );
    expect(error).toBeInstanceOf(APIConnectionTimeoutError);
    expect(isAPIError(error) && error.message).toBe('said: [redacted]');
    expect(JSON.stringify([(error as APIError).cause])).not.toContain('treasure');
  });
});
