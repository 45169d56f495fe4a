import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { firstValueFrom, ignoreElements, mergeMap, NEVER, toArray } from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  APIStatusError,
  contentDeltas,
  createClient,
  FlowGate,
  StreamTruncatedError,
  type ClientOptions,
} from 'rxdelta';
import {
  chunkMarbles,
  contentChunk,
  contentChunks,
  fakeTransport,
  finish,
  responseEvents,
  type FakeTransport,
} from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';
import { bytesOf } from '../../support/FakeTransport';
import { marbles } from '../../support/marbles';
import { record } from '../../support/record';

const params = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] };

function chat(transport: FakeTransport, options: ClientOptions = {}) {
  return createClient({ apiKey: 'sk-secret', baseURL: 'http://api.test/v1', transport, ...options }).chat.completions;
}

const aborted = { kind: 'connection', message: 'Gone', phase: 'head' };
const failure = () => new APIConnectionError('Gone', { phase: 'head' });

describe('fakeTransport', () => {
  describe('answers', () => {
    it('by marbles, in the time of the scheduler', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const transport = fakeTransport(cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() })));
        expectObservable(chat(transport).stream(params).pipe(accumulateContent())).toBe('-a-b-|', {
          a: 'Hel',
          b: 'Hello',
        });
        expectSubscriptions(transport.subscriptions).toBe('^----!');
      });
    });

    it('by builders, as a server writes them', async () => {
      const events = await firstValueFrom(
        chat(fakeTransport([contentChunks('Hi')]))
          .stream(params)
          .events()
          .pipe(toArray()),
      );
      expect(events.map(({ data }) => data)).toEqual([
        ...contentChunks('Hi').map((chunk) => JSON.stringify(chunk)),
        '[DONE]',
      ]);
    });

    it('by the events of a Response, with their event line and without [DONE]', async () => {
      const client = createClient({ apiKey: 'key', transport: fakeTransport([responseEvents.text('Hi')]) });
      const events = await firstValueFrom(client.responses.stream({ model: 'm', input: '' }).events().pipe(toArray()));
      expect(events).toEqual(
        responseEvents.text('Hi').map((event) => ({ event: event.type, data: JSON.stringify(event) })),
      );
    });

    it('by events as they are', async () => {
      const transport = fakeTransport([[{ event: 'e', id: '7', retry: 9, data: '{"a":\n1}' }, { data: '[DONE]' }]]);
      const client = createClient({ apiKey: 'key', transport });
      expect(await firstValueFrom(client.stream('/x', {}).events().pipe(toArray()))).toEqual([
        { event: 'e', id: '7', retry: 9, data: '{"a":\n1}' },
        { data: '[DONE]' },
      ]);
    });

    it.each([
      ['text', `data: ${JSON.stringify(contentChunk('Hi'))}\n\ndata: [DONE]\n\n`],
      ['bytes', bytesOf(`data: ${JSON.stringify(contentChunk('Hi'))}\n\ndata: [DONE]\n\n`)],
    ])('by %s, to every request', async (_, body) => {
      const stream = chat(fakeTransport(body)).stream(params).pipe(contentDeltas());
      expect(await firstValueFrom(stream)).toBe('Hi');
      expect(await firstValueFrom(stream)).toBe('Hi');
    });

    it('leaves a cut answer cut', async () => {
      const { values, error } = await record(chat(fakeTransport([[contentChunk('Hel')]])).stream(params));
      expect(values).toEqual([contentChunk('Hel')]);
      expect(error).toBeInstanceOf(StreamTruncatedError);
    });

    it('breaks in the body', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const error = new APIConnectionError('Reset', { phase: 'body' });
        const transport = fakeTransport(cold(...chunkMarbles('-a-#', { a: 'Hel' }, error)));
        expectObservable(chat(transport).stream(params)).toBe(...chunkMarbles('-a-#', { a: 'Hel' }, error));
        expectSubscriptions(transport.subscriptions).toBe('^--!');
      });
    });

    it('with a status, headers and a document', async () => {
      const body = { error: { message: 'Slow down', code: 'rate_limit_exceeded' } };
      const transport = fakeTransport({ status: 429, headers: { 'retry-after': '2', 'x-request-id': 'req_1' }, body });
      const { error } = await record(chat(transport).stream(params));
      expect(error).toBeInstanceOf(APIStatusError);
      expect(error).toMatchObject({
        ...{ status: 429, message: 'Slow down', code: 'rate_limit_exceeded', retryAfterMs: 2000, requestId: 'req_1' },
        headers: { 'content-type': 'application/json' },
      });
    });

    it.each(['content-type', 'Content-Type'])('without a content type where that is left out: %s', async (name) => {
      const heads: unknown[] = [];
      const transport = fakeTransport({ headers: { [name]: undefined }, body: contentChunks('Hi') });
      await record(chat(transport).stream(params, { onResponse: ({ headers }) => heads.push(headers) }));
      expect(heads).toEqual([{}]);
    });

    it('with headers by lower-case name, however they are written', async () => {
      const headers = { 'Retry-After': '2', 'Content-Type': 'text/plain' };
      const { error } = await record(chat(fakeTransport({ status: 503, headers })).stream(params));
      expect(error).toMatchObject({
        retryAfterMs: 2000,
        headers: { 'retry-after': '2', 'content-type': 'text/plain' },
      });
    });

    it('with an error before there is a response', async () => {
      expect((await record(chat(fakeTransport(failure())).stream(params))).error).toMatchObject(aborted);
    });

    it('late, or with a late error', () => {
      marbles(({ cold, expectObservable }) => {
        const late = new RangeError('Late');
        const body = cold(...chunkMarbles('-a|', { a: finish() }));
        const stream = chat(
          fakeTransport([
            { headAfterMs: 5, body },
            { headAfterMs: 5, error: late },
          ]),
        ).stream(params);
        expectObservable(stream).toBe('------a|', { a: finish() });
        expectObservable(stream).toBe('-----#', {}, late);
      });
    });

    it('never, before the head or after it', () => {
      marbles(({ expectObservable, expectSubscriptions }) => {
        const transport = fakeTransport([{ headAfterMs: Infinity }, NEVER]);
        const timeouts = { responseMs: 20, idleMs: 30 };
        const stream = chat(transport, { timeouts }).stream(params);
        expectObservable(stream).toBe('20ms #', {}, expect.objectContaining({ kind: 'timeout', phase: 'head' }));
        expectObservable(stream).toBe('30ms #', {}, expect.objectContaining({ kind: 'timeout', phase: 'idle' }));
        expectSubscriptions(transport.subscriptions).toBe(['^ 19ms !', '^ 29ms !']);
      });
    });

    it('each request in its turn, and one too many with an error that nothing retries', async () => {
      const transport = fakeTransport([failure(), { status: 503 }, failure()]);
      const retry = { initialDelayMs: 0, maxRetries: 5 };
      const { error } = await record(chat(transport, { retry }).stream(params));
      expect(error).toEqual(new Error('Request 4 has no answer: 3 were prepared'));
      expect(transport.requests).toHaveLength(4);
    });

    it('by what a function says of the request', async () => {
      const transport = fakeTransport((request, index) =>
        contentChunks(`${(request.body as { model: string }).model} ${index}`, { every: Infinity }),
      );
      const answered = (model: string) =>
        firstValueFrom(
          chat(transport)
            .stream({ ...params, model })
            .pipe(contentDeltas()),
        );
      expect([await answered('small'), await answered('large')]).toEqual(['small 0', 'large 1']);
    });

    it('not where a function gives nothing', async () => {
      // @ts-expect-error -- there is an answer to every request
      const { error } = await record(chat(fakeTransport(() => undefined)).stream(params));
      expect(error).toEqual(new Error('Request 1 has no answer: the function gave none'));
    });

    it('not with chunks that stand in no list', async () => {
      const chunks = contentChunks('Hi');
      // @ts-expect-error -- a list holds one answer per request
      const { error } = await record(chat(fakeTransport(chunks)).stream(params));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: expect.stringContaining('put a list of chunks into one') });
    });
  });

  describe('records', () => {
    it('what was asked, without what is secret', async () => {
      const transport = fakeTransport([contentChunks('Hi')]);
      const headers = { cookie: 'session=1', 'api-key': 'k1', 'X-Custom-Token': 'k2', 'Idempotency-Key': 'same' };
      const query = { 'api-version': '1', key: 'k3', access_token: 'k4' };
      await record(chat(transport, { headers, query, baseURL: 'http://me:pw@api.test/v1' }).stream(params));
      expect(transport.requests).toEqual([
        {
          method: 'POST',
          url: 'http://[redacted]@api.test/v1/chat/completions?api-version=1&key=[redacted]&access_token=[redacted]',
          headers: {
            accept: 'text/event-stream',
            'content-type': 'application/json',
            authorization: '[redacted]',
            cookie: '[redacted]',
            'api-key': '[redacted]',
            'x-custom-token': '[redacted]',
            'idempotency-key': 'same',
          },
          body: { ...params, stream: true },
        },
      ]);
      expect(JSON.stringify(transport.requests)).not.toMatch(/sk-secret|k[1-4]|session|pw/);
    });

    it('a request only once it is sent', () => {
      const transport = fakeTransport(NEVER);
      const stream = chat(transport).stream(params);
      expect(transport.requests).toEqual([]);
      stream.subscribe().unsubscribe();
      expect(transport.requests).toHaveLength(1);
    });

    it('no body where there is none, and one that is no JSON as text', () => {
      const transport = fakeTransport(NEVER);
      const request = { method: 'GET' as const, url: '/api', headers: {}, connectMs: Infinity };
      transport(request).subscribe().unsubscribe();
      transport({ ...request, body: 'plain' })
        .subscribe()
        .unsubscribe();
      expect(transport.requests.map(({ body }) => body)).toEqual([undefined, 'plain']);
    });

    it('when each request was unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(...chunkMarbles('-a-b-c-|'));
        const transport = fakeTransport(source);
        const stream = chat(transport).stream(params);
        expectObservable(stream, '^---!').toBe(...chunkMarbles('-a-b'));
        expectObservable(stream, '--^-!').toBe(...chunkMarbles('---a-'));
        expectSubscriptions(transport.subscriptions).toBe(['^---!', '--^-!']);
        expectSubscriptions(source.subscriptions).toBe(['^---!', '--^-!']);
      });
    });

    it('nothing of it late: a waiting retry is no request', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const transport = fakeTransport([failure(), cold(...chunkMarbles('-a', { a: 'Hi' }))]);
        const stream = chat(transport, { retry: { initialDelayMs: 10, jitter: 0 } }).stream(params);
        expectObservable(stream, '^ 14ms !').toBe(...chunkMarbles('11ms a', { a: 'Hi' }));
        expectSubscriptions(transport.subscriptions).toBe(['(^!)', '10ms ^----!']);
      });
    });

    it('logs of the class that RxJS compares, under a strict comparison too', () => {
      const scheduler = new TestScheduler(deepStrictEqual);
      const transport = fakeTransport(NEVER, { scheduler });
      scheduler.expectObservable(chat(transport, { scheduler }).stream(params), '--^--!');
      scheduler.expectSubscriptions(transport.subscriptions).toBe('--^--!');
      scheduler.flush();
      expect(transport.subscriptions).toHaveLength(1);
    });
  });

  describe('as a transport', () => {
    const request = { method: 'GET' as const, url: 'http://api.test/', headers: {}, connectMs: Infinity };

    it('closes the body with the head', () => {
      marbles(({ cold, expectSubscriptions, flush }) => {
        const body = cold('-a-b-|', { a: 'a', b: 'b' });
        const heads = fakeTransport(body)(request).subscribe(({ body: bytes }) => bytes.subscribe());
        cold('--x').subscribe(() => heads.unsubscribe());
        expectSubscriptions(body.subscriptions).toBe('^-!');
        flush();
      });
    });

    it('completes when the body has ended', () => {
      marbles(({ cold, expectObservable }) => {
        const bytes = fakeTransport(cold('--|'))(request).pipe(mergeMap(({ body }) => body));
        const head = fakeTransport(cold('--|'))(request);
        expectObservable(bytes).toBe('--|');
        expectObservable(head.pipe(ignoreElements())).toBe('');
      });
    });

    it('does not read the body while a gate is held', () => {
      marbles(({ cold, expectObservable }) => {
        const gate = new FlowGate();
        cold('-h---r').subscribe((letter) => (letter === 'h' ? (release = gate.hold()) : release()));
        let release = () => {};
        const transport = fakeTransport(cold(...chunkMarbles('a-b-(c|)', { c: finish() })));
        expectObservable(chat(transport).stream(params, { gate })).toBe(...chunkMarbles('a----(bc|)', { c: finish() }));
      });
    });

    it('breaks only after what came before, also while a gate is held', () => {
      marbles(({ cold, expectObservable }) => {
        const gate = new FlowGate();
        cold('-h---r').subscribe((letter) => (letter === 'h' ? (release = gate.hold()) : release()));
        let release = () => {};
        const reset = new APIConnectionError('Reset', { phase: 'body' });
        const transport = fakeTransport(cold(...chunkMarbles('a-b-#', {}, reset)));
        expectObservable(chat(transport).stream(params, { gate })).toBe(...chunkMarbles('a----(b#)', {}, reset));
      });
    });
  });

  describe('cuts bytes', () => {
    const text = 'Grüße, 世界 😀';
    const whole = contentChunks(text, { every: 5 });

    it('anywhere, and the same comes out', async () => {
      const cuts = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(2500), { maxLength: 20 }));
      await fc.assert(
        fc.asyncProperty(cuts, async (cut) => {
          const { values, isComplete } = await record(chat(fakeTransport({ body: whole, cut })).stream(params));
          expect(values).toEqual(whole);
          expect(isComplete).toBe(true);
        }),
      );
    });

    it('at every single place', async () => {
      const length = bytesOf(whole.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')).length;
      for (let position = 0; position <= length; position++) {
        const { values } = await record(chat(fakeTransport({ body: whole, cut: [position] })).stream(params));
        expect(values).toEqual(whole);
      }
    });

    it('at many places, in any order, without looking for each among all', async () => {
      const body = 'x'.repeat(300_000);
      const cut = Array.from({ length: 60_000 }, (_, index) => 300_000 - index * 5);
      const lengths = new Set<number>();
      const start = performance.now();
      fakeTransport({ body, cut })({ method: 'GET', url: '/', headers: {}, connectMs: 1 }).subscribe(
        ({ body: bytes }) => bytes.subscribe(({ length }) => lengths.add(length)),
      );
      expect(performance.now() - start).toBeLessThan(2000);
      expect([...lengths]).toEqual([5]);
    });

    it('within each piece of a body in time', () => {
      marbles(({ cold, expectObservable }) => {
        const reads = (cut: number | number[]) =>
          fakeTransport({ body: cold('a-b|', { a: 'abcd', b: 'ef' }), cut })({
            ...{ method: 'GET', url: '/', headers: {}, connectMs: 1 },
          });
        const texts: string[] = [];
        reads([1, 5]).subscribe(({ body }) => body.subscribe((piece) => texts.push(new TextDecoder().decode(piece))));
        reads(3).subscribe(({ body }) => body.subscribe((piece) => texts.push(new TextDecoder().decode(piece))));
        expectObservable(cold('----|')).toBe('----|');
        cold('----x').subscribe(() => expect(texts).toEqual(['a', 'bcd', 'abc', 'd', 'e', 'f', 'ef']));
      });
      expect.assertions(2);
    });

    it.each([0, -1, 0.5])('not after each %p bytes', async (cut) => {
      const { error } = await record(chat(fakeTransport({ body: whole, cut })).stream(params));
      expect(error).toBeInstanceOf(RangeError);
    });
  });
});
