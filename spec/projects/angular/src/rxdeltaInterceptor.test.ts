import {
  HTTP_INTERCEPTORS,
  HttpClient,
  HttpErrorResponse,
  HttpEventType,
  HttpResponse,
  provideHttpClient,
  withFetch,
  withInterceptors,
  withInterceptorsFromDi,
  type HttpEvent,
  type HttpHandler,
  type HttpInterceptor,
  type HttpInterceptorFn,
  type HttpRequest,
} from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import {
  accumulateContent,
  contentDeltas,
  createClient,
  fetchTransport,
  FlowGate,
  isAPIError,
  type Client,
  type ClientOptions,
} from 'rxdelta';
import {
  injectClient,
  provideRxDelta,
  rxdeltaInterceptor,
  withHttpClientInterceptors,
  type HttpBytesEvent,
} from 'rxdelta/angular';
import { chunkMarbles, contentChunk, contentChunks, fakeTransport, finish } from 'rxdelta/testing';
import {
  catchError,
  concatMap,
  delay,
  firstValueFrom,
  lastValueFrom,
  materialize,
  NEVER,
  of,
  retry,
  startWith,
  switchMap,
  tap,
  throwError,
  toArray,
  type Observable,
} from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, begin, conclude, say, until } from './support/answers';
import { scheduler } from './support/scheduler';
import { StreamServer, type Script } from './support/StreamServer';

const params = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello there' }] };
const ask = (client: Client) => client.chat.completions.stream(params);
let server: StreamServer;

/** The client of an app whose interceptors stand before ours. */
function clientOf(options: ClientOptions, ...interceptors: HttpInterceptorFn[]): Client {
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(withInterceptors([...interceptors, rxdeltaInterceptor])),
      provideRxDelta(options, withHttpClientInterceptors()),
    ],
  });
  return TestBed.runInInjectionContext(injectClient);
}

/** The same, of a server that says what a script says. */
async function clientFor(script: Script, ...interceptors: HttpInterceptorFn[]): Promise<Client> {
  server = await StreamServer.start(script);
  return clientOf({ baseURL: server.url }, ...interceptors);
}

/** Notes the events that pass. */
function spy(events: HttpEvent<unknown>[]): HttpInterceptorFn {
  return (request, next) => next(request).pipe(tap((event) => events.push(event)));
}

const bytesOf = (events: HttpEvent<unknown>[]) =>
  events.filter(({ type }) => type === HttpEventType.User).map((event) => (event as HttpBytesEvent).bytes);

const failureOf = (stream: Observable<unknown>): Promise<any> =>
  lastValueFrom(stream).then(
    () => expect.unreachable('It did not fail'),
    (error: unknown) => error,
  );

afterEach(async () => {
  vi.unstubAllGlobals();
  await (server as StreamServer | undefined)?.close();
  server = undefined as never;
});

describe('rxdeltaInterceptor', () => {
  it('sends what the interceptors of the app have left', async () => {
    const change: HttpInterceptorFn = (request, next) =>
      next(
        request.clone({
          setHeaders: { authorization: 'Bearer token', 'X-Several': ['a', 'b'] },
          setParams: { version: '1' },
          body: { ...JSON.parse(request.body as string), user: 'Ada' },
        }),
      );
    const client = await clientFor((response) => answer(response, 'Hello'), change);
    expect(await lastValueFrom(ask(client).pipe(accumulateContent()))).toBe('Hello');
    const [{ method, path, headers, body }] = server.asked as [StreamServer['asked'][0]];
    expect([method, path]).toEqual(['POST', '/v1/chat/completions?version=1']);
    expect(headers).toMatchObject({
      authorization: 'Bearer token',
      'x-several': 'a, b',
      accept: 'text/event-stream',
      'content-type': 'application/json',
    });
    expect(JSON.parse(body)).toEqual({ ...params, stream: true, user: 'Ada' });
  });

  it('sends the same as a client without it, when nobody changes anything', async () => {
    const client = await clientFor((response) => answer(response, 'Hello'));
    await lastValueFrom(ask(client));
    await lastValueFrom(ask(createClient({ baseURL: server.url, transport: fetchTransport() })));
    const [through, plain] = server.asked.map(({ socket: _, ...asked }) => asked);
    expect(through).toEqual(plain);
  });

  it('sends a method and a body as they are: GET without one, POST with none', async () => {
    const client = await clientFor((response) => {
      begin(response);
      response.end('event: x\ndata: {"type":"response.completed","response":{}}\n\n');
    });
    await lastValueFrom(client.responses.resume('resp_1'));
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/v1/responses/resp_1?stream=true', body: '' }]);
  });

  it('gives each piece when it comes', async () => {
    const pieces: string[] = [];
    const client = await clientFor(async (response) => {
      begin(response);
      for (const text of ['One', 'Two', 'Three']) {
        say(response, text);
        await until(() => pieces.at(-1) === text);
      }
      conclude(response);
    });
    await lastValueFrom(
      ask(client).pipe(
        contentDeltas(),
        tap((text) => pieces.push(text)),
      ),
    );
    expect(pieces).toEqual(['One', 'Two', 'Three']);
  });

  it('shows the interceptors before it the head, the new bytes, and the end', async () => {
    const events: HttpEvent<unknown>[] = [];
    const client = await clientFor((response) => answer(response, 'Grüße'), spy(events));
    await lastValueFrom(ask(client));
    await until(() => events.at(-1)?.type === HttpEventType.Response);
    const { Sent, ResponseHeader, User, Response } = HttpEventType;
    const types = events.map(({ type }) => type);
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([Sent, ResponseHeader, User, Response]);
    expect(events[1]).toMatchObject({ status: 200, url: `${server.url}/chat/completions` });
    expect((events[1] as HttpResponse<unknown>).headers.get('x-request-id')).toBe('req_1');
    expect(events.at(-1)).toMatchObject({ status: 200, body: '' });
    expect(Buffer.concat(bytesOf(events)).toString()).toMatch(/^data: .*Grüß.*data: \[DONE\]\n\n$/s);
  });

  it('may have events of their own, before the head and after', async () => {
    const own = { type: HttpEventType.User as const, name: 'sent', bytes: 4 };
    const tell: HttpInterceptorFn = (request, next) =>
      next(request).pipe(
        concatMap((event) => of(own, event, own)),
        startWith(own),
      );
    const client = await clientFor((response) => answer(response, 'Hello'), tell);
    expect(await lastValueFrom(ask(client).pipe(accumulateContent()))).toBe('Hello');
  });

  it('has a cost that grows with the bytes and no faster: none comes twice', async () => {
    const events: HttpEvent<unknown>[] = [];
    const piece = 'x'.repeat(1_000);
    let sent = 0;
    const client = await clientFor(async (response) => {
      begin(response);
      const write = response.write.bind(response) as (text: string) => boolean;
      response.write = ((text: string) => {
        sent += text.length;
        return write(text);
      }) as typeof response.write;
      for (let count = 0; count < 500; count++) {
        say(response, piece);
        await new Promise(setImmediate);
      }
      response.write('data: [DONE]\n\n');
      response.end();
    }, spy(events));
    const text = await lastValueFrom(ask(client).pipe(accumulateContent()));
    await until(() => events.at(-1)?.type === HttpEventType.Response);
    expect(text).toHaveLength(500_000);
    const reads = bytesOf(events);
    expect(reads.length).toBeGreaterThan(5);
    expect(reads.reduce((sum, bytes) => sum + bytes.length, 0)).toBe(sent);
  });

  it('stands behind interceptors that are classes, where these come first', async () => {
    class Marking implements HttpInterceptor {
      intercept(request: HttpRequest<unknown>, next: HttpHandler) {
        return next.handle(request.clone({ setHeaders: { 'x-marked': 'yes' } }));
      }
    }
    const transport = fakeTransport([contentChunks('Hello')]);
    TestBed.configureTestingModule({
      providers: [
        { provide: HTTP_INTERCEPTORS, useValue: new Marking(), multi: true },
        provideHttpClient(withInterceptorsFromDi(), withInterceptors([rxdeltaInterceptor])),
        provideRxDelta({ baseURL: '/api', transport }, withHttpClientInterceptors()),
      ],
    });
    await lastValueFrom(ask(TestBed.runInInjectionContext(injectClient)));
    expect(transport.requests[0]?.headers).toMatchObject({ 'x-marked': 'yes' });
  });

  it('lets all other requests pass', async () => {
    TestBed.configureTestingModule({
      providers: [provideHttpClient(withInterceptors([rxdeltaInterceptor])), provideHttpClientTesting()],
    });
    const got = firstValueFrom(TestBed.inject(HttpClient).get('/api/user'));
    TestBed.inject(HttpTestingController).expectOne('/api/user').flush({ name: 'Ada' });
    expect(await got).toEqual({ name: 'Ada' });
  });

  it('sends the token against XSRF to the own origin', async () => {
    document.cookie = 'XSRF-TOKEN=token';
    const transport = fakeTransport([contentChunks('Hello')]);
    await lastValueFrom(ask(clientOf({ baseURL: '/api', transport })));
    document.cookie = 'XSRF-TOKEN=; max-age=0';
    expect(Object.keys(transport.requests[0]!.headers)).toContain('x-xsrf-token');
  });

  it('sends cookies to another origin where an interceptor says so', async () => {
    const inits: (RequestInit | undefined)[] = [];
    const send = fetch;
    vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
      inits.push(init);
      return send(url, init);
    });
    let isWith = true;
    const cookies: HttpInterceptorFn = (request, next) => next(request.clone({ withCredentials: isWith }));
    const client = await clientFor((response) => answer(response, 'Hello'), cookies);
    await lastValueFrom(ask(client));
    isWith = false;
    await lastValueFrom(ask(client));
    expect(inits.map((init) => init?.credentials)).toEqual(['include', undefined]);
  });

  it('reads nothing while the gate is held', async () => {
    const events: HttpEvent<unknown>[] = [];
    const gate = new FlowGate();
    const release = gate.hold();
    let isHeldBack = false;
    const client = await clientFor(async (response) => {
      begin(response);
      while (!isHeldBack) {
        response.write(`data: ${JSON.stringify(contentChunk('x'.repeat(1_000_000)))}\n\n`);
        const drained = new Promise((resolve) => response.once('drain', () => resolve(true)));
        isHeldBack = !(await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 300))]));
      }
      await until(() => gate.isOpen);
      conclude(response);
    }, spy(events));
    const text = lastValueFrom(client.chat.completions.stream(params, { gate }).pipe(accumulateContent()));
    await until(() => isHeldBack);
    expect(bytesOf(events)).toEqual([]);
    release();
    expect((await text).length).toBeGreaterThan(1_000_000);
  });

  it('reads nothing before the chunks are subscribed', async () => {
    const events: HttpEvent<unknown>[] = [];
    const client = await clientFor((response) => answer(response, 'Hello'), spy(events));
    const text = ask(client)
      .withResponse()
      .pipe(
        delay(50),
        tap(({ response }) => {
          expect(response).toMatchObject({ status: 200, requestId: 'req_1', url: `${server.url}/chat/completions` });
          expect(bytesOf(events)).toEqual([]);
        }),
        switchMap(({ chunks }) => chunks),
        accumulateContent(),
      );
    expect(await lastValueFrom(text)).toBe('Hello');
  });

  it('works in virtual time over a fake transport', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const transport = fakeTransport([
        { status: 503, headers: { 'retry-after-ms': '10' } },
        cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() })),
      ]);
      const later: HttpInterceptorFn = (request, next) => of(request).pipe(delay(5), switchMap(next));
      const client = clientOf({ baseURL: '/api', transport, retry: {} }, later);
      expectObservable(ask(client).pipe(accumulateContent())).toBe('21ms a-b-|', { a: 'Hel', b: 'Hello' });
      expectSubscriptions(transport.subscriptions).toBe(['5ms (^!)', '20ms ^----!']);
    });
  });
});

describe('an interceptor that sends again', () => {
  it('refreshes the token at a 401, and no piece is lost', async () => {
    let token = 'old';
    const auth: HttpInterceptorFn = (request, next) => {
      const send = () => next(request.clone({ setHeaders: { authorization: `Bearer ${token}` } }));
      return send().pipe(
        catchError((error: unknown) => {
          if (!(error instanceof HttpErrorResponse) || error.status !== 401) throw error;
          token = 'new';
          return of('refreshed').pipe(delay(5), switchMap(send));
        }),
      );
    };
    const client = await clientFor((response, { headers }) => {
      if (headers.authorization === 'Bearer new') answer(response, 'Hello');
      else response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"Too old"}}');
    }, auth);
    expect(await lastValueFrom(ask(client).pipe(contentDeltas(), toArray()))).toEqual(
      await lastValueFrom(of(...contentChunks('Hello')).pipe(contentDeltas(), toArray())),
    );
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(server.asked[1]?.body).toBe(server.asked[0]?.body);
  });

  it('sees status, headers and text of a failing status', async () => {
    const seen: unknown[] = [];
    const look: HttpInterceptorFn = (request, next) =>
      next(request).pipe(
        catchError((error: HttpErrorResponse) => {
          seen.push([error.status, error.headers.get('retry-after'), error.error, error.url]);
          throw error;
        }),
      );
    const client = await clientFor((response) => {
      response.writeHead(429, { 'retry-after': '7' }).end('{"error":{"code":"slow_down"}}');
    }, look);
    expect(await failureOf(ask(client))).toMatchObject({ kind: 'status', status: 429, retryAfterMs: 7_000 });
    expect(seen).toEqual([[429, '7', '{"error":{"code":"slow_down"}}', `${server.url}/chat/completions`]]);
  });

  it('sees a failed connection as status 0, and one that broke with the status and the headers that came', async () => {
    const seen: unknown[] = [];
    const look: HttpInterceptorFn = (request, next) =>
      next(request).pipe(
        catchError((error: HttpErrorResponse) => {
          seen.push([error.status, error.headers.get('x-request-id'), error.error.kind, error.error.phase]);
          throw error;
        }),
      );
    const client = await clientFor((response, { socket }, index) => {
      if (index === 0) socket.resetAndDestroy();
      else {
        begin(response);
        say(response, 'Hel');
        setTimeout(() => socket.resetAndDestroy(), 20);
      }
    }, look);
    for (const phase of ['head', 'body']) {
      expect(await failureOf(ask(client))).toMatchObject({ kind: 'connection', phase });
    }
    expect(seen).toEqual([
      [0, null, 'connection', 'head'],
      [200, 'req_1', 'connection', 'body'],
    ]);
  });

  it('is refused once the answer has begun: the client gets the failure, and the server no second request', async () => {
    const again: HttpInterceptorFn = (request, next) => next(request).pipe(retry(3));
    const client = await clientFor((response, { socket }) => {
      begin(response);
      say(response, 'Hel');
      setTimeout(() => socket.resetAndDestroy(), 20);
    }, again);
    const seen = await lastValueFrom(ask(client).pipe(contentDeltas(), materialize(), toArray()));
    expect(seen).toMatchObject([
      { kind: 'N', value: 'Hel' },
      { kind: 'E', error: { kind: 'connection', phase: 'body', requestId: 'req_1' } },
    ]);
    expect((seen[1] as { error: Error }).error.message).not.toContain('Sent again');
    expect(server.asked).toHaveLength(1);
  });

  it('is also refused when nothing has failed', async () => {
    const impatient: HttpInterceptorFn = (request, next) =>
      next(request).pipe(switchMap((event) => (event.type === HttpEventType.User ? next(request) : of(event))));
    const client = await clientFor((response) => {
      begin(response);
      say(response, 'Hel');
    }, impatient);
    expect(await failureOf(ask(client))).toMatchObject({ kind: 'connection', phase: 'body', message: /Sent again/ });
    expect(server.asked).toHaveLength(1);
  });
});

describe('the errors of a stream through HttpClient', () => {
  const scripts: Record<string, Script> = {
    '429 with an API error': (response) => {
      response.writeHead(429, { 'retry-after': '3', 'x-request-id': 'req_9', 'content-type': 'application/json' });
      response.end('{"error":{"message":"Slow down","code":"rate_limit","type":"requests","param":"model"}}');
    },
    '500 with a page': (response) => response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oops</h1>'),
    '401 without a body': (response) => response.writeHead(401).end(),
    '503 with a body that breaks': (response, { socket }) => {
      response.writeHead(503, { 'content-length': '100' }).write('{"error":{"message":"Bu');
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
    'a redirect': (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere?key=1' }).end(),
    '204': (response) => response.writeHead(204).end(),
    '200 with a document': (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":{"message":"No","code":"no"}}'),
    '200 with a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hi</h1>'),
    'a clean cut without [DONE]': (response) => {
      begin(response);
      say(response, 'Hel');
      response.end();
    },
    'a reset before the head': (_, { socket }) => socket.resetAndDestroy(),
    'a reset in the body': (response, { socket }) => {
      begin(response);
      say(response, 'Hel');
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
    'an error inside the stream': (response) => {
      begin(response);
      response.write('retry: 20\ndata: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n');
    },
    'JSON that is none': (response) => {
      begin(response);
      response.write('data: {"a\n\n');
    },
    'a head that does not come': () => undefined,
    'silence in the body': (response) => {
      begin(response);
      say(response, 'Hel');
    },
  };
  const expected: Record<string, object> = {
    '429 with an API error': {
      name: 'APIStatusError',
      status: 429,
      message: 'Slow down',
      ...{ code: 'rate_limit', type: 'requests', param: 'model', requestId: 'req_9', retryAfterMs: 3_000 },
    },
    'a redirect': { name: 'APIStatusError', status: 302 },
    'a clean cut without [DONE]': { name: 'StreamTruncatedError', requestId: 'req_1', chunkCount: 1 },
    'a reset before the head': { name: 'APIConnectionError', phase: 'head' },
    'a reset in the body': { name: 'APIConnectionError', phase: 'body', requestId: 'req_1' },
    'a head that does not come': { name: 'APIConnectionTimeoutError', phase: 'head' },
    'silence in the body': { name: 'APIConnectionTimeoutError', phase: 'idle' },
  };

  it.each(Object.entries(scripts))('are the same as without: %s', async (name, script) => {
    const timeouts = { responseMs: 200, idleMs: 200 };
    server = await StreamServer.start(script);
    const plain = createClient({ baseURL: server.url, transport: fetchTransport(), timeouts });
    const through = clientOf({ baseURL: server.url, timeouts });
    const [seen, wanted] = await Promise.all(
      [through, plain].map((client) => lastValueFrom(ask(client).pipe(materialize(), toArray()))),
    );
    expect(seen).toEqual(wanted);
    const [error, plainError] = [seen, wanted].map((notifications) => (notifications?.at(-1) as any).error);
    expect(isAPIError(error)).toBe(true);
    expect({ ...error.toJSON(), cause: String(error.cause) }).toEqual({
      ...plainError.toJSON(),
      cause: String(plainError.cause),
    });
    expect(error.toJSON()).toMatchObject(expected[name] ?? {});
  });

  it('are the same as without: nobody listens', async () => {
    const closed = await StreamServer.start(() => undefined);
    const { url } = closed;
    await closed.close();
    const error = await failureOf(ask(clientOf({ baseURL: url })));
    const plain = await failureOf(ask(createClient({ baseURL: url, transport: fetchTransport() })));
    expect(error.toJSON()).toEqual(plain.toJSON());
    expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'connect' });
  });

  it('do not show what interceptors have added', async () => {
    const secret = 'secret-token-of-the-user';
    const auth: HttpInterceptorFn = (request, next) =>
      next(
        request.clone({
          setHeaders: { authorization: `Bearer ${secret}` },
          setParams: { 'api-token': 'query-secret' },
        }),
      );
    const client = await clientFor((response, { headers, path }) => {
      response.writeHead(403).end(JSON.stringify({ error: { message: `No: ${headers.authorization} ${path}` } }));
    }, auth);
    const error = await failureOf(ask(client));
    expect(error).toMatchObject({ name: 'APIStatusError', status: 403 });
    expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/secret-token|query-secret/);
  });
});

describe('an error of the interceptors of the app', () => {
  class SignedOut extends Error {
    readonly places = new Map([['page', '/login']]);
    readonly since = new Date(0);
    readonly words = 'Hello there, these words are in the request too: Hello there';
  }

  it('reaches the subscriber unchanged, before the head', async () => {
    const error = new SignedOut('Bearer token: Hello there');
    const client = await clientFor(
      () => undefined,
      () => throwError(() => error),
    );
    expect(await failureOf(ask(client))).toBe(error);
    expect(error).toEqual(new SignedOut('Bearer token: Hello there'));
    expect(server.asked).toEqual([]);
  });

  it('reaches the subscriber unchanged, in the body, and closes the connection', async () => {
    const error = new SignedOut('Bearer token: Hello there');
    const client = await clientFor(
      (response) => {
        begin(response);
        say(response, 'Hel');
      },
      (request, next) =>
        next(request).pipe(
          tap(({ type }) => {
            if (type === HttpEventType.User) throw error;
          }),
        ),
    );
    expect(await failureOf(ask(client))).toBe(error);
    expect(error).toEqual(new SignedOut('Bearer token: Hello there'));
    await server.closed();
  });

  it('may be that of another request, whose headers can still be read', async () => {
    const refresh: HttpInterceptorFn = () => {
      const headers = new HttpErrorResponse({}).headers.set('x-why', 'expired');
      return throwError(() => new HttpErrorResponse({ status: 400, headers, error: 'refresh' }));
    };
    const error = await failureOf(ask(clientOf({ baseURL: '/api' }, refresh)));
    expect(error).toBeInstanceOf(HttpErrorResponse);
    expect([error.status, error.error, error.headers.get('x-why')]).toEqual([400, 'refresh', 'expired']);
  });

  it('is judged by shouldRetry as it is', async () => {
    const seen: unknown[] = [];
    const error = new SignedOut('no');
    const retry = {
      shouldRetry: (failure: unknown) => {
        seen.push(failure);
        return false;
      },
    };
    await failureOf(ask(clientOf({ baseURL: '/api', retry }, () => throwError(() => error))));
    expect(seen).toEqual([error]);
    expect(seen[0]).toBe(error);
  });
});

describe('an interceptor that answers by itself', () => {
  it.each([
    [
      'text',
      contentChunks('Hello')
        .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
        .join(''),
    ],
    ['bytes of no length after it', `data: ${JSON.stringify({ choices: [] })}\n\ndata: [DONE]\n\n`],
  ])('is taken for the server: %s', async (_, body) => {
    const mock: HttpInterceptorFn = () => of(new HttpResponse({ status: 200, body }));
    const chunks = await lastValueFrom(ask(clientOf({ baseURL: '/api' }, mock)).pipe(toArray()));
    expect(chunks.length).toBeGreaterThan(0);
  });

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => unknown]>([
    ['bytes', (bytes) => bytes],
    ['a part of a buffer', (bytes) => new Uint8Array([0, 0, ...bytes]).subarray(2)],
    ['a buffer', (bytes) => bytes.buffer],
  ])('may answer with what a cache keeps: %s', async (_, bodyOf) => {
    const text = contentChunks('Grüße').map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
    const body = bodyOf(Uint8Array.from(Buffer.from(text.join(''))));
    const cache: HttpInterceptorFn = () => of(new HttpResponse({ status: 200, body }));
    const stream = ask(clientOf({ baseURL: '/api' }, cache));
    expect(await lastValueFrom(stream.pipe(accumulateContent()))).toBe('Grüße');
  });

  it('may answer with an object, or nothing', async () => {
    const bodies: unknown[] = [{ id: 'resp_1', object: 'response' }, null];
    const mock: HttpInterceptorFn = () => of(new HttpResponse({ status: 200, body: bodies.shift() }));
    const client = clientOf({ baseURL: '/api' }, mock);
    expect(await lastValueFrom(client.responses.cancel('resp_1'))).toEqual({ id: 'resp_1', object: 'response' });
    expect(await failureOf(ask(client))).toMatchObject({ name: 'StreamTruncatedError' });
  });
});

describe('unsubscribing a stream through HttpClient', () => {
  it.each<[string, Script, (chunks: unknown[]) => boolean]>([
    ['before the head', () => undefined, () => server.asked.length === 1],
    ['after the head', (response) => begin(response), () => server.asked.length === 1],
    [
      'in the body',
      (response) => {
        begin(response);
        say(response, 'Hel');
      },
      (chunks) => chunks.length === 1,
    ],
    [
      'in the body of a failing status',
      (response) => response.writeHead(500, { 'content-length': '100' }).write('{'),
      () => server.asked.length === 1,
    ],
  ])('closes the connection %s', async (_, script, isThere) => {
    const client = await clientFor(script);
    const chunks: unknown[] = [];
    const ends: unknown[] = [];
    const end = (error?: unknown) => ends.push(error);
    const subscription = ask(client).subscribe({ next: (chunk) => chunks.push(chunk), error: end, complete: end });
    await until(() => isThere(chunks));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.asked[0]?.socket.destroyed).toBe(false);
    subscription.unsubscribe();
    await server.closed();
    expect(ends).toEqual([]);
  });

  it('sends nothing when an interceptor was still at work, and tells it', async () => {
    let isTold = false;
    const refresh: HttpInterceptorFn = (request, next) =>
      NEVER.pipe(
        switchMap(() => next(request)),
        tap({ unsubscribe: () => (isTold = true) }),
      );
    const client = await clientFor(() => undefined, refresh);
    ask(client).subscribe().unsubscribe();
    expect(isTold).toBe(true);
    expect(server.asked).toEqual([]);
  });
});

describe('a client with the feature and without the interceptor', () => {
  it('says what is missing, and sends nothing', async () => {
    server = await StreamServer.start((response) => answer(response, 'Hello'));
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withFetch()),
        provideRxDelta({ baseURL: server.url }, withHttpClientInterceptors()),
      ],
    });
    const error = await failureOf(ask(TestBed.runInInjectionContext(injectClient)));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^rxdeltaInterceptor is missing.*provideHttpClient\(withInterceptors/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.asked).toEqual([]);
  });

  it('also says so of a request whose context an interceptor has dropped', async () => {
    const { HttpContext } = await import('@angular/common/http');
    const drop: HttpInterceptorFn = (request, next) => next(request.clone({ context: new HttpContext() }));
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([drop, rxdeltaInterceptor])),
        provideHttpClientTesting(),
        provideRxDelta({ baseURL: '/api' }, withHttpClientInterceptors()),
      ],
    });
    expect(await failureOf(ask(TestBed.runInInjectionContext(injectClient)))).toBeInstanceOf(TypeError);
    const [request] = TestBed.inject(HttpTestingController).match(() => true);
    expect(request?.cancelled).toBe(true);
  });
});
