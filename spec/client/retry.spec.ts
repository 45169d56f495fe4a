import { NEVER, Subject, throwError, VirtualTimeScheduler } from 'rxjs';
import {
  APIConnectionError,
  createClient,
  type ClientOptions,
  type RequestOptions,
  type TransportResponse,
} from 'rxdelta';
import { content, finish } from '../support/chunks';
import { eachInBytes, FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';
import { answer, event } from '../support/wire';

const params = { model: 'm', messages: [] };
const chunks = { a: content('Hel'), b: content('lo'), f: finish() };
const bytes = eachInBytes({
  a: event(chunks.a),
  b: event(chunks.b),
  f: event(chunks.f),
  D: event('[DONE]'),
  r: 'retry: 9\n\n',
  R: `retry: 9\n${event(chunks.a)}`,
  s: 'retry: 2\n\n',
  l: 'retry: 70000\n\n',
});
const reset = () => new APIConnectionError('reset', { phase: 'head' });
const broken = () => new APIConnectionError('broken', { phase: 'body' });
/** Waits of 4, 8, 16 … ms. */
const retry = { initialDelayMs: 4, jitter: 0 };

function chat(fake: FakeTransport, options: ClientOptions = {}, request?: RequestOptions) {
  const client = createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: fake.send, ...options });
  return client.chat.completions.stream(params, request);
}

/** The head of a response without a stream. */
function refused(status: number, headers: Record<string, string> = {}): TransportResponse {
  return respond('', { status, headers });
}

describe('the retry of a client', () => {
  it('is none unless it is asked for', async () => {
    const fake = new FakeTransport(throwError(reset));
    const { error } = await record(chat(fake));
    expect(fake.requests).toHaveLength(1);
    expect(error).toMatchObject({ kind: 'connection', retryable: true });
    expect(error).not.toHaveProperty('attempts');
  });

  it('makes the request again after waits that grow', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold<TransportResponse>('-#', undefined, reset());
      const second = cold<TransportResponse>('    --#', undefined, reset());
      const body = cold('                     -a-D', bytes);
      const third = cold('              --h', { h: respond(body) });
      const firstSub = '  ^!';
      const secondSub = ' -----^-!';
      const thirdSub = '  ---------------^-----';
      const expected = '  ------------------a-|';
      expectObservable(chat(new FakeTransport(first, second, third), { retry })).toBe(expected, chunks);
      expectSubscriptions(first.subscriptions).toBe(firstSub);
      expectSubscriptions(second.subscriptions).toBe(secondSub);
      expectSubscriptions(third.subscriptions).toBe(thirdSub);
    });
  });

  it('makes two more requests after half a second and a second, less chance, unless told otherwise', () => {
    marbles(({ expectObservable }) => {
      const failures = [reset(), reset(), reset()];
      const fake = new FakeTransport(...failures.map((failure) => throwError(() => failure)));
      const stream = chat(fake, { retry: { random: () => 0 } });
      expectObservable(stream).toBe('1500ms #', undefined, failures[2]);
    });
  });

  it('delivers the last error, the very object, with the number of attempts', async () => {
    const failures = [reset(), reset(), reset()];
    const fake = new FakeTransport(...failures.map((failure) => throwError(() => failure)));
    const { error, endCount } = await record(chat(fake, { retry: { ...retry, initialDelayMs: 0 } }));
    expect(error).toBe(failures[2]);
    expect(error).toHaveProperty('attempts', 3);
    expect(endCount).toBe(1);
    expect(fake.requests).toHaveLength(3);
  });

  it('counts the one attempt at what is not retryable', async () => {
    const fake = new FakeTransport(refused(400));
    expect((await record(chat(fake, { retry }))).error).toMatchObject({ status: 400, attempts: 1 });
    expect(fake.requests).toHaveLength(1);
  });

  it('sends the same request each time', async () => {
    const fake = new FakeTransport(refused(500), refused(429), respond(answer('Hello')));
    const { isComplete } = await record(chat(fake, { retry: { initialDelayMs: 0 } }, { query: { a: '1' } }));
    expect(isComplete).toBe(true);
    expect(fake.requests).toHaveLength(3);
    expect(new Set(fake.requests.map((request) => JSON.stringify(request))).size).toBe(1);
  });

  it('asks for the key in each attempt', async () => {
    let count = 0;
    const apiKey = () => Promise.resolve(`sk-${++count}`);
    const fake = new FakeTransport(refused(500), refused(500), respond(answer('Hello')));
    await record(chat(fake, { apiKey, retry: { initialDelayMs: 0 } }));
    expect(fake.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk-1',
      'Bearer sk-2',
      'Bearer sk-3',
    ]);
  });

  it('does not try again what is refused before anything is sent', async () => {
    const apiKey = jest.fn(() => {
      throw new Error('The vault is locked');
    });
    const { error } = await record(chat(new FakeTransport(), { apiKey, retry }));
    expect(error).toHaveProperty('message', 'The vault is locked');
    expect(apiKey).toHaveBeenCalledTimes(1);
  });

  it('tries again what an onResponse has thrown only if it is told to', async () => {
    const onResponse = jest.fn(() => {
      throw new Error('not this one');
    });
    const fake = new FakeTransport(respond(answer('Hello')));
    await record(chat(fake, { retry }, { onResponse }));
    expect(onResponse).toHaveBeenCalledTimes(1);
    await record(chat(fake, { retry: { initialDelayMs: 0, shouldRetry: () => true } }, { onResponse }));
    expect(onResponse).toHaveBeenCalledTimes(4);
  });

  it('tells onRetry the error, the index and the wait', async () => {
    const onRetry = jest.fn();
    const fake = new FakeTransport(refused(503), respond(answer('Hello')));
    await record(chat(fake, { retry: { initialDelayMs: 3, jitter: 0, onRetry } }));
    expect(onRetry.mock.calls).toEqual([
      [{ error: expect.objectContaining({ status: 503 }), retryIndex: 0, delayMs: 3 }],
    ]);
  });

  it('ends in the wait, silently, when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold<TransportResponse>('       -#', undefined, reset());
      const second = cold<TransportResponse>('          h', { h: respond('') });
      const unsubscription = '   ---!';
      const firstSubscription = '^!';
      const stream = chat(new FakeTransport(first, second), { retry });
      expectObservable(stream, unsubscription).toBe('');
      expectSubscriptions(first.subscriptions).toBe(firstSubscription);
      expectSubscriptions(second.subscriptions).toBe([]);
    });
  });

  it('closes the second connection when it is unsubscribed there', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold<TransportResponse>('        -#', undefined, reset());
      const second = cold<TransportResponse>('            ---');
      const unsubscription = '    -------!';
      const secondSubscription = '-----^-!';
      const stream = chat(new FakeTransport(first, second), { retry });
      expectObservable(stream, unsubscription).toBe('');
      expectSubscriptions(second.subscriptions).toBe(secondSubscription);
    });
  });

  it('waits on the scheduler of the client, and leaves nothing there', () => {
    const scheduler = new VirtualTimeScheduler();
    const body = new Subject<Uint8Array>();
    const fake = new FakeTransport(refused(503), respond(body));
    const subscription = chat(fake, { retry, scheduler }).subscribe(unconcerned);
    expect(fake.requests).toHaveLength(1);
    scheduler.maxFrames = 3;
    scheduler.flush();
    expect(fake.requests).toHaveLength(1);
    scheduler.maxFrames = 4;
    scheduler.flush();
    expect(fake.requests).toHaveLength(2);
    subscription.unsubscribe();
    expect(scheduler.actions).toEqual([]);
  });

  it('waits on a scheduler of its own where it is given one', () => {
    const scheduler = new VirtualTimeScheduler();
    const own = new VirtualTimeScheduler();
    const fake = new FakeTransport(refused(503), respond(answer('Hello')));
    chat(fake, { retry: { ...retry, scheduler: own }, scheduler }).subscribe(unconcerned);
    expect(scheduler.actions).toEqual([]);
    own.flush();
    expect(fake.requests).toHaveLength(2);
  });

  describe('after a chunk', () => {
    it('is none', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = broken();
        const body = cold('-a-#', bytes, failure);
        const second = cold<TransportResponse>('-');
        const expected = ' -a-#';
        expectObservable(chat(new FakeTransport(respond(body), second), { retry })).toBe(expected, chunks, failure);
        expectSubscriptions(second.subscriptions).toBe([]);
      });
    });

    it('starts the answer again where that is asked for', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -a-#', bytes, broken());
        const second = cold('       -a-b-f-D', bytes);
        const expected = '   -a------a-b-f-|';
        const fake = new FakeTransport(respond(first), respond(second));
        const stream = chat(fake, { retry: { ...retry, afterFirstChunk: 'restart' } });
        expectObservable(stream).toBe(expected, chunks);
      });
    });
  });

  describe('of withResponse', () => {
    it('covers what fails before the head', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold<TransportResponse>(' -#', undefined, reset());
        const second = cold('     --h', { h: respond(NEVER) });
        const unsubscription = '----------!';
        const expected = '   -------h';
        const response = { response: expect.objectContaining({ status: 200 }), chunks: expect.anything() };
        const stream = chat(new FakeTransport(first, second), { retry });
        expectObservable(stream.withResponse(), unsubscription).toBe(expected, { h: response });
      });
    });

    it('does not cover a limit that passes after it either', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold(' h', { h: respond(NEVER) });
        const second = cold('-', { h: respond(NEVER) });
        const expected = '   h--#';
        const response = { response: expect.objectContaining({ status: 200 }), chunks: expect.anything() };
        const restart = { ...retry, afterFirstChunk: 'restart' as const };
        const stream = chat(new FakeTransport(first, second), { retry: restart, timeouts: { idleMs: 3 } });
        const failure = expect.objectContaining({ phase: 'idle', attempts: 1 });
        expectObservable(stream.withResponse()).toBe(expected, { h: response }, failure);
        expectSubscriptions(second.subscriptions).toBe([]);
      });
    });

    it('does not cover what fails after it, whatever is asked for', async () => {
      const fake = new FakeTransport(respond(throwError(broken)));
      const errors: unknown[] = [];
      chat(fake, { retry: { ...retry, afterFirstChunk: 'restart' } })
        .withResponse()
        .subscribe({
          ...unconcerned,
          next: (response) => response.chunks.subscribe({ error: (error: unknown) => errors.push(error) }),
        });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(errors).toEqual([expect.objectContaining({ phase: 'body' })]);
      expect(fake.requests).toHaveLength(1);
    });
  });

  it('covers the events too', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold<TransportResponse>('-#', undefined, reset());
      const body = cold('      -a-D', bytes);
      const expected = '  ------a-(D|)';
      const events = { a: { data: JSON.stringify(chunks.a) }, D: { data: '[DONE]' } };
      expectObservable(chat(new FakeTransport(first, respond(body)), { retry }).events()).toBe(expected, events);
    });
  });

  describe('for one request', () => {
    const failing = () => new FakeTransport(throwError(reset));

    it('may be switched off', async () => {
      const fake = failing();
      const { error } = await record(chat(fake, { retry: { initialDelayMs: 0 } }, { retry: false }));
      expect(error).not.toHaveProperty('attempts');
      expect(fake.requests).toHaveLength(1);
    });

    it('may be switched on', async () => {
      const fake = failing();
      await record(chat(fake, {}, { retry: { maxRetries: 3, initialDelayMs: 0 } }));
      expect(fake.requests).toHaveLength(4);
    });

    it('replaces the options of the client', async () => {
      const fake = failing();
      const onRetry = jest.fn();
      await record(chat(fake, { retry: { maxRetries: 7, onRetry } }, { retry: { maxRetries: 1, initialDelayMs: 0 } }));
      expect(fake.requests).toHaveLength(2);
      expect(onRetry).not.toHaveBeenCalled();
    });
  });

  it('refuses options that make no sense, at once', () => {
    const fake = new FakeTransport(respond(answer('Hello')));
    expect(() => chat(fake, { retry: { maxRetries: -1 } })).toThrow(RangeError);
    expect(() => chat(fake, {}, { retry: { jitter: 2 } })).toThrow(RangeError);
    expect(fake.requests).toEqual([]);
  });

  describe('follows the server', () => {
    it.each([
      ['retry-after-ms in milliseconds', { 'retry-after-ms': '17' }, '17ms'],
      ['retry-after in seconds', { 'retry-after': '2' }, '2s'],
      ['retry-after in parts of a second', { 'retry-after': '0.05' }, '50ms'],
      ['retry-after as a date', { 'retry-after': 'Thu, 01 Jan 1970 00:00:03 GMT' }, '3s'],
      ['retry-after-ms before retry-after', { 'retry-after-ms': '17', 'retry-after': '2' }, '17ms'],
      ['a wait of nothing', { 'retry-after': '0' }, ''],
      ['a date that has passed, by the backoff', { 'retry-after': 'Wed, 31 Dec 1969 23:59:59 GMT' }, '4ms'],
      ['what it does not understand, by the backoff', { 'retry-after': 'soon' }, '4ms'],
      ['a negative wait, by the backoff', { 'retry-after': '-1' }, '4ms'],
      ['the longest wait that is allowed', { 'retry-after': '60' }, '60s'],
    ])('%s', (_, headers, wait) => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('a-D', bytes);
        const stream = chat(new FakeTransport(refused(429, headers), respond(body)), { retry });
        expectObservable(stream).toBe(`${wait} a-|`, chunks);
      });
    });

    it('exactly, without taking anything off by chance', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('a-D', bytes);
        const fake = new FakeTransport(refused(503, { 'retry-after-ms': '17' }), respond(body));
        expectObservable(chat(fake, { retry: { jitter: 1, random: () => 1 } })).toBe('17ms a-|', chunks);
      });
    });

    it('reading a date by the clock of the scheduler', () => {
      const scheduler = new VirtualTimeScheduler();
      const onRetry = jest.fn();
      const headers = { 'retry-after': 'Thu, 01 Jan 1970 00:00:03 GMT' };
      const fake = new FakeTransport(refused(429, headers), respond(NEVER));
      chat(fake, { scheduler, retry: { onRetry } }).subscribe(unconcerned).unsubscribe();
      expect(onRetry).toHaveBeenCalledWith(expect.objectContaining({ delayMs: 3000 }));
    });

    it('but not when it asks for more than a minute: its error comes at once', () => {
      marbles(({ expectObservable }) => {
        const fake = new FakeTransport(refused(429, { 'retry-after': '61' }));
        const failure = expect.objectContaining({ status: 429, retryAfterMs: 61_000, attempts: 1 });
        expectObservable(chat(fake, { retry })).toBe('#', undefined, failure);
      });
    });
  });

  describe('takes an SSE retry for the shortest wait', () => {
    it('also where no event followed it', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -r-#', bytes, broken());
        const second = cold('            -a-D', bytes);
        const expected = '   -------------a-|';
        expectObservable(chat(new FakeTransport(respond(first), respond(second)), { retry })).toBe(expected, chunks);
      });
    });

    it('where an event followed it', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -R-#', bytes, broken());
        const second = cold('            -a-D', bytes);
        const expected = '   -a-----------a-|';
        const restart = { ...retry, afterFirstChunk: 'restart' as const };
        const fake = new FakeTransport(respond(first), respond(second));
        expectObservable(chat(fake, { retry: restart })).toBe(expected, chunks);
      });
    });

    it('that does not shorten the backoff', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -s-#', bytes, broken());
        const second = cold('       -a-D', bytes);
        const expected = '   --------a-|';
        expectObservable(chat(new FakeTransport(respond(first), respond(second)), { retry })).toBe(expected, chunks);
      });
    });

    it('the last one that came', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' -rs#', bytes, broken());
        const second = cold('       -a-D', bytes);
        const expected = '   --------a-|';
        expectObservable(chat(new FakeTransport(respond(first), respond(second)), { retry })).toBe(expected, chunks);
      });
    });

    it('for a truncation and for a limit that passes, too', () => {
      marbles(({ cold, expectObservable }) => {
        const cut = cold('   -r-|', bytes);
        const silent = cold('            -r----', bytes);
        const last = cold('                             a-D', bytes);
        const expected = '   ----------------------------a-|';
        const fake = new FakeTransport(respond(cut), respond(silent), respond(last));
        expectObservable(chat(fake, { retry, timeouts: { idleMs: 6 } })).toBe(expected, chunks);
      });
    });

    it('which stands on the error', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('-r-#', bytes, broken());
        const failure = expect.objectContaining({ phase: 'body', retryAfterMs: 9 });
        expectObservable(chat(new FakeTransport(respond(body)))).toBe('---#', undefined, failure);
      });
    });

    it('and does not try again where that is more than a minute', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('-l-#', bytes, broken());
        const failure = expect.objectContaining({ phase: 'body', retryAfterMs: 70_000, attempts: 1 });
        expectObservable(chat(new FakeTransport(respond(body)), { retry })).toBe('---#', undefined, failure);
      });
    });

    it('of its own attempt only', () => {
      marbles(({ cold, expectObservable }) => {
        const first = cold(' r#', bytes, broken());
        const second = cold<TransportResponse>('          -#', undefined, reset());
        const third = cold('                   a-D', bytes);
        const expected = '   -------------------a-|';
        const fake = new FakeTransport(respond(first), second, respond(third));
        expectObservable(chat(fake, { retry })).toBe(expected, chunks);
      });
    });
  });
});
