import { getEventListeners } from 'node:events';
import { EMPTY, NEVER, Subject, throwError, VirtualTimeScheduler, type Observable } from 'rxjs';
import {
  APIConnectionError,
  APIUserAbortError,
  createClient,
  type ChunkStream,
  type ClientOptions,
  type RequestOptions,
  type TransportResponse,
} from 'rxdelta';
import { content } from '../support/chunks';
import { eachInBytes, FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';
import { answer, event } from '../support/wire';

const params = { model: 'm', messages: [] };
const chunks = { a: content('Hel') };
const bytes = eachInBytes({ a: event(chunks.a), D: event('[DONE]') });
const aborted = expect.objectContaining({ kind: 'abort', name: 'APIUserAbortError', retryable: false, cause: 'why' });

describe('signal', () => {
  let controller: AbortController;
  let signal: AbortSignal;

  beforeEach(() => {
    controller = new AbortController();
    signal = controller.signal;
  });

  function chat(fake: FakeTransport, options: ClientOptions = {}, request?: RequestOptions) {
    const client = createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: fake.send, ...options });
    return client.chat.completions.stream(params, { signal, ...request });
  }

  /** Fires the signal when the source emits. */
  function abortAt(moment: Observable<unknown>): void {
    moment.subscribe(() => {
      controller.abort('why');
    });
  }

  const listenerCount = () => getEventListeners(signal, 'abort').length;

  it('that has fired already ends the stream before anything is sent', async () => {
    const fake = new FakeTransport(respond(answer('Hello')));
    const stream = chat(fake);
    controller.abort('why');
    const { values, error, endCount } = await record(stream);
    expect(error).toEqual(aborted);
    expect(error).toBeInstanceOf(APIUserAbortError);
    expect(values).toEqual([]);
    expect(endCount).toBe(1);
    expect(fake.requests).toEqual([]);
    expect(listenerCount()).toBe(0);
  });

  it('that fires while the key is waited for ends the wait', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const key = cold('       -----k', { k: 'sk-1' });
      const subscription = '   ^--!';
      const expected = '       ---#';
      const fake = new FakeTransport(respond(answer('Hello')));
      expectObservable(chat(fake, { apiKey: () => key })).toBe(expected, undefined, aborted);
      expectSubscriptions(key.subscriptions).toBe(subscription);
      abortAt(cold('           ---x'));
    });
  });

  it('that fires before the head closes the connection', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const head = cold('     -----h', { h: respond(NEVER) });
      const subscription = '  ^--!';
      const expected = '      ---#';
      expectObservable(chat(new FakeTransport(head))).toBe(expected, undefined, aborted);
      expectSubscriptions(head.subscriptions).toBe(subscription);
      abortAt(cold('          ---x'));
    });
  });

  it('that fires in the middle of the body closes the connection, after the chunks before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('        -a--a-', bytes);
      const head = cold('      -h', { h: respond(body) });
      const subscription = '   ^---!';
      const bodySubscription = '-^--!';
      const expected = '       --a-#';
      expectObservable(chat(new FakeTransport(head))).toBe(expected, chunks, aborted);
      expectSubscriptions(head.subscriptions).toBe(subscription);
      expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      abortAt(cold('           ----x'));
    });
  });

  it('that fires while the body of an error is read ends that', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('     -----|', bytes);
      const subscription = '  ^--!';
      const expected = '      ---#';
      const stream = chat(new FakeTransport(respond(body, { status: 500 })));
      expectObservable(stream).toBe(expected, undefined, aborted);
      expectSubscriptions(body.subscriptions).toBe(subscription);
      abortAt(cold('          ---x'));
    });
  });

  it('that fires in the wait before a retry ends the stream at once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new APIConnectionError('reset', { phase: 'head' });
      const first = cold<TransportResponse>('-#', undefined, failure);
      const second = cold<TransportResponse>('           -');
      const expected = '                     ----#';
      const fake = new FakeTransport(first, second);
      const stream = chat(fake, { retry: { initialDelayMs: 10, jitter: 0 } });
      expectObservable(stream).toBe(expected, undefined, aborted);
      expectSubscriptions(second.subscriptions).toBe([]);
      abortAt(cold('                         ----x'));
    });
  });

  it('is not retried', async () => {
    const fake = new FakeTransport(NEVER);
    const recording = record(chat(fake, { retry: { initialDelayMs: 0 } }));
    controller.abort('why');
    expect((await recording).error).toEqual(aborted);
    expect(fake.requests).toHaveLength(1);
  });

  it.each<[string, (stream: ChunkStream<object>) => Observable<unknown>]>([
    ['the events', (stream) => stream.events()],
    ['the response', (stream) => stream.withResponse()],
  ])('ends %s too', (_, open) => {
    const said: unknown[] = [];
    const say = (what: unknown) => said.push(what);
    const fake = new FakeTransport(NEVER);
    open(chat(fake)).subscribe({ next: say, error: say, complete: () => say('complete') });
    controller.abort('why');
    expect(said).toEqual([aborted]);
    expect(listenerCount()).toBe(0);
  });

  it('ends the chunks of a response', () => {
    const said: unknown[] = [];
    const say = (what: unknown) => said.push(what);
    const fake = new FakeTransport(respond(NEVER));
    chat(fake)
      .withResponse()
      .subscribe({
        next: (response) => response.chunks.subscribe({ error: say, complete: () => say('complete') }),
        ...unconcerned,
      });
    controller.abort('why');
    expect(said).toEqual([aborted]);
  });

  it('ends every stream that was given it', () => {
    const said: unknown[] = [];
    const fake = new FakeTransport(NEVER);
    const stream = chat(fake);
    for (let count = 0; count < 3; count++) stream.subscribe({ error: (error: unknown) => said.push(error) });
    expect(listenerCount()).toBe(3);
    controller.abort('why');
    expect(said).toEqual([aborted, aborted, aborted]);
    expect(listenerCount()).toBe(0);
  });

  it('gives its reason whatever that is', async () => {
    const reasons: unknown[] = [new Error('too slow'), { code: 7 }, 0, null];
    for (const reason of reasons) {
      const { error } = await record(chat(new FakeTransport(NEVER), {}, { signal: AbortSignal.abort(reason) }));
      expect((error as Error).cause).toBe(reason);
    }
    const { error } = await record(chat(new FakeTransport(NEVER), {}, { signal: AbortSignal.abort() }));
    expect(error).toHaveProperty('cause.name', 'AbortError');
  });

  it('of a timeout gives that', async () => {
    const { error } = await record(chat(new FakeTransport(NEVER), {}, { signal: AbortSignal.timeout(1) }));
    expect(error).toMatchObject({ kind: 'abort', cause: { name: 'TimeoutError' } });
  });

  it('changes nothing after the stream has ended', async () => {
    const { isComplete, endCount } = await record(chat(new FakeTransport(respond(answer('Hello')))));
    controller.abort('why');
    expect({ isComplete, endCount }).toEqual({ isComplete: true, endCount: 1 });
  });

  it('that fires within onResponse ends the stream there', () => {
    const head = new Subject<TransportResponse>();
    const body = new Subject<Uint8Array>();
    const said: unknown[] = [];
    const say = (what: unknown) => said.push(what);
    const onResponse = () => {
      controller.abort('why');
    };
    chat(new FakeTransport(head), {}, { onResponse }).subscribe({ next: say, error: say, complete: () => say('end') });
    head.next(respond(body));
    expect(said).toEqual([aborted]);
    expect([head.observed, body.observed]).toEqual([false, false]);
  });

  it('that fires within a chunk ends the stream after it', () => {
    const said: unknown[] = [];
    const body = new Subject<Uint8Array>();
    chat(new FakeTransport(respond(body))).subscribe({
      next: () => {
        said.push('chunk');
        controller.abort('why');
      },
      error: (error: unknown) => said.push(error),
    });
    const twoEvents = new Uint8Array([...bytes.a!, ...bytes.a!]);
    body.next(twoEvents);
    expect(said).toEqual(['chunk', aborted]);
    expect(body.observed).toBe(false);
  });

  describe('is no longer listened to', () => {
    it('before anybody subscribes', () => {
      chat(new FakeTransport(NEVER));
      expect(listenerCount()).toBe(0);
    });

    it.each([
      ['a whole answer', respond(answer('Hello'))],
      ['an answer that was cut', respond(EMPTY)],
      ['a body that breaks', respond(throwError(() => new APIConnectionError('broken', { phase: 'body' })))],
      ['a status error', respond('', { status: 400 })],
    ])('after %s', async (_, response) => {
      await record(chat(new FakeTransport(response)));
      expect(listenerCount()).toBe(0);
    });

    it('after the attempt that listened', () => {
      const scheduler = new VirtualTimeScheduler(undefined, 20);
      const failed = respond('', { status: 500 });
      const fake = new FakeTransport(failed, failed, NEVER);
      const subscription = chat(fake, { scheduler, retry: { initialDelayMs: 4, jitter: 0 } }).subscribe(unconcerned);
      scheduler.flush();
      expect(fake.requests).toHaveLength(3);
      expect(listenerCount()).toBe(1);
      subscription.unsubscribe();
      expect(listenerCount()).toBe(0);
    });

    it('after the stream was unsubscribed', () => {
      const subscription = chat(new FakeTransport(respond(NEVER))).subscribe(unconcerned);
      expect(listenerCount()).toBe(1);
      subscription.unsubscribe();
      expect(listenerCount()).toBe(0);
    });
  });
});
