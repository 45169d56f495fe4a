import { getEventListeners } from 'node:events';
import {
  NEVER,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
  VirtualTimeScheduler,
  type Observable,
} from 'rxjs';
import {
  accumulateContent,
  accumulateResponse,
  APIConnectionError,
  contentDeltas,
  createClient,
  FlowGate,
  takeChunks,
  type ClientOptions,
  type ResponseStreamOptions,
  type ResumeOptions,
  type TransportResponse,
} from 'rxdelta';
import type { ResponseStreamEvent } from 'rxdelta/openai';
import { responseEnd, responseEvent } from '../support/chunks';
import { eachInBytes, FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';
import { event } from '../support/wire';

const baseURL = 'http://server.test/v1';
const background = { model: 'm', input: 'Hi', background: true };
const text = (number: number, delta: string) =>
  responseEvent('response.output_text.delta', {
    sequence_number: number,
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta,
  });
const unnumbered = (chunk: ResponseStreamEvent) =>
  ({ ...chunk, sequence_number: undefined }) as unknown as ResponseStreamEvent;

/** The events of a whole answer are c, x, y, z and e, numbered from 0. */
const chunks = {
  c: responseEvent('response.created', { response: { id: 'resp_1', status: 'queued', output: [] } }),
  x: text(1, 'Hel'),
  y: text(2, 'lo'),
  z: text(3, ' you'),
  e: { ...responseEnd('completed'), sequence_number: 4 },
};
const failed = {
  ...responseEnd('failed', { error: { code: 'server_error', message: 'sorry' } }),
  sequence_number: 2,
};
const overload = { type: 'error', sequence_number: 2, code: 'rate_limit_exceeded', message: 'slow down' };
const bytes = eachInBytes({
  ...Object.fromEntries(Object.entries(chunks).map(([name, chunk]) => [name, event(chunk)])),
  f: event(failed),
  o: event(overload),
  r: 'retry: 9\n\n',
});
const whole = ['c', 'x', 'y', 'z', 'e'].map((name) => chunks[name as keyof typeof chunks]);
const broken = () => new APIConnectionError('broken', { phase: 'body' });
const reset = () => new APIConnectionError('reset', { phase: 'head' });
const aborted = expect.objectContaining({ kind: 'abort', name: 'APIUserAbortError', cause: 'why' });
/** Waits of 4, 8, 16 … ms. */
const retry = { initialDelayMs: 4, jitter: 0 };
const atOnce = { initialDelayMs: 0 };

function clientOf(fake: FakeTransport, options: ClientOptions = {}) {
  return createClient({ baseURL, apiKey: null, transport: fake.send, ...options });
}

function resumed(fake: FakeTransport, options?: ClientOptions, request?: ResumeOptions) {
  return clientOf(fake, options).responses.resume('resp_1', request);
}

/** A stream that goes on after a break. */
function going(fake: FakeTransport, options?: ClientOptions, request?: ResponseStreamOptions) {
  return clientOf(fake, options).responses.stream(background, { resume: true, ...request });
}

/** The body with these events, which ends in good order. */
function sending(...events: unknown[]): TransportResponse {
  return respond(events.map(event).join(''));
}

function refused(status: number, headers: Record<string, string> = {}, body = ''): TransportResponse {
  return respond(body, { status, headers });
}

/** What was asked for, in short. */
function asked({ requests }: FakeTransport): string[] {
  return requests.map(({ method, url }) => `${method} ${url.slice(baseURL.length)}`);
}

const POST = 'POST /responses';
const after = (number: number) => `GET /responses/resp_1?stream=true&starting_after=${number}`;

describe('responses.resume', () => {
  it.each<[string, string, ResumeOptions | undefined, string]>([
    ['all events', 'resp_1', undefined, '/responses/resp_1?stream=true'],
    ['those after a number', 'resp_1', { startingAfter: 42 }, '/responses/resp_1?stream=true&starting_after=42'],
    ['those after the first', 'resp_1', { startingAfter: 0 }, '/responses/resp_1?stream=true&starting_after=0'],
    ['all, of no number', 'resp_1', { startingAfter: undefined }, '/responses/resp_1?stream=true'],
    ['an id that has to be encoded', 'a/b?c=d&e#f é', {}, '/responses/a%2Fb%3Fc%3Dd%26e%23f%20%C3%A9?stream=true'],
  ])('asks for %s', async (_, id, options, path) => {
    const fake = new FakeTransport(sending(...whole));
    const { isComplete } = await record(clientOf(fake).responses.resume(id, options));
    expect(isComplete).toBe(true);
    expect(asked(fake)).toEqual([`GET ${path}`]);
  });

  it('sends the headers, the query and the key of the client and of the request, and no body', async () => {
    const fake = new FakeTransport(sending(...whole));
    const options = { apiKey: 'sk-1', organization: 'org-1', headers: { 'X-Client': '1' }, query: { a: '1' } };
    await record(resumed(fake, options, { startingAfter: 7, headers: { 'X-Request': '2' }, query: { b: '2' } }));
    expect(fake.requests).toEqual([
      {
        method: 'GET',
        url: `${baseURL}/responses/resp_1?stream=true&starting_after=7&a=1&b=2`,
        headers: {
          accept: 'text/event-stream',
          authorization: 'Bearer sk-1',
          'openai-organization': 'org-1',
          'x-client': '1',
          'x-request': '2',
        },
        connectMs: 10_000,
      },
    ]);
    expect(fake.requests[0]).not.toHaveProperty('body');
    expect(fake.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('sends nothing until it is subscribed, and once for each subscription', async () => {
    const fake = new FakeTransport(sending(...whole));
    const stream = resumed(fake);
    expect(fake.requests).toEqual([]);
    expect((await record(stream)).values).toEqual(whole);
    expect((await record(stream)).values).toEqual(whole);
    expect(fake.requests).toHaveLength(2);
  });

  it.each(['completed', 'incomplete', 'cancelled'] as const)('is done at response.%s', (status) => {
    marbles(({ cold, expectObservable }) => {
      const last = { ...responseEnd(status), sequence_number: 3 };
      const body = cold('  -y-e--y---', { ...bytes, ...eachInBytes({ e: event(last) }) });
      const expected = '   -y-(e|)';
      expectObservable(resumed(new FakeTransport(respond(body)))).toBe(expected, { ...chunks, e: last });
    });
  });

  it('emits response.failed and ends with its error', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold(' -x-f--', bytes);
      const expected = '  -x-(f#)';
      const failure = expect.objectContaining({ kind: 'stream', code: 'server_error', message: 'sorry' });
      expectObservable(resumed(new FakeTransport(respond(body)))).toBe(expected, { ...chunks, f: failed }, failure);
    });
  });

  describe('delivers', () => {
    it('a break after an event, also with retry', () => {
      const failure = broken();
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('    -x-#', bytes, failure);
        const subscription = ' ^--!';
        const expected = '     -x-#';
        fake = new FakeTransport(respond(body));
        expectObservable(resumed(fake, { retry })).toBe(expected, chunks, failure);
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
      expect(fake.requests).toHaveLength(1);
    });

    it('a truncation', async () => {
      const fake = new FakeTransport(sending(chunks.c, chunks.x));
      const { values, error } = await record(resumed(fake, { retry: atOnce }));
      expect(values).toEqual([chunks.c, chunks.x]);
      expect(error).toMatchObject({ kind: 'truncated', chunkCount: 2 });
      expect(fake.requests).toHaveLength(1);
    });

    it.each([
      ['404 for an unknown id', 404],
      ['400 for a cursor that has expired', 400],
    ])('%s, and does not retry', async (_, status) => {
      const body = '{"error":{"message":"No such thing","code":"none","param":"starting_after"}}';
      const fake = new FakeTransport(refused(status, { 'content-type': 'application/json' }, body));
      const { error, endCount } = await record(resumed(fake, { retry: atOnce }, { startingAfter: 9 }));
      expect(error).toMatchObject({
        name: 'APIStatusError',
        status,
        code: 'none',
        param: 'starting_after',
        attempts: 1,
      });
      expect(endCount).toBe(1);
      expect(fake.requests).toHaveLength(1);
    });

    it('a limit that passes', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('    -x------', bytes);
        const subscription = ' ^---!';
        const expected = '     -x--#';
        const stream = resumed(new FakeTransport(respond(body)), {}, { timeouts: { idleMs: 3 } });
        expectObservable(stream).toBe(expected, chunks, expect.objectContaining({ kind: 'timeout', phase: 'idle' }));
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
    });
  });

  it('is retried before the first event, with the same request', () => {
    let fake!: FakeTransport;
    marbles(({ cold, expectObservable }) => {
      const body = cold('               -z-e', bytes);
      const expected = '    -------------z-(e|)';
      fake = new FakeTransport(throwError(reset), refused(503), respond(body));
      expectObservable(resumed(fake, { retry }, { startingAfter: 2 })).toBe(expected, chunks);
    });
    expect(asked(fake)).toEqual([after(2), after(2), after(2)]);
  });

  it('asks for the key in each attempt', async () => {
    let count = 0;
    const fake = new FakeTransport(refused(503), sending(...whole));
    await record(resumed(fake, { apiKey: () => Promise.resolve(`sk-${++count}`), retry: atOnce }));
    expect(fake.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-1', 'Bearer sk-2']);
  });

  it('gives the events as they come', async () => {
    const fake = new FakeTransport(sending(chunks.x, chunks.e));
    const { values, isComplete } = await record(resumed(fake, {}, { startingAfter: 0 }).events());
    expect(values).toEqual([{ data: JSON.stringify(chunks.x) }, { data: JSON.stringify(chunks.e) }]);
    expect(isComplete).toBe(true);
    expect(asked(fake)).toEqual([after(0)]);
  });

  it('gives its response', async () => {
    const fake = new FakeTransport(sending(chunks.x, chunks.e));
    const onResponse = jest.fn();
    const heads: unknown[] = [];
    const stream = resumed(fake, {}, { startingAfter: 0, onResponse }).withResponse();
    const { values } = await record(
      stream.pipe(
        switchMap(({ response, chunks: rest }) => {
          heads.push(response);
          return rest;
        }),
      ),
    );
    expect(heads).toEqual([expect.objectContaining({ status: 200 })]);
    expect(onResponse.mock.calls).toEqual([heads]);
    expect(values).toEqual([chunks.x, chunks.e]);
    expect(asked(fake)).toEqual([after(0)]);
  });

  it('can be looped over', async () => {
    const fake = new FakeTransport(sending(...whole));
    const events: ResponseStreamEvent[] = [];
    for await (const chunk of resumed(fake)) events.push(chunk);
    expect(events).toEqual(whole);
    expect(asked(fake)).toEqual(['GET /responses/resp_1?stream=true']);
  });

  it.each([
    ['before the head', '--!', '^-!', []],
    ['in the body', '    -----!', '^----!', '---^-!'],
  ])('closes the connection when it is unsubscribed %s', (_, unsubscription, headSub, bodySub) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('   -x---', bytes);
      const head = cold('---h', { h: respond(body) });
      expectObservable(resumed(new FakeTransport(head)), unsubscription).toBe(
        bodySub.length > 0 ? '----x' : '',
        chunks,
      );
      expectSubscriptions(head.subscriptions).toBe(headSub);
      expectSubscriptions(body.subscriptions).toBe(bodySub);
    });
  });

  it('ends with its signal', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const controller = new AbortController();
      const body = cold('    -x-----', bytes);
      const subscription = ' ^---!';
      const expected = '     -x--#';
      const stream = resumed(new FakeTransport(respond(body)), {}, { signal: controller.signal });
      expectObservable(stream).toBe(expected, chunks, aborted);
      expectSubscriptions(body.subscriptions).toBe(subscription);
      cold('                 ----a').subscribe(() => {
        controller.abort('why');
      });
    });
  });
});

describe('responses.stream with resume', () => {
  it.each([
    ['left out', {}],
    ['false', { background: false }],
    ['null', { background: null }],
  ])('is a TypeError at subscription where background is %s, and sends nothing', async (_, params) => {
    const fake = new FakeTransport(sending(...whole));
    const stream = clientOf(fake).responses.stream({ model: 'm', ...params }, { resume: true });
    expect((await record(stream)).error).toBeInstanceOf(TypeError);
    expect((await record(stream)).endCount).toBe(1);
    const loop = stream[Symbol.asyncIterator]();
    await expect(loop.next()).rejects.toBeInstanceOf(TypeError);
    expect(fake.requests).toEqual([]);
  });

  it('sends what is sent without it', async () => {
    const fake = new FakeTransport(sending(...whole));
    await record(going(fake));
    await record(clientOf(fake).responses.stream(background));
    expect(fake.requests[0]).toEqual(fake.requests[1]);
    expect(JSON.parse(fake.requests[0]?.body ?? '')).toEqual({ ...background, stream: true });
  });

  it('makes one request where nothing breaks', () => {
    let fake!: FakeTransport;
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('    -c-x-y-z-e--', bytes);
      const subscription = ' ^--------';
      const expected = '     -c-x-y-z-(e|)';
      fake = new FakeTransport(respond(body));
      expectObservable(going(fake)).toBe(expected, chunks);
      expectSubscriptions(body.subscriptions).toBe(subscription);
    });
    expect(asked(fake)).toEqual([POST]);
  });

  it('does not resume unless it is asked to', async () => {
    const fake = new FakeTransport(sending(chunks.c, chunks.x));
    for (const resume of [undefined, false]) {
      const { error } = await record(going(fake, { retry: atOnce }, { resume }));
      expect(error).toHaveProperty('kind', 'truncated');
    }
    expect(asked(fake)).toEqual([POST, POST]);
  });

  describe('asks for the rest after', () => {
    it('a connection that breaks', () => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('   -c-x-#', bytes, broken());
        const second = cold('           -y-z-e', bytes);
        const firstSub = '     ^----!';
        const secondSub = '    ---------^----';
        const expected = '     -c-x------y-z-(e|)';
        fake = new FakeTransport(respond(first), respond(second));
        expectObservable(going(fake, { retry })).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe(firstSub);
        expectSubscriptions(second.subscriptions).toBe(secondSub);
      });
      expect(asked(fake)).toEqual([POST, after(1)]);
    });

    it('a truncation', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold('   -c-x-|', bytes);
        const second = cold('           -y-z-e', bytes);
        const expected = '     -c-x------y-z-(e|)';
        expectObservable(going(new FakeTransport(respond(first), respond(second)), { retry })).toBe(expected, chunks);
      });
    });

    it.each(['idleMs', 'chunkMs'])('the limit %s, which closes the connection', (name) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('   -c-x-----', bytes);
        const second = cold('            -y-z-e', bytes);
        const firstSub = '     ^-----!';
        const expected = '     -c-x-------y-z-(e|)';
        const fake = new FakeTransport(respond(first), respond(second));
        expectObservable(going(fake, { retry }, { timeouts: { [name]: 3 } })).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe(firstSub);
      });
    });

    it('the limit totalMs, which counts for each request', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold('   -c-x-----', bytes);
        const second = cold('           -y-----', bytes);
        const third = cold('                     -z-e', bytes);
        const expected = '     -c-x------y--------z-(e|)';
        const fake = new FakeTransport(respond(first), respond(second), respond(third));
        expectObservable(going(fake, { retry }, { timeouts: { totalMs: 5 } })).toBe(expected, chunks);
      });
    });

    it.each([500, 502, 503, 529, 429])('the status %i of a request for the rest', async (status) => {
      const fake = new FakeTransport(
        sending(chunks.c, chunks.x),
        refused(status),
        sending(chunks.y, chunks.z, chunks.e),
      );
      const { values, isComplete } = await record(going(fake, { retry: atOnce }));
      expect(values).toEqual(whole);
      expect(isComplete).toBe(true);
      expect(asked(fake)).toEqual([POST, after(1), after(1)]);
    });

    it('a request for the rest that has no answer', () => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('                    c#', bytes, broken());
        const second = cold<TransportResponse>('      --#', undefined, reset());
        const third = cold<TransportResponse>('                 ---');
        const last = cold('                                                       x-y-z-e', bytes);
        const secondSub = '                     -----^-!';
        const thirdSub = '                      ---------------^--!';
        const expected = '                      c---------------------------------x-y-z-(e|)';
        fake = new FakeTransport(respond(first), second, third, respond(last));
        const options = { retry: { ...retry, maxRetries: 3 }, timeouts: { responseMs: 3 } };
        expectObservable(going(fake, options)).toBe(expected, chunks);
        expectSubscriptions(second.subscriptions).toBe(secondSub);
        expectSubscriptions(third.subscriptions).toBe(thirdSub);
      });
      expect(asked(fake)).toEqual([POST, after(0), after(0), after(0)]);
    });

    it('an event that only came in part', async () => {
      const fake = new FakeTransport(
        respond(event(chunks.c) + event(chunks.x).slice(0, 40)),
        sending(chunks.x, chunks.y, chunks.z, chunks.e),
      );
      expect((await record(going(fake, { retry: atOnce }))).values).toEqual(whole);
      expect(asked(fake)).toEqual([POST, after(0)]);
    });

    it('events whose numbers do not begin with 0', async () => {
      const created = { ...chunks.c, sequence_number: 7 };
      const fake = new FakeTransport(sending(created), sending({ ...chunks.e, sequence_number: 9 }));
      expect((await record(going(fake, { retry: atOnce }))).isComplete).toBe(true);
      expect(asked(fake)).toEqual([POST, after(7)]);
    });

    it('an id that has to be encoded', async () => {
      const created = responseEvent('response.created', { response: { id: 'a/b?c' } });
      const fake = new FakeTransport(sending(created), sending(chunks.e));
      await record(going(fake, { retry: atOnce }));
      expect(asked(fake)[1]).toBe('GET /responses/a%2Fb%3Fc?stream=true&starting_after=0');
    });
  });

  it('sends no body for the rest, but the same headers and the same query', async () => {
    const fake = new FakeTransport(sending(chunks.c, chunks.x), sending(chunks.y, chunks.z, chunks.e));
    const options = { apiKey: 'sk-1', project: 'proj-1', headers: { 'X-Client': '1' }, query: { a: '1' } };
    await record(going(fake, { ...options, retry: atOnce }, { headers: { 'X-Request': '2' }, query: { b: '2' } }));
    expect(fake.requests[1]).toEqual({
      method: 'GET',
      url: `${baseURL}/responses/resp_1?stream=true&starting_after=1&a=1&b=2`,
      headers: {
        accept: 'text/event-stream',
        authorization: 'Bearer sk-1',
        'openai-project': 'proj-1',
        'x-client': '1',
        'x-request': '2',
      },
      connectMs: 10_000,
    });
    expect(fake.requests[1]).not.toHaveProperty('body');
    expect(fake.requests[1]?.headers).not.toHaveProperty('content-type');
  });

  describe('emits each event once where', () => {
    const expectWhole = async (...answers: TransportResponse[]) => {
      const fake = new FakeTransport(...answers);
      const { values, error, isComplete } = await record(going(fake, { retry: { ...atOnce, maxRetries: 1 } }));
      expect(error).toBeUndefined();
      expect(values).toEqual(whole);
      expect(isComplete).toBe(true);
      return asked(fake);
    };

    it('the server repeats the last one', async () => {
      const { c, x, y, z, e } = chunks;
      expect(await expectWhole(sending(c, x, y), sending(y, z, e))).toEqual([POST, after(2)]);
    });

    it('the server repeats all', async () => {
      const { c, x, y } = chunks;
      expect(await expectWhole(sending(c, x, y), sending(...whole))).toEqual([POST, after(2)]);
    });

    it('the server repeats all each time', async () => {
      const { c, x, y, z } = chunks;
      const asks = await expectWhole(sending(c, x), sending(c, x, y), sending(c, x, y, z), sending(...whole));
      expect(asks).toEqual([POST, after(1), after(2), after(3)]);
    });

    it('the repetition breaks: the number of the last new one stands', async () => {
      const { c, x, y, z, e } = chunks;
      const fake = new FakeTransport(sending(c, x, y), sending(c), sending(z, e));
      const { values } = await record(going(fake, { retry: atOnce }));
      expect(values).toEqual(whole);
      expect(asked(fake)).toEqual([POST, after(2), after(2)]);
    });

    it('the server says response.created again', async () => {
      const { c, x, y, z, e } = chunks;
      await expectWhole(sending(c, x), sending(c, y, z, e));
    });

    it('the server says response.created again, of another id', async () => {
      const { c, x, y, z, e } = chunks;
      const other = { ...c, response: { id: 'resp_2' } };
      expect(await expectWhole(sending(c, x), sending(other, y), sending(z, e))).toEqual([POST, after(1), after(2)]);
    });

    it('every event is followed by a break', async () => {
      const asks = await expectWhole(...whole.map((chunk) => sending(chunk)));
      expect(asks).toEqual([POST, after(0), after(1), after(2), after(3)]);
    });

    it('the numbers have gaps', async () => {
      const far = whole.map((chunk, index) => ({ ...chunk, sequence_number: index * 10 }));
      const fake = new FakeTransport(sending(...far.slice(0, 3)), sending(...far.slice(2)));
      expect((await record(going(fake, { retry: atOnce }))).values).toEqual(far);
      expect(asked(fake)).toEqual([POST, after(20)]);
    });
  });

  it('lets events without a number pass', async () => {
    const { c, x, y, z, e } = chunks;
    const fake = new FakeTransport(sending(c, x, unnumbered(y)), sending(unnumbered(z), e));
    const { values } = await record(going(fake, { retry: atOnce }));
    expect(values).toEqual([c, x, unnumbered(y), unnumbered(z), e]);
    expect(asked(fake)).toEqual([POST, after(1)]);
  });

  describe('lets what accumulates behind it go on', () => {
    const answers = () => [
      sending(chunks.c, chunks.x),
      sending(chunks.c, chunks.x, chunks.y),
      sending(chunks.y, chunks.z, chunks.e),
    ];
    const options = { retry: { ...atOnce, afterFirstChunk: 'restart' as const } };

    it('as text', async () => {
      const stream = going(new FakeTransport(...answers()), options);
      expect((await record(stream.pipe(accumulateContent()))).values).toEqual(['Hel', 'Hello', 'Hello you']);
      const again = going(new FakeTransport(...answers()), options);
      expect((await record(again.pipe(contentDeltas()))).values).toEqual(['Hel', 'lo', ' you']);
    });

    it('as a Response', async () => {
      const stream = going(new FakeTransport(...answers()), options);
      const { values } = await record(stream.pipe(accumulateResponse()));
      expect(values.map(({ output_text }) => output_text)).toEqual(
        expect.arrayContaining(['Hel', 'Hello', 'Hello you']),
      );
      const lengths = values.map(({ output_text }) => output_text.length);
      expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
      expect(values.at(-1)).toMatchObject({ id: 'resp_1', status: 'completed', output_text: 'Hello you' });
    });
  });

  describe('delivers', () => {
    it.each<[string, TransportResponse | Observable<TransportResponse>, object]>([
      ['a connection that is not made', throwError(reset), { kind: 'connection' }],
      ['a status that could be retried', refused(503), { status: 503 }],
      ['too many requests', refused(429, { 'retry-after': '0' }), { status: 429 }],
      ['an empty body', respond(''), { kind: 'truncated' }],
      ['a body that breaks at once', respond(throwError(broken)), { kind: 'connection' }],
      ['a break after events of no Response', sending(chunks.x, chunks.y), { kind: 'truncated' }],
      ['a break after a Response without an id', sending({ ...chunks.c, response: {} }), { kind: 'truncated' }],
      ['a break after a Response that is null', sending({ ...chunks.c, response: null }), { kind: 'truncated' }],
      [
        'a break after events without numbers',
        sending(unnumbered(chunks.c), unnumbered(chunks.x)),
        { kind: 'truncated' },
      ],
    ])('%s, and posts nothing again', async (_, answer, failure) => {
      const fake = new FakeTransport(answer, sending(...whole));
      const options = { retry: { ...atOnce, afterFirstChunk: 'restart' as const, shouldRetry: () => true } };
      const { error, endCount } = await record(going(fake, options));
      expect(error).toMatchObject(failure);
      expect(endCount).toBe(1);
      expect(asked(fake)).toEqual([POST]);
    });

    it.each<[string, object[], object, string[]]>([
      ['an error event', [chunks.c, chunks.x, overload], { kind: 'stream', retryable: true }, ['c', 'x']],
      ['an error object', [chunks.c, { error: { message: 'sorry' } }], { kind: 'stream', message: 'sorry' }, ['c']],
    ])('%s of the first request, whatever shouldRetry says', async (_, events, failure, names) => {
      const fake = new FakeTransport(sending(...events), sending(chunks.y, chunks.z, chunks.e));
      const { values, error } = await record(going(fake, { retry: { ...atOnce, shouldRetry: () => true } }));
      expect(values).toEqual(names.map((name) => chunks[name as keyof typeof chunks]));
      expect(error).toMatchObject(failure);
      expect(asked(fake)).toEqual([POST]);
    });

    it('an error event of a request for the rest', async () => {
      const fake = new FakeTransport(sending(chunks.c, chunks.x), sending(overload), sending(...whole));
      const { values, error } = await record(going(fake, { retry: { ...atOnce, maxRetries: 9 } }));
      expect(values).toEqual([chunks.c, chunks.x]);
      expect(error).toMatchObject({ kind: 'stream', code: 'rate_limit_exceeded' });
      expect(asked(fake)).toEqual([POST, after(1)]);
    });

    it('response.failed, which is emitted first', () => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -c-x-#', bytes, broken());
        const second = cold('         -c-f--', bytes);
        const expected = '   -c-x--------(f#)';
        fake = new FakeTransport(respond(first), respond(second));
        const failure = expect.objectContaining({ kind: 'stream', code: 'server_error' });
        expectObservable(going(fake, { retry })).toBe(expected, { ...chunks, f: failed }, failure);
      });
      expect(asked(fake)).toEqual([POST, after(1)]);
    });

    it.each([404, 400, 401])('the status %i of a request for the rest at once', (status) => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -c-#', bytes, broken());
        const expected = '   -c-----#';
        fake = new FakeTransport(respond(first), refused(status), sending(...whole));
        expectObservable(going(fake, { retry })).toBe(expected, chunks, expect.objectContaining({ status }));
      });
      expect(asked(fake)).toEqual([POST, after(0)]);
    });

    it('what cannot be read', async () => {
      const fake = new FakeTransport(respond(`${event(chunks.c)}data: {"cut\n\n`), sending(...whole));
      const { values, error } = await record(going(fake, { retry: atOnce }));
      expect(values).toEqual([chunks.c]);
      expect(error).toMatchObject({ kind: 'malformed', reason: 'json' });
      expect(asked(fake)).toEqual([POST]);
    });

    it('a document in place of the rest', async () => {
      const page = respond('<p>Sign in</p>', { headers: { 'content-type': 'text/html' } });
      const fake = new FakeTransport(sending(chunks.c), page, sending(...whole));
      expect((await record(going(fake, { retry: atOnce }))).error).toMatchObject({ reason: 'content-type' });
      expect(asked(fake)).toEqual([POST, after(0)]);
    });
  });

  it('takes the end of the body for the end where it is told to be lenient', async () => {
    const fake = new FakeTransport(respond(throwError(broken)), sending(...whole));
    const partial = new FakeTransport(sending(chunks.c, chunks.x), sending(...whole));
    expect((await record(going(fake, { retry: atOnce }, { completion: 'lenient' }))).error).toHaveProperty(
      'phase',
      'body',
    );
    const { values, isComplete } = await record(going(partial, { retry: atOnce }, { completion: 'lenient' }));
    expect(values).toEqual([chunks.c, chunks.x]);
    expect(isComplete).toBe(true);
    expect(asked(partial)).toEqual([POST]);
  });

  describe('waits', () => {
    const breaking = () => new FakeTransport(sending(chunks.c), sending(chunks.x, chunks.y, chunks.z, chunks.e));
    const expectWait = (wait: string, options?: ClientOptions, request?: ResponseStreamOptions) => {
      marbles(({ expectObservable }) => {
        expectObservable(going(breaking(), options, request)).toBe(`c ${wait} (xyze|)`, chunks);
      });
    };

    beforeEach(() => {
      jest.spyOn(Math, 'random').mockReturnValue(0);
    });

    afterEach(() => {
      jest.restoreAllMocks();
    });

    it.each<[string, string, ClientOptions, ResponseStreamOptions]>([
      ['by the options of the request', '2ms', { retry }, { retry: { initialDelayMs: 3, jitter: 0 } }],
      ['by those of the client', '3ms', { retry }, {}],
      ['by the defaults where there are none', '499ms', {}, {}],
      ['by the defaults where the request has false', '499ms', { retry }, { retry: false }],
    ])('%s', (_, wait, options, request) => {
      expectWait(wait, options, request);
    });

    it('twice by the defaults, then gives up', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold('c#', bytes, broken());
        const failures = [reset(), reset()];
        const fake = new FakeTransport(respond(first), ...failures.map((failure) => throwError(() => failure)));
        expectObservable(going(fake)).toBe('c 1500ms #', chunks, failures[1]);
      });
    });

    it.each([
      ['retry-after-ms', { 'retry-after-ms': '17' }, '17ms'],
      ['retry-after', { 'retry-after': '2' }, '2s'],
    ])('as long as %s of a request for the rest says', (_, headers, wait) => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' c---#', bytes, broken());
        const last = cold('x-y-z-e', bytes);
        const fake = new FakeTransport(respond(first), refused(429, headers), respond(last));
        expectObservable(going(fake, { retry })).toBe(`c------- ${wait} x-y-z-(e|)`, chunks);
      });
    });

    it('not at all where the server asks for more than a minute', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' c#', bytes, broken());
        const expected = '   c----#';
        const fake = new FakeTransport(respond(first), refused(503, { 'retry-after': '61' }), sending(...whole));
        const failure = expect.objectContaining({ status: 503, retryAfterMs: 61_000 });
        expectObservable(going(fake, { retry })).toBe(expected, chunks, failure);
      });
    });

    it('at least as long as an SSE retry says', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -rc#', bytes, broken());
        const second = cold('            -x-y-z-e', bytes);
        const expected = '   --c----------x-y-z-(e|)';
        expectObservable(going(new FakeTransport(respond(first), respond(second)), { retry })).toBe(expected, chunks);
      });
    });

    it.each<[string, ClientOptions, ResponseStreamOptions]>([
      ['with options', { retry }, {}],
      ['by the defaults', {}, {}],
      ['with retry: false', {}, { retry: false }],
    ])('on the scheduler of the client, %s', (_, options, request) => {
      const scheduler = new VirtualTimeScheduler();
      const fake = new FakeTransport(sending(chunks.c), respond(NEVER));
      const subscription = going(fake, { ...options, scheduler }, request).subscribe(unconcerned);
      expect(fake.requests).toHaveLength(1);
      scheduler.maxFrames = 500;
      scheduler.flush();
      expect(fake.requests).toHaveLength(2);
      subscription.unsubscribe();
      expect(scheduler.actions).toEqual([]);
    });
  });

  describe('counts tries', () => {
    const once = { retry: { ...retry, maxRetries: 1 } };

    it('from each new event', () => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable }) => {
        const bodies = [
          cold('               c#', bytes, broken()),
          cold('                    x#', bytes, broken()),
          cold('                         y|', bytes),
          cold('                              z#', bytes, broken()),
          cold('                                   e', bytes),
        ];
        const expected = '     c----x----y----z----(e|)';
        fake = new FakeTransport(...bodies.map((body) => respond(body)));
        expectObservable(going(fake, once)).toBe(expected, chunks);
      });
      expect(asked(fake)).toEqual([POST, after(0), after(1), after(2), after(3)]);
    });

    it('from a new event also after a failure without one', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' c#', bytes, broken());
        const third = cold('              x#', bytes, broken());
        const fifth = cold('                           (yze)', bytes);
        const expected = '   c------------x------------(yze|)';
        const fake = new FakeTransport(
          respond(first),
          throwError(reset),
          respond(third),
          throwError(reset),
          respond(fifth),
        );
        expectObservable(going(fake, { retry: { ...retry, maxRetries: 2 } })).toBe(expected, chunks);
      });
    });

    it('and ends with the last error after two failures in a row', () => {
      const failure = reset();
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable }) => {
        const first = cold(' c#', bytes, broken());
        const expected = '   c----#';
        fake = new FakeTransport(
          respond(first),
          throwError(() => failure),
          sending(...whole),
        );
        expectObservable(going(fake, once)).toBe(expected, chunks, failure);
      });
      expect(failure).toHaveProperty('attempts', 2);
      expect(asked(fake)).toEqual([POST, after(0)]);
    });

    it('and takes a repeated event for none', async () => {
      const fake = new FakeTransport(
        sending(chunks.c, chunks.x),
        sending(chunks.c, chunks.x),
        sending(chunks.y, chunks.z, chunks.e),
      );
      const { values, error } = await record(going(fake, { retry: { ...atOnce, maxRetries: 1 } }));
      expect(values).toEqual([chunks.c, chunks.x]);
      expect(error).toMatchObject({ kind: 'truncated', attempts: 2 });
      expect(asked(fake)).toEqual([POST, after(1)]);
    });

    it('and makes none with maxRetries 0', async () => {
      const fake = new FakeTransport(sending(chunks.c), sending(...whole));
      const { error } = await record(going(fake, { retry: { maxRetries: 0 } }));
      expect(error).toMatchObject({ kind: 'truncated', attempts: 1 });
      expect(asked(fake)).toEqual([POST]);
    });

    it('with waits that grow until a new event comes', async () => {
      const onRetry = jest.fn();
      const fake = new FakeTransport(
        sending(chunks.c),
        refused(503),
        sending(chunks.x),
        sending(chunks.y, chunks.z, chunks.e),
      );
      await record(going(fake, { retry: { initialDelayMs: 1, jitter: 0, onRetry } }));
      expect(onRetry.mock.calls).toEqual([
        [{ error: expect.objectContaining({ kind: 'truncated' }), retryIndex: 0, delayMs: 1 }],
        [{ error: expect.objectContaining({ status: 503 }), retryIndex: 1, delayMs: 2 }],
        [{ error: expect.objectContaining({ kind: 'truncated' }), retryIndex: 0, delayMs: 1 }],
      ]);
    });

    it('as shouldRetry says', async () => {
      const shouldRetry = jest.fn((error: unknown) => (error as { status?: number }).status !== 503);
      const fake = new FakeTransport(sending(chunks.c), refused(404), refused(503), sending(...whole));
      const { error } = await record(going(fake, { retry: { ...atOnce, maxRetries: 9, shouldRetry } }));
      expect(error).toHaveProperty('status', 503);
      expect(shouldRetry).toHaveBeenCalledTimes(3);
      expect(asked(fake)).toEqual([POST, after(0), after(0)]);
    });
  });

  describe('unsubscribed', () => {
    it.each([
      ['before the first head', '      -!', '^!', [], '', []],
      ['in the first body', '          ----!', '^---!', '--^-!', '---c', []],
      ['in the wait', '                ---------!', '^-----!', '--^---!', '---c', []],
      ['before the head of the rest', '-----------!', '^-----!', '--^---!', '---c', '----------^!'],
      ['in the body of the rest', '    ---------------!', '^-----!', '--^---!', '---c----------x', '----------^----!'],
    ])('%s, ends there in silence', (_, unsubscription, firstSub, bodySub, expected, restSub) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('   -c--#', bytes, broken());
        const first = cold('--h', { h: respond(body) });
        const rest = cold('           ---h', { h: respond(cold('-x---', bytes)) });
        expectObservable(going(new FakeTransport(first, rest), { retry }), unsubscription).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe(firstSub);
        expectSubscriptions(body.subscriptions).toBe(bodySub);
        expectSubscriptions(rest.subscriptions).toBe(restSub);
      });
    });

    it.each([0, 1, 2, 5, 9, 10, 11, 50])('leaves no timer after %i ms', (ms) => {
      const scheduler = new VirtualTimeScheduler();
      const body = new Subject<Uint8Array>();
      const fake = new FakeTransport(sending(chunks.c), respond(body));
      const options = { scheduler, retry: { initialDelayMs: 10, jitter: 0, scheduler }, timeouts: { chunkMs: 900 } };
      let isEnded = false;
      const subscription = going(fake, options)
        .pipe(takeUntil(timer(ms, scheduler)))
        .subscribe({
          complete: () => {
            isEnded = true;
          },
        });
      scheduler.maxFrames = ms;
      scheduler.flush();
      expect(isEnded).toBe(true);
      expect(fake.requests).toHaveLength(ms > 10 ? 2 : 1);
      subscription.unsubscribe();
      expect(scheduler.actions).toEqual([]);
      expect(body.observed).toBe(false);
    });

    it('within an event of the rest, ends there', async () => {
      const body = new Subject<Uint8Array>();
      const fake = new FakeTransport(sending(chunks.c), respond(body));
      const recording = record(going(fake, { retry: atOnce }).pipe(takeChunks(2)));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(body.observed).toBe(true);
      body.next(new Uint8Array([...bytes.x!, ...bytes.y!]));
      expect((await recording).values).toEqual([chunks.c, chunks.x]);
      expect(body.observed).toBe(false);
    });
  });

  describe('given a signal', () => {
    let controller: AbortController;

    beforeEach(() => {
      controller = new AbortController();
    });

    const listenerCount = () => getEventListeners(controller.signal, 'abort').length;

    it.each<[string, ClientOptions, ResponseStreamOptions]>([
      ['with options', { retry: { initialDelayMs: 50, jitter: 0 } }, {}],
      ['by the defaults', {}, {}],
      ['with retry: false', {}, { retry: false }],
    ])('that fires in the wait ends at once, %s', (_, options, request) => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -c#', bytes, broken());
        const expected = '   -c---#';
        fake = new FakeTransport(respond(first), sending(...whole));
        const stream = going(fake, options, { ...request, signal: controller.signal });
        expectObservable(stream).toBe(expected, chunks, aborted);
        cold('               -----a').subscribe(() => {
          controller.abort('why');
        });
      });
      expect(asked(fake)).toEqual([POST]);
      expect(listenerCount()).toBe(0);
    });

    it.each([
      ['in the first request', '       -c#', '         ^-!', []],
      ['before the head of the rest', '-c------#', '   ^--!', '-------^!'],
      ['in the body of the rest', '    -c--------x-#', '^--!', '-------^----!'],
    ])('that fires %s ends there', (_, expected, firstSub, restSub) => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold(' -c-#', bytes, broken());
        const rest = cold('        --h', { h: respond(cold('-x---', bytes)) });
        fake = new FakeTransport(respond(body), rest);
        expectObservable(going(fake, { retry }, { signal: controller.signal })).toBe(expected, chunks, aborted);
        expectSubscriptions(body.subscriptions).toBe(firstSub);
        expectSubscriptions(rest.subscriptions).toBe(restSub);
        timer(expected.trim().length - 1).subscribe(() => {
          controller.abort('why');
        });
      });
      expect(listenerCount()).toBe(0);
    });

    it('that has fired already sends nothing', async () => {
      controller.abort('why');
      const fake = new FakeTransport(sending(...whole));
      expect((await record(going(fake, {}, { signal: controller.signal }))).error).toEqual(aborted);
      expect(fake.requests).toEqual([]);
    });

    it('listens once at a time, and no more at the end', () => {
      const scheduler = new VirtualTimeScheduler(undefined, 20);
      const body = new Subject<Uint8Array>();
      const fake = new FakeTransport(sending(chunks.c), refused(503), respond(body));
      const said: unknown[] = [];
      going(fake, { scheduler, retry }, { signal: controller.signal }).subscribe({
        ...unconcerned,
        complete: () => said.push('complete'),
      });
      expect(listenerCount()).toBe(1);
      scheduler.flush();
      expect(fake.requests).toHaveLength(3);
      expect(listenerCount()).toBe(1);
      body.next(bytes.e!);
      expect(said).toEqual(['complete']);
      expect(listenerCount()).toBe(0);
    });
  });

  it('asks for the key before each request', async () => {
    let count = 0;
    const fake = new FakeTransport(sending(chunks.c), sending(chunks.x), sending(chunks.y, chunks.z, chunks.e));
    const apiKey = () => Promise.resolve(`sk-${++count}`);
    await record(going(fake, { apiKey, retry: atOnce }));
    expect(fake.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk-1',
      'Bearer sk-2',
      'Bearer sk-3',
    ]);
  });

  it('ends where the key for the rest is refused', async () => {
    const locked = new Error('The vault is locked');
    const apiKey = jest.fn(() => 'sk-1').mockReturnValueOnce('sk-0');
    apiKey.mockImplementation(() => {
      throw locked;
    });
    const fake = new FakeTransport(sending(chunks.c), sending(...whole));
    const { values, error } = await record(going(fake, { apiKey, retry: atOnce }));
    expect(values).toEqual([chunks.c]);
    expect(error).toBe(locked);
    expect(apiKey).toHaveBeenCalledTimes(2);
  });

  it('tells onResponse each head', async () => {
    const onResponse = jest.fn();
    const head = (id: string, ...events: unknown[]) => ({
      ...sending(...events),
      headers: { 'content-type': 'text/event-stream', 'x-request-id': id },
    });
    const fake = new FakeTransport(
      head('req_1', chunks.c),
      refused(503, { 'x-request-id': 'req_2' }),
      head('req_3', chunks.x, chunks.y, chunks.z, chunks.e),
    );
    await record(going(fake, { retry: atOnce }, { onResponse }));
    const ids = onResponse.mock.calls.map(([response]) => (response as { requestId?: string }).requestId);
    expect(ids).toEqual(['req_1', 'req_3']);
  });

  it('holds back each request by the gate', async () => {
    const gate = new FlowGate();
    gate.hold();
    const fake = new FakeTransport(sending(chunks.c), sending(chunks.x, chunks.y, chunks.z, chunks.e));
    const held = new Set<number>();
    const stream = going(fake, { retry: atOnce }, { gate });
    await record(
      stream.pipe(tap(() => fake.requests.at(-1)?.gate?.isOpen === false && held.add(fake.requests.length))),
    );
    expect([...held]).toEqual([1, 2]);
  });

  it('does not take the time of a gate that is held for a silence of the rest', () => {
    marbles(({ cold, expectObservable }) => {
      const gate = new FlowGate();
      const first = cold(' -c#', bytes, broken());
      const second = cold('      -x---------y-z-e', bytes);
      const expected = '   -c-----x---------y-z-(e|)';
      const hold = cold('  --------h-----l', { h: 'hold', l: 'let go' });
      let release: (() => void) | undefined;
      hold.subscribe((what) => {
        if (what === 'hold') release = gate.hold();
        else release?.();
      });
      const fake = new FakeTransport(respond(first), respond(second));
      expectObservable(going(fake, { retry }, { gate, timeouts: { idleMs: 5 } })).toBe(expected, chunks);
    });
  });

  it('holds back the rest too while a loop is busy', async () => {
    const body = new Subject<Uint8Array>();
    const fake = new FakeTransport(sending(chunks.c), respond(body));
    const iterator = going(fake, { retry: atOnce })[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual(chunks.c);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [, restGate] = fake.requests.map((request) => request.gate);
    for (let number = 1; number <= 16; number++) body.next(eachInBytes({ t: event(text(number, 'x')) }).t!);
    expect(restGate?.isOpen).toBe(false);
    for (let number = 1; number <= 16; number++) {
      expect((await iterator.next()).value).toEqual(text(number, 'x'));
    }
    expect(restGate?.isOpen).toBe(true);
    await iterator.return?.();
    expect(body.observed).toBe(false);
  });

  it('goes on in a loop as if nothing had happened', async () => {
    const fake = new FakeTransport(sending(chunks.c, chunks.x), sending(chunks.y), sending(chunks.z, chunks.e));
    const events: ResponseStreamEvent[] = [];
    for await (const chunk of going(fake, { retry: atOnce })) events.push(chunk);
    expect(events).toEqual(whole);
    expect(asked(fake)).toEqual([POST, after(1), after(2)]);
  });

  it('makes a new Response for a second subscription, and knows nothing of the first', async () => {
    const second = responseEvent('response.created', { response: { id: 'resp_2' } });
    const fake = new FakeTransport(
      sending(chunks.c, chunks.x, chunks.y),
      sending(chunks.z, chunks.e),
      sending(second),
      sending(chunks.x, chunks.y, chunks.z, chunks.e),
      respond(''),
    );
    const stream = going(fake, { retry: atOnce });
    expect((await record(stream)).values).toEqual(whole);
    expect((await record(stream)).values).toEqual([second, ...whole.slice(1)]);
    expect((await record(stream)).error).toHaveProperty('kind', 'truncated');
    expect(asked(fake)).toEqual([POST, after(2), POST, 'GET /responses/resp_2?stream=true&starting_after=0', POST]);
  });

  it('keeps subscriptions at one time apart', async () => {
    const other = responseEvent('response.created', { response: { id: 'resp_2' } });
    const fake = new FakeTransport(sending(chunks.c), sending(other), sending(chunks.e));
    const stream = going(fake, { retry: atOnce });
    const recordings = await Promise.all([record(stream), record(stream)]);
    expect(recordings.map(({ values }) => values)).toEqual([
      [chunks.c, chunks.e],
      [other, chunks.e],
    ]);
    expect(asked(fake).slice(2).sort()).toEqual([after(0), after(0).replace('resp_1', 'resp_2')]);
  });

  describe('reads only the first request', () => {
    const fakeOf = () => new FakeTransport(sending(chunks.c, chunks.x), sending(chunks.y, chunks.z, chunks.e));

    it('as events', async () => {
      const fake = fakeOf();
      const { values, isComplete } = await record(going(fake, { retry: atOnce }).events());
      expect(values).toEqual([{ data: JSON.stringify(chunks.c) }, { data: JSON.stringify(chunks.x) }]);
      expect(isComplete).toBe(true);
      expect(asked(fake)).toEqual([POST]);
    });

    it.each<[string, (stream: ReturnType<typeof going>) => Observable<unknown>]>([
      ['as events', (stream) => stream.events()],
      ['with its response', (stream) => stream.withResponse()],
    ])('%s, which is not posted again either', async (_, open) => {
      const fake = new FakeTransport(refused(503), sending(...whole));
      const { values, error } = await record(open(going(fake, { retry: atOnce })));
      expect(error).toHaveProperty('status', 503);
      expect(values).toEqual([]);
      expect(asked(fake)).toEqual([POST]);
    });

    it('with its response', async () => {
      const fake = fakeOf();
      const parts: unknown[] = [];
      going(fake, { retry: atOnce })
        .withResponse()
        .subscribe({
          ...unconcerned,
          next: ({ response, chunks: body }) => {
            parts.push(response.status);
            body.subscribe({ next: (chunk) => parts.push(chunk), error: (failure: unknown) => parts.push(failure) });
          },
        });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(parts).toEqual([200, chunks.c, chunks.x, expect.objectContaining({ kind: 'truncated', chunkCount: 2 })]);
      expect(asked(fake)).toEqual([POST]);
    });
  });
});
