import { filter, Subject, tap } from 'rxjs';
import {
  APIConnectionError,
  createClient,
  isAPIError,
  untilDone,
  type Client,
  type ClientOptions,
  type StreamTruncatedError,
} from 'rxdelta';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, usage } from '../support/chunks';
import { bytesOf, eachInBytes, FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';
import { answer, event } from '../support/wire';

const params = { model: 'm', messages: [] };
const lenient = { completion: 'lenient' } as const;
const strict = { completion: 'strict' } as const;

function clientOf(fake: FakeTransport, options: ClientOptions = {}): Client {
  return createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: fake.send, ...options });
}

/** A client whose server answers with this text. */
function answering(text: string, options?: ClientOptions): Client {
  return clientOf(new FakeTransport(respond(text)), options);
}

function truncated(chunkCount: number, fields: Partial<StreamTruncatedError> = {}) {
  return expect.objectContaining({ kind: 'truncated', phase: 'body', retryable: true, chunkCount, ...fields });
}

describe('a chat of a client', () => {
  const chunks = {
    a: content('Hel'),
    b: content('lo'),
    d: content('one', 1),
    f: finish(),
    g: finish('length', 1),
    u: usage(),
  };
  const bytes = eachInBytes({
    ...Object.fromEntries(Object.entries(chunks).map(([name, chunk]) => [name, event(chunk)])),
    D: event('[DONE]'),
    B: 'data:  [DONE] \n\n',
    _: 'data: \n\ndata:\n\nevent: ping\n\n: comment\n\n',
    x: 'data: {"choices',
  });
  const chat = (body: Parameters<typeof respond>[0], options?: ClientOptions) =>
    clientOf(new FakeTransport(respond(body)), options).chat.completions.stream(params);

  it.each(['D', 'B'])('completes at [DONE], without waiting for the end of the body (%s)', (end) => {
    marbles(({ cold, expectObservable }) => {
      const body = cold(`-a-f-${end}-----`, bytes);
      const expected = '  -a-f-|';
      expectObservable(chat(body)).toBe(expected, chunks);
    });
  });

  it('completes also for a consumer that freezes what comes', async () => {
    const stream = answering(answer('Hello')).chat.completions.stream(params);
    const { isComplete, values } = await record(stream.pipe(tap((chunk) => Object.freeze(chunk))));
    expect(isComplete).toBe(true);
    expect(values).toHaveLength(2);
  });

  it('completes at [DONE] also without a finish reason, and without a chunk', () => {
    marbles(({ cold, expectObservable }) => {
      const cut = cold('      -a-D', bytes);
      const cutExpected = '   -a-|';
      const empty = cold('    -D', bytes);
      const emptyExpected = ' -|';
      expectObservable(chat(cut)).toBe(cutExpected, chunks);
      expectObservable(chat(empty)).toBe(emptyExpected);
    });
  });

  it('completes with the body when every choice has finished', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-a-d-f-g-u-|', bytes);
      const expected = ' -a-d-f-g-u-|';
      expectObservable(chat(body)).toBe(expected, chunks);
    });
  });

  it('does not complete before the body for a finish reason', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('      -a-f---', bytes);
      const unsubscription = ' ------!';
      const expected = '       -a-f---';
      expectObservable(chat(body), unsubscription).toBe(expected, chunks);
    });
  });

  it.each([
    ['a choice has not finished', '-a-d-f-|', '-a-d-f-#', 3],
    ['no choice was seen', '         -u-|', '-u-#', 1],
    ['nothing came', '               -|', '-#', 0],
    ['an event was cut', '           -a-x|', '-a--#', 1],
  ])('is truncated where %s', (_, source, expected, chunkCount) => {
    marbles(({ cold, expectObservable }) => {
      const body = cold(source, bytes);
      expectObservable(chat(body)).toBe(expected, chunks, truncated(chunkCount));
    });
  });

  it('says the id of the last event before it was cut', async () => {
    const text = `id: 7\n${event(chunks.a)}${event(chunks.b)}id: 8\ndata: {`;
    expect((await record(chat(text))).error).toEqual(truncated(2, { lastEventId: '7' }));
  });

  it('passes over blank data, comments and events without data', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-_-a-_-D', bytes);
      const expected = ' ---a---|';
      expectObservable(chat(body)).toBe(expected, chunks);
    });
  });

  it('takes a last event without its blank line where it is whole', async () => {
    const whole = await record(chat(`${event(chunks.a)}data: ${JSON.stringify(chunks.f)}`));
    expect(whole).toMatchObject({ values: [chunks.a, chunks.f], isComplete: true });
    const done = await record(chat(`${event(chunks.a)}data: [DONE]`));
    expect(done).toMatchObject({ values: [chunks.a], isComplete: true });
  });

  it.each([
    ['junk', (body: Subject<Uint8Array>) => body.next(bytesOf('data: {junk\n\n'))],
    ['an error', (body: Subject<Uint8Array>) => body.next(bytesOf(event({ error: { message: 'late' } })))],
    ['a chunk', (body: Subject<Uint8Array>) => body.next(bytesOf(event(content('late'))))],
    ['a reset', (body: Subject<Uint8Array>) => body.error(new APIConnectionError('reset', { phase: 'body' }))],
  ])('does not see %s after its end', (_, misbehave) => {
    const body = new Subject<Uint8Array>();
    const said: string[] = [];
    chat(body).subscribe({
      next: () => said.push('next'),
      error: () => said.push('error'),
      complete: () => said.push('end'),
    });
    body.next(bytes.a!);
    body.next(bytes.D!);
    misbehave(body);
    expect(said).toEqual(['next', 'end']);
  });

  it('does not see what comes with its end in one read', async () => {
    const recording = await record(chat(`${answer('Hello')}data: {junk\n\n${event({ error: 'late' })}`));
    expect(recording).toMatchObject({ isComplete: true, endCount: 1 });
    expect(recording.values).toHaveLength(2);
  });

  it('is a connection error where the body breaks before the end, also behind a finish reason', () => {
    marbles(({ cold, expectObservable }) => {
      const failure = new APIConnectionError('reset', { phase: 'body' });
      const body = cold('-a-f-#', bytes, failure);
      const expected = ' -a-f-#';
      expectObservable(chat(body, lenient)).toBe(expected, chunks, failure);
    });
  });

  describe('told to be lenient', () => {
    it('completes at a clean end of the body, whatever came', () => {
      marbles(({ cold, expectObservable }) => {
        const cut = cold('      -a-|', bytes);
        const cutExpected = '   -a-|';
        const empty = cold('    -|', bytes);
        const emptyExpected = ' -|';
        expectObservable(chat(cut, lenient)).toBe(cutExpected, chunks);
        expectObservable(chat(empty, lenient)).toBe(emptyExpected);
      });
    });

    it('completes at [DONE] as ever', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('-a-D---', bytes);
        const expected = ' -a-|';
        expectObservable(chat(body, lenient)).toBe(expected, chunks);
      });
    });

    it('by the request, completes a stream of a strict client; and the other way round', async () => {
      const text = event(chunks.a);
      const run = (client: ClientOptions, request: typeof lenient | typeof strict) =>
        record(answering(text, client).chat.completions.stream(params, request));
      expect((await run({}, lenient)).isComplete).toBe(true);
      expect((await run(strict, lenient)).isComplete).toBe(true);
      expect((await run(lenient, strict)).error).toEqual(truncated(1));
    });
  });
});

describe('a Response of a client', () => {
  const events = {
    c: responseEvent('response.created', { response: { id: 'resp_1', status: 'in_progress' } }),
    a: outputText('Hel'),
    d: responseEvent('response.output_text.done', { text: 'Hel' }),
    s: responseEnd('completed'),
    i: responseEnd('incomplete'),
    x: responseEnd('cancelled'),
    f: responseEnd('failed', { error: { code: 'server_is_overloaded', message: 'Too much' } }),
  };
  const bytes = eachInBytes(Object.fromEntries(Object.entries(events).map(([name, chunk]) => [name, event(chunk)])));
  const response = (body: Parameters<typeof respond>[0], options?: ClientOptions) =>
    clientOf(new FakeTransport(respond(body)), options).responses.stream({});

  it.each(['s', 'i', 'x'])('emits its terminal event, then completes without waiting for the body (%s)', (end) => {
    marbles(({ cold, expectObservable }) => {
      const body = cold(`-c-a-${end}-----`, bytes);
      const expected = ` -c-a-(${end}|)`;
      expectObservable(response(body)).toBe(expected, events);
    });
  });

  it('emits response.failed, then ends with the error that it carries', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('    -c-a-f---', bytes);
      const subscription = ' ^----!';
      const expected = '     -c-a-(f#)';
      const failure = expect.objectContaining({ kind: 'stream', code: 'server_is_overloaded', message: 'Too much' });
      expectObservable(response(body)).toBe(expected, events, failure);
      expectSubscriptions(body.subscriptions).toBe(subscription);
    });
  });

  it('is truncated without a terminal event', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-c-a-d-|', bytes);
      const expected = ' -c-a-d-#';
      expectObservable(response(body)).toBe(expected, events, truncated(3));
    });
  });

  it('completes without one where it is lenient', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-c-a-|', bytes);
      const expected = ' -c-a-|';
      expectObservable(response(body, lenient)).toBe(expected, events);
    });
  });

  it('reads the type from the event line where the data has none', async () => {
    const text = 'event: response.completed\ndata: {"response":{"id":"resp_1"}}\n\n';
    expect(await record(response(text))).toMatchObject({ values: [{ response: { id: 'resp_1' } }], isComplete: true });
  });

  it('believes the type of the data rather than the event line', async () => {
    const text = `event: response.completed\n${event(events.a)}`;
    expect(await record(response(text))).toMatchObject({ values: [events.a], error: truncated(1) });
  });
});

describe('client.stream', () => {
  interface Token {
    token: string;
    last?: boolean;
  }
  const tokens = { a: { token: 'Hel' }, b: { token: 'lo', last: true } };
  const bytes = eachInBytes({
    a: event(tokens.a),
    b: event(tokens.b),
    c: event(content('Hel')),
    f: event(finish()),
    s: event(responseEnd('completed')),
    D: event('[DONE]'),
  });
  const stream = (
    body: Parameters<typeof respond>[0],
    completion?: 'strict' | 'lenient' | ((chunk: Token) => boolean),
    options?: ClientOptions,
  ) => clientOf(new FakeTransport(respond(body)), options).stream<Token>('/tokens', {}, { completion });
  const isLast = ({ last }: Token) => last === true;

  it.each([
    ['nothing', undefined],
    ['lenient', 'lenient'],
    ['a function', isLast],
  ] as const)('is done at [DONE] (%s)', (_, completion) => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-a-D---', bytes);
      const expected = ' -a-|';
      expectObservable(stream(body, completion)).toBe(expected, tokens);
    });
  });

  it.each([
    ['nothing', undefined],
    ['lenient', 'lenient'],
    ['a function', isLast],
  ] as const)('is done at a clean end of the body (%s)', (_, completion) => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-a-|', bytes);
      const expected = ' -a-|';
      expectObservable(stream(body, completion)).toBe(expected, tokens);
    });
  });

  it('is done where the function says so, after the chunk that it said it of', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-a-b-a-|', bytes);
      const expected = ' -a-(b|)';
      expectObservable(stream(body, isLast)).toBe(expected, tokens);
    });
  });

  it('asks the function once for each chunk, after it was emitted', async () => {
    const said: string[] = [];
    const completion = ({ token }: Token) => {
      said.push(`asked ${token}`);
      return false;
    };
    const tokenStream = stream(event(tokens.a) + event(tokens.b), completion);
    await new Promise<void>((complete) => {
      tokenStream.subscribe({ next: ({ token }) => said.push(token), complete, error: complete });
    });
    expect(said).toEqual(['Hel', 'asked Hel', 'lo', 'asked lo']);
  });

  it('ends with what the function throws, and closes the connection', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('cannot tell');
      const body = cold('    -a-b-|', bytes);
      const subscription = ' ^!';
      const expected = '     -(a#)';
      const completion = () => {
        throw failure;
      };
      expectObservable(stream(body, completion)).toBe(expected, tokens, failure);
      expectSubscriptions(body.subscriptions).toBe(subscription);
    });
  });

  it('does not know terminal events and finish reasons unless it is told to', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('-s-s-|', bytes);
      const expected = ' -s-s-|';
      expectObservable(stream(body)).toBe(expected, { s: responseEnd('completed') });
    });
  });

  it('is truncated as chat chunks and Responses are, where it is strict', () => {
    marbles(({ cold, expectObservable }) => {
      const cut = cold('          -c-|', bytes);
      const cutExpected = '       -c-#';
      const chat = cold('         -c-f-|', bytes);
      const chatExpected = '      -c-f-|';
      const response = cold('     -s---', bytes);
      const responseExpected = '  -(s|)';
      const chunks = { c: content('Hel'), f: finish(), s: responseEnd('completed') } as never;
      expectObservable(stream(cut, 'strict')).toBe(cutExpected, chunks, truncated(1));
      expectObservable(stream(chat, 'strict')).toBe(chatExpected, chunks);
      expectObservable(stream(response, 'strict')).toBe(responseExpected, chunks);
    });
  });

  it('ends with an error that the server sent inside the stream', async () => {
    const { error } = await record(stream(event(tokens.a) + event({ error: { message: 'Too much', code: 7 } })));
    expect(error).toMatchObject({ kind: 'stream', message: 'Too much', code: 7 });
  });

  it('ends with an error where the body breaks', () => {
    marbles(({ cold, expectObservable }) => {
      const failure = new APIConnectionError('reset', { phase: 'body' });
      const body = cold('-a-#', bytes, failure);
      const expected = ' -a-#';
      expectObservable(stream(body, 'lenient')).toBe(expected, tokens, failure);
    });
  });
});

describe('a stream of a client', () => {
  const chat = (text: string, options: ClientOptions = {}) => answering(text, options).chat.completions.stream(params);

  it.each([
    ['that is not JSON', 'data: {"choices":\n\n'],
    ['that is a number', event(7)],
    ['that is null', event(null)],
    ['that is an array', event([content('Hel')])],
    ['that is text', event('hello')],
    ['whose choice has an impossible index', event(content('Hel', -1))],
    ['whose choice has a huge index', event(content('Hel', 1e9))],
    ['whose choices are no array', event({ choices: { 0: {} } })],
    ['whose tool call has an impossible index', event(chatChunk({ delta: { tool_calls: [{ index: 0.5 }] } }))],
  ])('is malformed at an event %s', async (_, text) => {
    const { values, error } = await record(chat(event(content('Hel')) + text + answer('lo')));
    expect(values).toEqual([content('Hel')]);
    expect(error).toMatchObject({ kind: 'malformed', reason: 'json', retryable: false });
  });

  it.each([
    [
      'an error object',
      event({ error: { message: 'Too much', type: 'overloaded_error', code: 'slow_down', param: 'n' } }),
    ],
    [
      'an event line',
      'event: error\ndata: {"message":"Too much","type":"overloaded_error","code":"slow_down","param":"n"}\n\n',
    ],
    ['a type', event({ type: 'error', message: 'Too much', code: 'slow_down', param: 'n' })],
    [
      'an object',
      event({ object: 'error', message: 'Too much', type: 'overloaded_error', code: 'slow_down', param: 'n' }),
    ],
  ])('ends with what the server reports by %s', async (_, text) => {
    const { values, error } = await record(chat(event(content('Hel')) + text + answer('lo')));
    expect(values).toEqual([content('Hel')]);
    expect(error).toMatchObject({
      kind: 'stream',
      message: 'Too much',
      code: 'slow_down',
      param: 'n',
      retryable: true,
    });
  });

  it.each<[string, string, string, object]>([
    ['an error', '{"error":', '}', { kind: 'stream' }],
    ['what a relay says of one', '{"error":{"rxdelta":', '}}', { kind: 'stream' }],
    ['what a relay says under no name', '{"error":{"rxdelta":{"":', '}}}', { kind: 'stream' }],
    ['lists', '[', ']', { kind: 'malformed' }],
    ['calls', '{"choices":[{"delta":{"tool_calls":[{"delta":{"tool_calls":[', ']}}]}}]}', {}],
  ])('takes %s that is nested very deep for what it is', async (_, open, close, failure) => {
    const inner = '['.repeat(20_000) + ']'.repeat(20_000);
    for (const data of [open + inner + close, `${open.repeat(20_000)}1${close.repeat(20_000)}`]) {
      const { error } = await record(chat(event(content('Hel')) + `data: ${data}\n\n`));
      expect(isAPIError(error)).toBe(true);
      expect(error).toMatchObject(failure);
    }
  });

  it('passes over an empty error field', async () => {
    const chunk = { ...content('Hel'), error: null };
    expect(await record(chat(event(chunk) + event('[DONE]')))).toMatchObject({ values: [chunk], isComplete: true });
  });

  it('lets unknown types of events and members through untouched', async () => {
    const chunk = { ...content('Hel'), type: 'response.new', x_extra: { deep: [1, null] } };
    const { values } = await record(chat(`event: ping\n${event(chunk)}${event('[DONE]')}`));
    expect(values).toEqual([chunk]);
  });

  it.each([
    [
      'text/html',
      '<html>',
      { kind: 'malformed', reason: 'content-type', message: expect.stringContaining('text/html') },
    ],
    ['application/json', '{"choices":[]}', { kind: 'malformed', reason: 'content-type' }],
    [
      'application/json; charset=utf-8',
      '{"error":{"message":"Too much","code":9}}',
      { kind: 'stream', message: 'Too much', code: 9 },
    ],
    ['application/problem+json', '{}', { kind: 'malformed', reason: 'content-type' }],
    ['application/x-ndjson', '{"a":1}\n', { kind: 'malformed', reason: 'content-type' }],
    ['TEXT/HTML', '', { kind: 'malformed', reason: 'content-type' }],
  ])('refuses a body of %s: %s', async (type, text, fields) => {
    const fake = new FakeTransport(respond(text, { headers: { 'content-type': type, 'x-request-id': 'req_1' } }));
    const { error } = await record(clientOf(fake).chat.completions.stream(params));
    expect(error).toMatchObject({ ...fields, requestId: 'req_1' });
  });

  it.each([
    {},
    { 'content-type': '' },
    { 'content-type': 'text/event-stream; charset=utf-8' },
    { 'content-type': 'text/plain' },
  ])('reads a body of %j', async (headers) => {
    const fake = new FakeTransport(respond(answer('Hello'), { headers: headers }));
    expect((await record(clientOf(fake).chat.completions.stream(params))).isComplete).toBe(true);
  });

  it.each([204, 205])('refuses a success without a body (%d)', async (status) => {
    const fake = new FakeTransport(respond('', { status, headers: { 'x-request-id': 'req_1' } }));
    const { error } = await record(clientOf(fake).chat.completions.stream(params, lenient));
    expect(error).toMatchObject({ kind: 'malformed', retryable: false, requestId: 'req_1' });
  });

  describe('with maxEventBytes', () => {
    const text = event({ token: 'ää' }) + event('[DONE]');
    const size = new TextEncoder().encode('{"token":"ää"}').length;
    const run = (options: ClientOptions, maxEventBytes?: number) =>
      record(answering(text, options).stream('/x', {}, { maxEventBytes }));

    it('takes an event of that many bytes', async () => {
      expect((await run({ maxEventBytes: size })).isComplete).toBe(true);
      expect((await run({}, size)).isComplete).toBe(true);
    });

    it('refuses an event of one more', async () => {
      const tooLarge = { kind: 'malformed', reason: 'event-too-large', retryable: false };
      expect((await run({ maxEventBytes: size - 1 })).error).toMatchObject(tooLarge);
      expect((await run({}, size - 1)).error).toMatchObject(tooLarge);
    });

    it('of the request does not ask the client', async () => {
      expect((await run({ maxEventBytes: 1 }, size)).isComplete).toBe(true);
      expect((await run({ maxEventBytes: size }, 1)).error).toMatchObject({ reason: 'event-too-large' });
    });

    it('closes the connection there', () => {
      const body = new Subject<Uint8Array>();
      const error = jest.fn();
      clientOf(new FakeTransport(respond(body)), { maxEventBytes: 20 })
        .stream('/x', {})
        .subscribe({ error });
      body.next(bytesOf('data: "12345678'));
      expect(error).not.toHaveBeenCalled();
      body.next(bytesOf('9012345678901234567890'));
      expect(error).toHaveBeenCalledWith(expect.objectContaining({ reason: 'event-too-large' }));
      expect(body.observed).toBe(false);
    });
  });

  describe('is not judged again by untilDone', () => {
    const a = content('Hel');
    const run = (text: string, options?: ClientOptions) => record(chat(text, options).pipe(untilDone()));
    const runBehind = (text: string, options?: ClientOptions) =>
      record(
        chat(text, options).pipe(
          filter(() => true),
          untilDone(),
        ),
      );

    it('when it was whole by [DONE] without a finish reason', async () => {
      const text = event(a) + event('[DONE]');
      expect(await run(text)).toMatchObject({ values: [a], isComplete: true });
      expect(await runBehind(text)).toMatchObject({ values: [a], isComplete: true });
    });

    it('when it was lenient', async () => {
      expect(await run(event(a), lenient)).toMatchObject({ values: [a], isComplete: true });
      expect(await runBehind(event(a), lenient)).toMatchObject({ values: [a], isComplete: true });
    });

    it('when there was nothing but [DONE]', async () => {
      expect(await run(event('[DONE]'))).toMatchObject({ values: [], isComplete: true });
    });

    it('when it was cut: the error is the same', async () => {
      expect(await run(event(a))).toMatchObject({ values: [a], error: truncated(1), endCount: 1 });
      expect(await runBehind(event(a))).toMatchObject({ values: [a], error: truncated(1), endCount: 1 });
    });

    it('when it was done by a function', async () => {
      const stream = answering(event({ token: 'Hel' })).stream('/x', {}, { completion: () => true });
      expect((await record(stream.pipe(untilDone()))).isComplete).toBe(true);
    });
  });
});

describe('the connection of a stream that is complete', () => {
  let body: Subject<Uint8Array>;

  beforeEach(() => {
    jest.useFakeTimers();
    body = new Subject();
    const complete = jest.fn();
    clientOf(new FakeTransport(respond(body)))
      .chat.completions.stream(params)
      .subscribe({ ...unconcerned, complete });
    body.next(bytesOf(answer('Hello')));
    expect(complete).toHaveBeenCalledTimes(1);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('may end in good order', () => {
    expect(body.observed).toBe(true);
    body.complete();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('may break', () => {
    body.error(new APIConnectionError('reset', { phase: 'body' }));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is closed after a quarter of a second', () => {
    jest.advanceTimersByTime(249);
    expect(body.observed).toBe(true);
    jest.advanceTimersByTime(1);
    expect(body.observed).toBe(false);
  });

  it('is closed when more than 64 KiB follow', () => {
    body.next(new Uint8Array(60 * 1024));
    expect(body.observed).toBe(true);
    body.next(new Uint8Array(4 * 1024 + 1));
    expect(body.observed).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});
