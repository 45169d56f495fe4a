import { EMPTY, map, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import type * as rxdelta from 'rxdelta';
import {
  APIConnectionError,
  createClient,
  FlowGate,
  type ChunkStream,
  type Client,
  type ClientOptions,
  type RequestOptions,
  type TransportRequest,
  type TransportResponse,
} from 'rxdelta';
import { content, finish, outputText, responseEnd } from '../support/chunks';
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
});

function client(fake: FakeTransport, options: ClientOptions = {}): Client {
  return createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: fake.send, ...options });
}

describe('createClient', () => {
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    environment = process.env;
    process.env = {};
  });

  afterEach(() => {
    process.env = environment;
  });

  it('makes a client without any options', () => {
    const made = createClient();
    expect(made.chat.completions.stream(params)).toHaveProperty('subscribe');
    expect(made.responses.stream({})).toHaveProperty('subscribe');
    expect(made.stream('/x', {})).toHaveProperty('subscribe');
  });

  it('refuses limits that are none at once', () => {
    expect(() => createClient({ timeouts: { idleMs: 0 } })).toThrow(RangeError);
  });

  describe('gives streams that', () => {
    it('emit the chunks of a chat as they come', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('        -a-b-f-D|', bytes);
        const head = cold('      --h        ', { h: respond(body) });
        const expected = '       ---a-b-f-| ';
        const bodySubscription = '--^-------!';
        const stream = client(new FakeTransport(head)).chat.completions.stream(params);
        expectObservable(stream).toBe(expected, chunks);
        expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      });
    });

    it('emit the events of a Response as they come', () => {
      marbles(({ cold, expectObservable }) => {
        const events = { a: outputText('Hel'), b: outputText('lo'), s: responseEnd('completed') };
        const wire = eachInBytes({ a: event(events.a), b: event(events.b), s: event(events.s) });
        const body = cold('-a-b-s', wire);
        const expected = ' -a-b-(s|)';
        expectObservable(client(new FakeTransport(respond(body))).responses.stream({})).toBe(expected, events);
      });
    });

    it('emit whatever objects another endpoint sends', () => {
      marbles(({ cold, expectObservable }) => {
        const tokens = { a: { token: 'Hel' }, b: { token: 'lo' } };
        const body = cold('-a-b-|', eachInBytes({ a: event(tokens.a), b: event(tokens.b) }));
        const expected = ' -a-b-|';
        expectObservable(client(new FakeTransport(respond(body))).stream('/tokens', {})).toBe(expected, tokens);
      });
    });

    it('send nothing until they are subscribed', () => {
      const fake = new FakeTransport(respond(answer('Hello')));
      const made = client(fake);
      const stream = made.chat.completions.stream(params);
      stream.withResponse();
      stream.events();
      stream.pipe(map(String));
      stream[Symbol.asyncIterator]();
      made.responses.stream({});
      made.stream('/x', {});
      expect(fake.requests).toEqual([]);
    });

    it('send a request for each subscription', async () => {
      const fake = new FakeTransport(respond(answer('Hello')));
      const stream = client(fake).chat.completions.stream(params);
      const first = await record(stream);
      const second = await record(stream);
      expect(first.isComplete).toBe(true);
      expect(second).toEqual(first);
      expect(fake.requests).toHaveLength(2);
      expect(fake.requests[1]).toEqual(fake.requests[0]);
    });

    it('keep their subscriptions apart', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('            -a-b-f-D|', bytes);
        const second = cold('               --b-f-D|', bytes);
        const firstUnsubscription = '   ----!    ';
        const firstSubscription = '     ^---!    ';
        const firstExpected = '         -a-b-    ';
        const secondSubscription = '    ---^------!';
        const secondExpected = '        -----b-f-|';
        const fake = new FakeTransport(respond(first), respond(second));
        const stream = client(fake).chat.completions.stream(params);
        expectObservable(stream, firstUnsubscription).toBe(firstExpected, chunks);
        expectObservable(stream, '---^').toBe(secondExpected, chunks);
        expectSubscriptions(first.subscriptions).toBe(firstSubscription);
        expectSubscriptions(second.subscriptions).toBe(secondSubscription);
      });
    });

    it('are usable after an error', async () => {
      const failure = new APIConnectionError('gone', { phase: 'connect' });
      const fake = new FakeTransport(
        throwError(() => failure),
        respond(answer('Hello')),
      );
      const stream = client(fake).chat.completions.stream(params);
      expect((await record(stream)).error).toBe(failure);
      expect((await record(stream)).isComplete).toBe(true);
    });

    it('close the connection when they are unsubscribed before the head', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const head = cold('      -----h', { h: respond(NEVER) });
        const unsubscription = ' ---!';
        const subscription = '   ^--!';
        const stream = client(new FakeTransport(head)).chat.completions.stream(params);
        expectObservable(stream, unsubscription).toBe('');
        expectSubscriptions(head.subscriptions).toBe(subscription);
      });
    });

    it('close the connection when they are unsubscribed between chunks', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('       -a---b', bytes);
        const head = cold('      -h-----', { h: respond(body) });
        const unsubscription = ' ----!';
        const expected = '       --a--';
        const subscription = '   ^---!';
        const bodySubscription = '-^--!';
        const stream = client(new FakeTransport(head)).chat.completions.stream(params);
        expectObservable(stream, unsubscription).toBe(expected, chunks);
        expectSubscriptions(head.subscriptions).toBe(subscription);
        expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      });
    });

    it('pass on the error of the transport before the head', () => {
      marbles(({ cold, expectObservable }) => {
        const failure = new APIConnectionError('refused', { phase: 'connect' });
        const head = cold<TransportResponse>('--#', undefined, failure);
        const expected = '                    --#';
        const fake = new FakeTransport(head);
        expectObservable(client(fake).chat.completions.stream(params)).toBe(expected, undefined, failure);
      });
    });

    it('pass on the error of the body after the chunks before it', () => {
      marbles(({ cold, expectObservable }) => {
        const failure = new APIConnectionError('reset', { phase: 'body' });
        const body = cold('-a-b-#', bytes, failure);
        const expected = ' -a-b-#';
        expectObservable(client(new FakeTransport(respond(body))).chat.completions.stream(params)).toBe(
          expected,
          chunks,
          failure,
        );
      });
    });

    it('end with an error when the transport gives no response', async () => {
      const { error, endCount } = await record(client(new FakeTransport(EMPTY)).chat.completions.stream(params));
      expect(error).toMatchObject({ kind: 'connection', phase: 'head', retryable: true });
      expect(endCount).toBe(1);
    });

    it('end with the error that the transport throws', async () => {
      const failure = new TypeError('not here');
      const transport = () => {
        throw failure;
      };
      const { error } = await record(createClient({ apiKey: 'sk-1', transport }).chat.completions.stream(params));
      expect(error).toBe(failure);
    });

    it('hear nothing after their end', () => {
      const body = new Subject<Uint8Array>();
      const said: string[] = [];
      client(new FakeTransport(respond(body)))
        .chat.completions.stream(params)
        .subscribe({
          next: () => said.push('next'),
          error: () => said.push('error'),
          complete: () => said.push('end'),
        });
      body.next(bytes.a!);
      body.next(bytes.D!);
      body.next(bytes.a!);
      body.error(new APIConnectionError('reset', { phase: 'body' }));
      expect(said).toEqual(['next', 'end']);
    });
  });

  describe('hands to the transport', () => {
    const gate = new FlowGate();
    const sent = (options: ClientOptions, request?: RequestOptions): TransportRequest => {
      const fake = new FakeTransport(respond(answer('Hello')));
      client(fake, options).chat.completions.stream(params, request).subscribe(unconcerned);
      return fake.requests[0]!;
    };

    it('connectMs, that of the request first', () => {
      expect(sent({}).connectMs).toBe(10_000);
      expect(sent({ timeouts: { connectMs: 7 } }).connectMs).toBe(7);
      expect(sent({ timeouts: { connectMs: 7 } }, { timeouts: { connectMs: Infinity } }).connectMs).toBe(Infinity);
    });

    it('a gate that is held while that of the request is', () => {
      const fake = new FakeTransport(respond(NEVER));
      client(fake).chat.completions.stream(params, { gate }).subscribe(unconcerned);
      const given = fake.requests[0]!.gate;
      const release = gate.hold();
      expect(given?.isOpen).toBe(false);
      release();
      expect(given?.isOpen).toBe(true);
      expect(sent({})).not.toHaveProperty('gate');
    });
  });

  describe('tells onResponse', () => {
    it('the head, before the first chunk', () => {
      const said: unknown[] = [];
      const response = respond(answer('Hello'), {
        status: 201,
        url: 'http://server.test/elsewhere',
        headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' },
      });
      client(new FakeTransport(response))
        .chat.completions.stream(params, { onResponse: (head) => said.push(head) })
        .subscribe({ ...unconcerned, next: () => said.push('chunk') });
      const { status, url, headers } = response;
      expect(said).toEqual([{ status, url, headers, requestId: 'req_1' }, 'chunk', 'chunk']);
    });

    it('no request id where the server gives none', () => {
      const onResponse = jest.fn();
      client(new FakeTransport(respond(answer('Hello'))))
        .chat.completions.stream(params, { onResponse })
        .subscribe(unconcerned);
      expect(onResponse.mock.calls[0][0]).not.toHaveProperty('requestId');
    });

    it('each successful head, once', async () => {
      const onResponse = jest.fn();
      const fake = new FakeTransport(
        respond('', { status: 500 }),
        respond('', { status: 204 }),
        respond(answer('Hello'), { status: 202 }),
      );
      const stream = client(fake).chat.completions.stream(params, { onResponse });
      await record(stream);
      await record(stream);
      expect(onResponse).not.toHaveBeenCalled();
      await record(stream);
      expect(onResponse).toHaveBeenCalledTimes(1);
      expect(onResponse).toHaveBeenCalledWith(expect.objectContaining({ status: 202 }));
    });

    it.each<[string, (stream: ChunkStream<object>) => Observable<unknown>]>([
      ['the chunks', (stream) => stream],
      ['the events', (stream) => stream.events()],
      ['the response', (stream) => stream.withResponse()],
    ])('also when %s are asked for', (_, open) => {
      const onResponse = jest.fn();
      const stream = client(new FakeTransport(respond(answer('Hello')))).stream('/x', {}, { onResponse });
      open(stream).subscribe(unconcerned).unsubscribe();
      expect(onResponse).toHaveBeenCalledTimes(1);
    });

    it('and ends with what that throws, and closes the connection', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const failure = new Error('no quota left here');
        const onResponse = () => {
          throw failure;
        };
        const body = cold('      -a-b-', bytes);
        const head = cold('    --h---', { h: respond(body) });
        const expected = '     --#';
        const subscription = ' ^-!';
        const stream = client(new FakeTransport(head)).chat.completions.stream(params, { onResponse });
        expectObservable(stream).toBe(expected, undefined, failure);
        expectSubscriptions(head.subscriptions).toBe(subscription);
        expectSubscriptions(body.subscriptions).toBe([]);
      });
    });

    it('and may be unsubscribed there, leaving no timer', () => {
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const timersBefore = timers();
      const head = new Subject<TransportResponse>();
      const body = new Subject<Uint8Array>();
      const said: unknown[] = [];
      const say = (what: unknown) => said.push(what);
      const subscription = client(new FakeTransport(head))
        .chat.completions.stream(params, {
          onResponse: () => {
            subscription.unsubscribe();
          },
        })
        .subscribe({ next: say, error: say, complete: () => say('complete') });
      expect(timers()).toBe(timersBefore + 1);
      head.next(respond(body));
      expect(said).toEqual([]);
      expect([head.observed, body.observed]).toEqual([false, false]);
      expect(timers()).toBe(timersBefore);
    });
  });

  describe('in a browser', () => {
    const page = globalThis as { window?: unknown; document?: unknown };

    beforeEach(() => {
      page.window = globalThis;
      page.document = {};
    });

    afterEach(() => {
      delete page.window;
      delete page.document;
    });

    it.each([
      ['a string', 'sk-secret'],
      ['a function', () => 'sk-secret'],
    ])('refuses an apiKey at once (%s)', (_, apiKey) => {
      const make = () => createClient({ apiKey, baseURL: '/api' });
      expect(make).toThrow(TypeError);
      expect(make).toThrow(/apiKey/);
      expect(make).not.toThrow(/sk-secret/);
    });

    it('takes an apiKey with dangerouslyAllowBrowser', () => {
      const fake = new FakeTransport(respond(answer('Hello')));
      client(fake, { apiKey: 'sk-1', dangerouslyAllowBrowser: true })
        .chat.completions.stream(params)
        .subscribe(unconcerned);
      expect(fake.requests[0]?.headers.authorization).toBe('Bearer sk-1');
    });

    it.each([undefined, null])('sends no authorization without a key, for a relay (%s)', (apiKey) => {
      const fake = new FakeTransport(respond(answer('Hello')));
      client(fake, { apiKey, baseURL: '/api' }).chat.completions.stream(params).subscribe(unconcerned);
      expect(fake.requests).toEqual([expect.objectContaining({ url: '/api/chat/completions' })]);
      expect(fake.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    it('sends no authorization to the default base URL either', async () => {
      const fake = new FakeTransport(of(respond(answer('Hello'))));
      const { isComplete } = await record(client(fake, { apiKey: undefined, baseURL: undefined }).stream('/x', {}));
      expect(isComplete).toBe(true);
      expect(fake.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    it('reads no environment where it is built for one', async () => {
      process.env = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: '/api', OPENAI_ORG_ID: 'org-1' };
      let page: typeof rxdelta | undefined;
      jest.isolateModules(() => {
        jest.doMock('#transport', () => jest.requireActual<object>('../../lib/transport/platform.web'));
        page = jest.requireActual<typeof rxdelta>('rxdelta');
      });
      jest.dontMock('#transport');
      const fake = new FakeTransport(respond(answer('Hello')));
      const { isComplete } = await record(page!.createClient({ transport: fake.send }).stream('/x', {}));
      expect(isComplete).toBe(true);
      const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
      expect(fake.requests).toEqual([expect.objectContaining({ url: 'https://api.openai.com/v1/x', headers })]);
    });
  });

  it.each([
    ['a worker of a browser', { WorkerGlobalScope: Object, navigator: { userAgent: 'Mozilla/5.0 (X11)' } }, true],
    ['a worker of Cloudflare', { WorkerGlobalScope: Object, navigator: { userAgent: 'Cloudflare-Workers' } }, false],
    ['a worker of Deno', { WorkerGlobalScope: Object, navigator: { userAgent: 'Deno/2.5.0' }, Deno: {} }, false],
    ['Node', {}, false],
  ])('knows %s from a browser', (_, globals, isBrowser) => {
    const own = Object.getOwnPropertyDescriptors(globalThis);
    const define = (name: string, value: unknown) =>
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    for (const [name, value] of Object.entries(globals)) define(name, value);
    try {
      const make = () => createClient({ apiKey: 'sk-1' });
      if (isBrowser) expect(make).toThrow(TypeError);
      else expect(make).not.toThrow();
    } finally {
      for (const name of Object.keys(globals)) {
        Reflect.deleteProperty(globalThis, name);
        if (own[name]) Object.defineProperty(globalThis, name, own[name]);
      }
    }
  });
});
