import { getEventListeners } from 'node:events';
import { concat, EMPTY, from, NEVER, Observable, of, Subject, throwError, VirtualTimeScheduler } from 'rxjs';
import {
  APIConnectionError,
  createClient,
  FlowGate,
  type ClientOptions,
  type RequestOptions,
  type TransportResponse,
} from 'rxdelta';
import { bytesOf, eachInBytes, FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { Endless, marbles } from '../support/marbles';
import { record } from '../support/record';

const baseURL = 'http://server.test/v1';
const json = { 'content-type': 'application/json' };
const cancelled = { id: 'resp_1', object: 'response', status: 'cancelled', error: null, output: [] };
const text = JSON.stringify(cancelled);
const bytes = eachInBytes({ a: text.slice(0, 20), b: text.slice(20), w: text });
const reset = () => new APIConnectionError('reset', { phase: 'head' });
const broken = () => new APIConnectionError('broken', { phase: 'body' });
/** Waits of 4, 8, 16 … ms. */
const retry = { initialDelayMs: 4, jitter: 0 };

function cancel(fake: FakeTransport, options: ClientOptions = {}, request?: RequestOptions) {
  const client = createClient({ baseURL, apiKey: null, transport: fake.send, ...options });
  return client.responses.cancel('resp_1', request);
}

/** A document; the Response that was cancelled unless the body says otherwise. */
function document(body: Observable<Uint8Array> | string = text, head: Partial<TransportResponse> = {}) {
  return respond(body, { headers: json, ...head });
}

describe('responses.cancel', () => {
  it('posts once, without a body, with the headers, the query and the key of the client and of the request', async () => {
    const fake = new FakeTransport(document());
    const options = { apiKey: 'sk-1', organization: 'org-1', headers: { 'X-Client': '1' }, query: { a: '1' } };
    await record(cancel(fake, options, { headers: { 'X-Request': '2' }, query: { b: '2' } }));
    expect(fake.requests).toEqual([
      {
        method: 'POST',
        url: `${baseURL}/responses/resp_1/cancel?a=1&b=2`,
        headers: {
          accept: 'application/json',
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

  it('encodes the id', async () => {
    const fake = new FakeTransport(document());
    const client = createClient({ baseURL, apiKey: null, transport: fake.send });
    await record(client.responses.cancel('a/b?c=d&e#f é'));
    expect(fake.requests[0]?.url).toBe(`${baseURL}/responses/a%2Fb%3Fc%3Dd%26e%23f%20%C3%A9/cancel`);
  });

  it('is an Observable that sends nothing until it is subscribed, and once for each subscription', async () => {
    const fake = new FakeTransport(document());
    const source = cancel(fake);
    expect(source).toBeInstanceOf(Observable);
    expect(fake.requests).toEqual([]);
    const whole = { values: [cancelled], error: undefined, isComplete: true, endCount: 1 };
    expect(await record(source)).toEqual(whole);
    expect(await record(source)).toEqual(whole);
    expect(fake.requests).toHaveLength(2);
  });

  it('emits the Response when all of it has come, and completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('         -a--b-|', bytes);
      const head = cold('       --h', { h: document(body) });
      const bodySubscription = '--^-----!';
      const expected = '        --------(r|)';
      expectObservable(cancel(new FakeTransport(head))).toBe(expected, { r: cancelled });
      expectSubscriptions(body.subscriptions).toBe(bodySubscription);
    });
  });

  it.each([
    ['of another content type', { headers: { 'content-type': 'text/plain' } }],
    ['of a stream of events', { headers: { 'content-type': 'text/event-stream' } }],
    ['of no content type', { headers: {} }],
    ['of another good status', { status: 201 }],
  ])('takes a document %s for what it is', async (_, head) => {
    const { values } = await record(cancel(new FakeTransport(document(text, head))));
    expect(values).toEqual([cancelled]);
  });

  it.each(['queued', 'in_progress', 'completed', 'incomplete', 'failed'])(
    'emits a Response that is %s',
    async (status) => {
      const error = status === 'failed' ? { code: 'server_error', message: 'sorry' } : null;
      const response = { ...cancelled, status, error };
      const { values, isComplete } = await record(cancel(new FakeTransport(document(JSON.stringify(response)))));
      expect(values).toEqual([response]);
      expect(isComplete).toBe(true);
    },
  );

  it('reads characters that come in parts', async () => {
    const response = { ...cancelled, instructions: 'Grüße 日本 🙂' };
    const pieces = [...bytesOf(JSON.stringify(response))].map((byte) => Uint8Array.of(byte));
    const { values } = await record(cancel(new FakeTransport(document(from(pieces)))));
    expect(values).toEqual([response]);
  });

  it('reads a document of several megabytes', async () => {
    const response = { ...cancelled, instructions: 'é'.repeat(6_000_000) };
    const whole = bytesOf(JSON.stringify(response));
    const pieces = Array.from({ length: Math.ceil(whole.length / 65_536) }, (_, index) =>
      whole.subarray(index * 65_536, (index + 1) * 65_536),
    );
    const { values, isComplete } = await record(cancel(new FakeTransport(document(from(pieces)))));
    expect(values.map(({ instructions }) => instructions?.length)).toEqual([6_000_000]);
    expect(isComplete).toBe(true);
  });

  describe('ends a document that has no end with an error, and closes the connection,', () => {
    const spaces = new Uint8Array(65_536).fill(32);

    it('where it comes piece by piece', async () => {
      const body = new Subject<Uint8Array>();
      const recording = record(cancel(new FakeTransport(document(body))));
      let count = 0;
      for (; body.observed && count < 1000; count++) body.next(spaces);
      expect(body.observed).toBe(false);
      expect(count).toBeGreaterThan(160);
      const { values, error, endCount } = await recording;
      expect(error).toHaveProperty('kind', 'malformed');
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
    });

    it('where it comes all at once', async () => {
      const endless = new Endless(() => spaces);
      const { error } = await record(cancel(new FakeTransport(document(endless.values))));
      expect(error).toHaveProperty('kind', 'malformed');
      expect(endless.produced).toBeLessThan(1000);
    });
  });

  it('ends a document that comes too slowly with an error, and closes the connection', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('   a 69s -', bytes);
      const subscription = '^ 59999ms !';
      const expected = '    60s #';
      const failure = expect.objectContaining({ kind: 'timeout', phase: 'body' });
      expectObservable(cancel(new FakeTransport(document(body)))).toBe(expected, undefined, failure);
      expectSubscriptions(body.subscriptions).toBe(subscription);
    });
  });

  it('gives a slow document more time than the body of an error', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('a 29s b|', bytes);
      const expected = ' 29002ms (r|)';
      expectObservable(cancel(new FakeTransport(document(body)))).toBe(expected, { r: cancelled });
    });
  });

  describe('ends with', () => {
    it.each([
      [404, { error: { message: 'No such Response', code: 'not_found' } }],
      [400, { error: { message: 'Only background Responses', code: 'bad' } }],
      [401, { error: { message: 'Who are you?', code: 'key' } }],
      [500, { id: 'resp_1', error: { message: 'sorry', code: 'server_error' } }],
    ])('an APIStatusError for the status %i', async (status, body) => {
      const fake = new FakeTransport(
        document(JSON.stringify(body), { status, headers: { ...json, 'x-request-id': 'req_1' } }),
      );
      const { values, error, endCount } = await record(cancel(fake));
      expect(error).toMatchObject({ name: 'APIStatusError', status, ...body.error, requestId: 'req_1' });
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
    });

    it('an APIStatusError whose body breaks', async () => {
      const body = concat(of(bytesOf('{"error":')), throwError(broken));
      const { error } = await record(cancel(new FakeTransport(document(body, { status: 404 }))));
      expect(error).toMatchObject({ name: 'APIStatusError', status: 404 });
    });

    it('an APIStatusError whose body has no end, in time', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('   a----', bytes);
        const subscription = '^ 4999ms !';
        const expected = '    5s #';
        const failure = expect.objectContaining({ name: 'APIStatusError', status: 404 });
        expectObservable(cancel(new FakeTransport(document(body, { status: 404 })))).toBe(expected, undefined, failure);
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
    });

    it('an APIStatusError for a redirect, which is not followed', async () => {
      const head = { status: 307, headers: { location: 'http://elsewhere.test/' } };
      const fake = new FakeTransport(document('', head));
      expect((await record(cancel(fake))).error).toMatchObject({ name: 'APIStatusError', status: 307 });
      expect(fake.requests).toHaveLength(1);
    });

    it('the error of the connection, the very object', async () => {
      const failure = reset();
      expect((await record(cancel(new FakeTransport(throwError(() => failure))))).error).toBe(failure);
    });

    it('an APIConnectionError where no response comes', async () => {
      const { error } = await record(cancel(new FakeTransport(EMPTY)));
      expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'head' });
    });

    it.each([
      ['in the middle', '-a-#'],
      ['after all of it', '-w-#'],
      ['at once', '   #'],
    ])('the error of a body that breaks %s', (_, diagram) => {
      marbles(({ cold, expectObservable }) => {
        const failure = broken();
        const body = cold(diagram, bytes, failure);
        const expected = diagram.replace(/[aw]/, '-');
        expectObservable(cancel(new FakeTransport(document(body)))).toBe(expected, undefined, failure);
      });
    });

    it.each([
      ['a page', document('<p>Sign in</p>', { headers: { 'content-type': 'text/html' } })],
      ['a text', document('cancelled')],
      ['an empty body', document('')],
      ['a document that is cut', document(text.slice(0, -1))],
      ['a stream of events', respond(`data: ${text}\n\n`)],
      ['JSON that is no object', document('"resp_1"')],
      ['JSON that is null', document('null')],
      ['JSON that is a number', document('7')],
      ['a list', document('[]')],
      ['an object without an id', document('{"object":"response"}')],
    ])('a MalformedStreamError for %s', async (_, answer) => {
      const { values, error, endCount } = await record(cancel(new FakeTransport(answer)));
      expect(error).toMatchObject({ name: 'MalformedStreamError', reason: 'content-type', retryable: false });
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
    });

    it.each([204, 205])('a MalformedStreamError for the status %i', async (status) => {
      const { values, error } = await record(cancel(new FakeTransport(document('', { status, headers: {} }))));
      expect(error).toMatchObject({ name: 'MalformedStreamError', reason: 'protocol' });
      expect(values).toEqual([]);
    });

    it.each([
      ['nested', { error: { message: 'sorry', code: 'server_error' } }, 'server_error'],
      ['nested in a list', [{ error: { message: 'sorry', code: 'server_error' } }], 'server_error'],
      ['flat', { object: 'error', message: 'sorry', code: 50_001 }, 50_001],
      ['a string', { error: 'sorry' }, undefined],
    ])('an APIStreamError for an error with the status 200: %s', async (_, report, code) => {
      const { values, error } = await record(cancel(new FakeTransport(document(JSON.stringify(report)))));
      expect(error).toMatchObject({ name: 'APIStreamError', message: 'sorry' });
      expect((error as { code?: unknown }).code).toBe(code);
      expect(values).toEqual([]);
    });
  });

  describe('unsubscribed', () => {
    it('before the head, closes the connection', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const head = cold('     ----h', { h: document() });
        const unsubscription = '--!';
        const subscription = '  ^-!';
        expectObservable(cancel(new FakeTransport(head)), unsubscription).toBe('');
        expectSubscriptions(head.subscriptions).toBe(subscription);
      });
    });

    it('in the body, closes the connection', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('       -a--b|', bytes);
        const head = cold('     --h', { h: document(body) });
        const unsubscription = '----!';
        const headSub = '       ^---!';
        const bodySub = '       --^-!';
        expectObservable(cancel(new FakeTransport(head)), unsubscription).toBe('');
        expectSubscriptions(head.subscriptions).toBe(headSub);
        expectSubscriptions(body.subscriptions).toBe(bodySub);
      });
    });

    it.each([
      ['waiting for the head', NEVER],
      ['waiting for the body', document(NEVER)],
      ['waiting for the body of an error', document(NEVER, { status: 500 })],
      ['waiting for a retry', document('', { status: 500 })],
      ['done', document()],
    ])('leaves no timer: %s', (_, answer) => {
      const scheduler = new VirtualTimeScheduler();
      const fake = new FakeTransport(answer);
      const subscription = cancel(fake, { scheduler, retry }).subscribe(unconcerned);
      expect(fake.requests).toHaveLength(1);
      subscription.unsubscribe();
      expect(scheduler.actions).toEqual([]);
    });
  });

  describe('given a signal', () => {
    let controller: AbortController;
    const aborted = expect.objectContaining({ kind: 'abort', name: 'APIUserAbortError', cause: 'why' });
    const listenerCount = () => getEventListeners(controller.signal, 'abort').length;

    beforeEach(() => {
      controller = new AbortController();
    });

    it.each<[string, Observable<TransportResponse> | TransportResponse]>([
      ['before the head', NEVER],
      ['in the body', document(NEVER)],
      ['in the body of an error', document(NEVER, { status: 404 })],
      ['in the wait before a retry', document('', { status: 503 })],
    ])('that fires %s, ends with its error', (_, answer) => {
      const said: unknown[] = [];
      const say = (what: unknown) => said.push(what);
      const fake = new FakeTransport(answer);
      cancel(fake, { retry }, { signal: controller.signal }).subscribe({ next: say, error: say });
      expect(said).toEqual([]);
      controller.abort('why');
      expect(said).toEqual([aborted]);
      expect(fake.requests).toHaveLength(1);
      expect(listenerCount()).toBe(0);
    });

    it('that has fired already, sends nothing', async () => {
      controller.abort('why');
      const fake = new FakeTransport(document());
      expect((await record(cancel(fake, {}, { signal: controller.signal }))).error).toEqual(aborted);
      expect(fake.requests).toEqual([]);
    });

    it('that fires later, has nothing to end', async () => {
      const { isComplete } = await record(cancel(new FakeTransport(document()), {}, { signal: controller.signal }));
      expect(isComplete).toBe(true);
      expect(listenerCount()).toBe(0);
    });
  });

  describe('keeps to', () => {
    it('the limit responseMs', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const head = cold('   -----h', { h: document() });
        const subscription = '^--!';
        const expected = '    ---#';
        const failure = expect.objectContaining({ kind: 'timeout', phase: 'head' });
        const source = cancel(new FakeTransport(head), {}, { timeouts: { responseMs: 3 } });
        expectObservable(source).toBe(expected, undefined, failure);
        expectSubscriptions(head.subscriptions).toBe(subscription);
      });
    });

    it('the limit responseMs, which ends with the head', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('  -a---b-|', bytes);
        const head = cold('--h', { h: document(body) });
        const expected = ' ---------(r|)';
        const source = cancel(new FakeTransport(head), {}, { timeouts: { responseMs: 3 } });
        expectObservable(source).toBe(expected, { r: cancelled });
      });
    });

    it('the limit totalMs, also in the body', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('     -a---b|', bytes);
        const head = cold('   --h', { h: document(body) });
        const subscription = '--^--!';
        const expected = '    -----#';
        const failure = expect.objectContaining({ kind: 'timeout', phase: 'total' });
        const source = cancel(new FakeTransport(head), { timeouts: { totalMs: 5 } });
        expectObservable(source).toBe(expected, undefined, failure);
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
    });

    it('the size of a document, not that of an event', async () => {
      const response = { ...cancelled, instructions: 'x'.repeat(1_000) };
      const fake = new FakeTransport(document(JSON.stringify(response)));
      expect((await record(cancel(fake, { maxEventBytes: 100 }))).values).toEqual([response]);
    });
  });

  describe('with retry', () => {
    it('posts again after a connection that fails, a status that may pass, and a body that breaks', () => {
      let fake!: FakeTransport;
      marbles(({ cold, expectObservable }) => {
        const third = cold('            -a-#', bytes, broken());
        const last = cold('                                w|', bytes);
        const expected = '  --------------------------------(r|)';
        fake = new FakeTransport(throwError(reset), document('', { status: 503 }), document(third), document(last));
        const options = { retry: { ...retry, maxRetries: 3 } };
        expectObservable(cancel(fake, options)).toBe(expected, { r: cancelled });
      });
      expect(new Set(fake.requests.map((request) => JSON.stringify(request))).size).toBe(1);
      expect(fake.requests).toHaveLength(4);
    });

    it('is none unless it is asked for', async () => {
      const fake = new FakeTransport(document('', { status: 503 }), document());
      expect((await record(cancel(fake))).error).toHaveProperty('status', 503);
      expect((await record(cancel(fake, { retry: { initialDelayMs: 0 } }, { retry: false }))).values).toHaveLength(1);
      const failing = new FakeTransport(document('', { status: 503 }));
      await record(cancel(failing, { retry: { initialDelayMs: 0 } }, { retry: false }));
      expect(failing.requests).toHaveLength(1);
    });

    it.each([
      ['a status that stays', document('', { status: 404 })],
      ['what is no JSON', document('cancelled')],
      ['an error with the status 200', document('{"error":{"message":"sorry"}}')],
    ])('does not repeat %s', async (_, answer) => {
      const fake = new FakeTransport(answer, document());
      const { error } = await record(cancel(fake, { retry: { initialDelayMs: 0 } }));
      expect(error).toHaveProperty('attempts', 1);
      expect(fake.requests).toHaveLength(1);
    });

    it('waits as long as the server asks', () => {
      marbles(({ expectObservable }) => {
        const fake = new FakeTransport(document('', { status: 429, headers: { 'retry-after': '2' } }), document());
        expectObservable(cancel(fake, { retry })).toBe('2s (r|)', { r: cancelled });
      });
    });

    it('ends with the last error, the very object', async () => {
      const failures = [reset(), reset()];
      const fake = new FakeTransport(...failures.map((failure) => throwError(() => failure)));
      const { error } = await record(cancel(fake, {}, { retry: { initialDelayMs: 0, maxRetries: 1 } }));
      expect(error).toBe(failures[1]);
      expect(error).toHaveProperty('attempts', 2);
    });

    it('asks for the key each time', async () => {
      let count = 0;
      const fake = new FakeTransport(document('', { status: 503 }), document());
      await record(cancel(fake, { apiKey: () => Promise.resolve(`sk-${++count}`), retry: { initialDelayMs: 0 } }));
      expect(fake.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-1', 'Bearer sk-2']);
    });
  });

  it('tells onResponse the head, before the Response', async () => {
    const said: unknown[] = [];
    const head = { headers: { ...json, 'x-request-id': 'req_1' } };
    const onResponse = ({ requestId }: { requestId?: string }) => said.push(requestId);
    const body = new Subject<Uint8Array>();
    cancel(new FakeTransport(document(body, head)), {}, { onResponse }).subscribe({
      next: () => said.push('Response'),
    });
    expect(said).toEqual(['req_1']);
    body.next(bytesOf(text));
    body.complete();
    expect(said).toEqual(['req_1', 'Response']);
  });

  it('tells onResponse no head of an error', async () => {
    const onResponse = jest.fn();
    const fake = new FakeTransport(document('', { status: 503 }), document('', { status: 404 }));
    await record(cancel(fake, { retry: { initialDelayMs: 0 } }, { onResponse }));
    expect(fake.requests).toHaveLength(2);
    expect(onResponse).not.toHaveBeenCalled();
  });

  it('is not held back by a gate, which is for streams', async () => {
    const gate = new FlowGate();
    gate.hold();
    const fake = new FakeTransport(document());
    await record(cancel(fake, {}, { gate }));
    expect(fake.requests[0]?.gate?.isOpen).toBe(true);
  });

  it('keeps the key out of the error', async () => {
    const report = JSON.stringify({ error: { message: 'The key sk-secret-1234 is wrong', code: 'key' } });
    const fake = new FakeTransport(document(report, { status: 401 }), document(report));
    const source = cancel(fake, { apiKey: 'sk-secret-1234' });
    for (let count = 0; count < 2; count++) {
      const { error } = await record(source);
      expect(error).toHaveProperty('code', 'key');
      expect((error as Error).message).not.toContain('sk-secret');
    }
  });
});
