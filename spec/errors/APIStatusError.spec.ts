import {
  concat,
  EMPTY,
  interval,
  map,
  NEVER,
  of,
  Subject,
  throwError,
  VirtualTimeScheduler,
  type Observable,
} from 'rxjs';
import { APIConnectionError, APIStatusError, createClient, type ClientOptions } from 'rxdelta';
import { bytesOf, eachInBytes, FakeTransport, respond } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';

describe('APIStatusError', () => {
  it.each([408, 409, 429, 500, 502, 503, 504, 529, 599])('of status %d is retryable', (status) => {
    expect(new APIStatusError('words', { status }).retryable).toBe(true);
  });

  it.each([300, 304, 400, 401, 403, 404, 410, 413, 422, 428, 430, 499, 600])('of status %d is not', (status) => {
    expect(new APIStatusError('words', { status }).retryable).toBe(false);
  });

  it.each([
    ['false', 500, false],
    ['false', 429, false],
    ['true', 400, true],
    ['true', 404, true],
    ['', 500, true],
    ['maybe', 400, false],
    ['1', 400, false],
  ])('with x-should-retry: %s and status %d: %j', (advice, status, retryable) => {
    expect(new APIStatusError('words', { status, headers: { 'x-should-retry': advice } }).retryable).toBe(retryable);
  });

  it('of insufficient_quota is not, unless x-should-retry says so', () => {
    expect(new APIStatusError('words', { status: 429, code: 'insufficient_quota' }).retryable).toBe(false);
    expect(new APIStatusError('words', { status: 429, type: 'insufficient_quota' }).retryable).toBe(false);
    const headers = { 'x-should-retry': 'true' };
    expect(new APIStatusError('words', { status: 429, code: 'insufficient_quota', headers }).retryable).toBe(true);
  });
});

describe('a response outside 200–299', () => {
  type Body = Observable<Uint8Array> | string;

  function answering(status: number, body: Body, headers: Record<string, string> = {}, options: ClientOptions = {}) {
    const fake = new FakeTransport(respond(body, { status, headers }));
    const client = createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: fake.send, ...options });
    return client.chat.completions.stream({ model: 'm', messages: [] });
  }

  /** The error that a client makes of a response. */
  async function failure(status: number, body: Body, headers?: Record<string, string>) {
    const { values, error, endCount } = await record(answering(status, body, headers));
    expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
    expect(error).toBeInstanceOf(APIStatusError);
    return error as APIStatusError;
  }

  const json = (value: unknown) => JSON.stringify(value);

  it.each([100, 199, 300, 301, 304, 307, 400, 401, 404, 429, 500, 503, 599])('is an error (%d)', async (status) => {
    expect(await failure(status, '')).toMatchObject({ kind: 'status', status });
  });

  describe('says in its body', () => {
    const fields = { message: 'No such model', code: 'model_not_found', type: 'invalid_request_error', param: 'model' };

    it.each([
      ['a nested error', { error: fields }, fields],
      ['a flat error', fields, fields],
      ['an array of one', [{ error: fields }], fields],
      ['an error that is text', { error: 'No such model' }, { message: 'No such model' }],
      ['text as JSON', 'No such model', { message: 'No such model' }],
      ['a detail', { detail: 'No such model' }, { message: 'No such model' }],
      [
        'a code beside a message',
        { error: 'not_found', message: 'No such model' },
        { message: 'No such model', code: 'not_found' },
      ],
      ['a code that is a number', { error: { ...fields, code: 404 } }, { ...fields, code: 404 }],
      [
        'null for what it does not know',
        { error: { ...fields, code: null, param: null } },
        { ...fields, code: null, param: null },
      ],
      [
        'a type around the error',
        { type: 'error', error: { type: 'not_found_error', message: 'No such model' } },
        { type: 'not_found_error', message: 'No such model' },
      ],
    ])('%s', async (_, body, expected) => {
      const { message, code, type, param } = await failure(404, json(body));
      expect({ message, code, type, param }).toEqual({
        code: undefined,
        type: undefined,
        param: undefined,
        ...expected,
      });
    });

    it.each([
      ['plain text', ' Too many \n'],
      ['JSON of another shape', json({ detail: [{ loc: ['body', 'model'], msg: 'Too many' }] })],
      ['JSON that was cut', '{"error":{"message":"Too many'],
    ])('%s, which becomes the message behind the status', async (_, body) => {
      const { message, code } = await failure(429, body);
      expect(message).toMatch(/^HTTP 429:? /);
      expect(message.trim().endsWith(` ${body.trim()}`)).toBe(true);
      expect(code).toBeUndefined();
    });

    it.each([
      ['nothing', ''],
      ['blanks', ' \n'],
      ['a page', '<!doctype html><html><body>Bad gateway</body></html>'],
      ['a page behind blanks', '\r\n  <html>Bad gateway</html>'],
    ])('%s: the status stands alone', async (_, body) => {
      const { message } = await failure(502, body);
      expect(message).toMatch(/^HTTP 502\W*$/);
    });

    it.each([
      ['an empty object', '{}'],
      ['an empty array', '[]'],
      ['null', 'null'],
      ['an empty error', json({ error: {} })],
      ['an error without words', json({ error: { message: '' } })],
      ['a message that is no text', json({ error: { message: { deep: 1 } } })],
    ])('%s: there is a message with the status all the same', async (_, body) => {
      expect((await failure(500, body)).message).toContain('500');
    });

    it('more than 1 KiB, of which the message has an excerpt', async () => {
      const long = 'word '.repeat(1000);
      for (const body of [long, json(long), json({ error: { message: long } })]) {
        const { message } = await failure(400, body);
        const words = message.slice(message.indexOf('word'));
        expect(words.length).toBeLessThanOrEqual(1025);
        expect(long.startsWith(words.slice(0, 1000))).toBe(true);
      }
    });

    it('characters that were cut anywhere', async () => {
      const body = bytesOf(json({ error: { message: 'Zu viele Anfragen – später' } }));
      const { message } = await failure(429, of(...[...body].map((byte) => Uint8Array.of(byte))));
      expect(message).toBe('Zu viele Anfragen – später');
    });

    it('something before it breaks: what came counts', async () => {
      const breaks = throwError(() => new APIConnectionError('reset', { phase: 'body' }));
      expect((await failure(503, concat(of(bytesOf('Overloaded')), breaks))).message).toContain('Overloaded');
      expect(await failure(503, breaks)).toMatchObject({ status: 503, retryable: true });
      expect(await failure(503, EMPTY)).toMatchObject({ status: 503, retryable: true });
    });
  });

  describe('whose body does not end', () => {
    const bytes = eachInBytes({ a: 'Slow ', b: 'down' });

    it('is read for five seconds, then its connection is closed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('    a 999ms b', bytes);
        const subscription = ' ^ 4999ms !';
        const expected = '     5s #';
        const stalled = expect.objectContaining({ status: 429, message: expect.stringContaining('Slow down') });
        expectObservable(answering(429, body)).toBe(expected, undefined, stalled);
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
    });

    it('is read for five seconds also when nothing comes, by the scheduler of the client', () => {
      const scheduler = new VirtualTimeScheduler();
      const error = jest.fn();
      answering(500, NEVER, {}, { scheduler }).subscribe({ error });
      expect(error).not.toHaveBeenCalled();
      scheduler.flush();
      expect(error).toHaveBeenCalledWith(expect.objectContaining({ status: 500 }));
      expect(scheduler.frame).toBe(5000);
    });

    it('is read for five seconds in all, however it trickles', () => {
      marbles(({ expectObservable }) => {
        const trickle = interval(1000).pipe(map(() => bytesOf('.')));
        const stalled = expect.objectContaining({ message: expect.stringMatching(/[^.]\.{4,5}$/) });
        expectObservable(answering(500, trickle)).toBe('5s #', undefined, stalled);
      });
    });

    it('is read to 64 KiB, then its connection is closed', () => {
      const body = new Subject<Uint8Array>();
      const error = jest.fn();
      answering(500, body).subscribe({ error });
      const piece = bytesOf('x'.repeat(1024));
      for (let count = 0; count < 63; count++) body.next(piece);
      expect(error).not.toHaveBeenCalled();
      for (let count = 0; count < 2; count++) body.next(piece);
      expect(error).toHaveBeenCalledTimes(1);
      expect(error.mock.calls[0][0]).toMatchObject({ status: 500, message: expect.stringContaining('xxx') });
      expect(body.observed).toBe(false);
    });

    it('is left alone when the stream is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('      -a------', bytes);
        const unsubscription = ' ---!';
        const subscription = '   ^--!';
        expectObservable(answering(500, body), unsubscription).toBe('');
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
    });

    it('is bounded by totalMs', () => {
      marbles(({ expectObservable }) => {
        const stream = answering(500, NEVER, {}, { timeouts: { totalMs: 9 } });
        expectObservable(stream).toBe('---------#', undefined, expect.objectContaining({ phase: 'total' }));
      });
    });
  });

  describe('has in its headers', () => {
    it('what stands on the error, but for the cookies', async () => {
      const { headers, message, stack } = await failure(400, 'words', {
        server: 'x',
        'set-cookie': 'session=very-secret',
      });
      expect(headers).toEqual({ server: 'x' });
      expect(`${message} ${stack}`).not.toContain('very-secret');
    });

    it('the request id', async () => {
      expect(await failure(400, '', { 'x-request-id': 'req_1' })).toHaveProperty('requestId', 'req_1');
      expect(await failure(400, '')).not.toHaveProperty('requestId');
    });

    it('advice about a retry', async () => {
      expect((await failure(400, '', { 'x-should-retry': 'true' })).retryable).toBe(true);
      expect((await failure(500, '', { 'x-should-retry': 'false' })).retryable).toBe(false);
      expect((await failure(500, '')).retryable).toBe(true);
    });

    it('the wait before a retry, in any of its forms', async () => {
      const waits = (headers: Record<string, string>) =>
        failure(429, '', headers).then(({ retryAfterMs }) => retryAfterMs);
      expect(await waits({ 'retry-after': '7' })).toBe(7000);
      expect(await waits({ 'retry-after': '0' })).toBe(0);
      expect(await waits({ 'retry-after': '1.5' })).toBe(1500);
      expect(await waits({ 'retry-after-ms': '250', 'retry-after': '7' })).toBe(250);
      expect(await waits({ 'retry-after-ms': 'soon', 'retry-after': '7' })).toBe(7000);
      const date = new Date(Date.now() + 60_000).toUTCString();
      expect(await waits({ 'retry-after': date })).toBeGreaterThan(58_000);
      expect(await waits({ 'retry-after': date })).toBeLessThanOrEqual(60_000);
      for (const garbage of ['', 'soon', '-1', 'NaN', 'Infinity', '1e3s', '1 2', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
        expect(await waits({ 'retry-after': garbage })).toBeUndefined();
      }
    });

    it('where the server redirects to: the error says it, without the query', async () => {
      const { message } = await failure(307, '', { location: 'http://elsewhere.test/v2?token=very-secret' });
      expect(message).toContain('307');
      expect(message).toContain('http://elsewhere.test/v2');
      expect(message).not.toContain('very-secret');
    });
  });

  it('is not retryable for insufficient_quota', async () => {
    const report = {
      error: { message: 'You exceeded your quota', type: 'insufficient_quota', code: 'insufficient_quota' },
    };
    expect((await failure(429, json(report))).retryable).toBe(false);
    expect((await failure(429, json({ error: { message: 'Slow down' } }))).retryable).toBe(true);
  });
});
