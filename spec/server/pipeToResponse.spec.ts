import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHTTP2Server, connect as connectHTTP2 } from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import {
  concat,
  EMPTY,
  NEVER,
  Observable,
  of,
  Subject,
  type Subscription,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import { APIConnectionError, APIStatusError, APIUserAbortError, createClient, FlowGate } from 'rxdelta';
import { pipeToResponse, type SendOptions } from 'rxdelta/server';
import { CHAT } from '../support/RelayServer';
import { EndlessWriter } from '../support/EndlessWriter';
import { WireServer } from '../support/WireServer';

/** Larger than the buffers of two sockets. */
const MUCH = 'x'.repeat(1024 * 1024);

describe('pipeToResponse', () => {
  let server: Server | undefined;
  let reading: Subscription | undefined;
  const failures: unknown[] = [];
  const note = (failure: unknown) => failures.push(failure);
  beforeAll(() => {
    process.on('unhandledRejection', note).on('uncaughtException', note);
  });
  afterAll(() => {
    process.off('unhandledRejection', note).off('uncaughtException', note);
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    expect(failures).toEqual([]);
  });

  /** Answers each request by a source. */
  const serve = async (
    source: Observable<unknown>,
    options?: SendOptions<unknown>,
    before: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined,
  ) => {
    server = createServer((request, response) => {
      void (async () => {
        await before(request, response);
        reading = pipeToResponse(source, response, options);
      })();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const get = (port: number, init?: RequestInit) => fetch(`http://127.0.0.1:${port}/`, init);
  /** A browser that sends a request, and reads when it is told to. */
  const open = (port: number): Socket => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    return socket;
  };
  const until = async (condition: () => boolean) => {
    for (let turns = 0; !condition(); turns++) {
      if (turns > 5_000) throw new Error(`It did not come to pass: ${String(condition)}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  /** Sends until the buffers of all sockets are full, and the gate stays held. */
  const fill = async (source: Subject<string>, gate: FlowGate) => {
    for (let quietMs = 0; quietMs < 100; quietMs += 10) {
      if (gate.isOpen) quietMs = 0;
      while (gate.isOpen) source.next(MUCH);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  it('sends the events, and has ended when they are written', async () => {
    const answer = await get(await serve(of({ a: 1 }, { b: 'ü' }), { headers: { 'x-request-id': 'req_1' } }));
    expect([answer.status, Object.fromEntries(answer.headers)]).toMatchObject([
      200,
      {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-request-id': 'req_1',
      },
    ]);
    expect(await answer.text()).toBe('data: {"a":1}\n\ndata: {"b":"ü"}\n\ndata: [DONE]\n\n');
    await until(() => reading?.closed === true);
  });

  it('sends [DONE] alone of an empty source', async () => {
    const answer = await get(await serve(EMPTY));
    expect([answer.status, await answer.text()]).toEqual([200, 'data: [DONE]\n\n']);
  });

  it('sends the head with the first value, not before', async () => {
    const source = new Subject<number>();
    const socket = open(await serve(source));
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    await until(() => source.observed);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received).toBe('');
    source.next(1);
    await until(() => received.includes('data: 1\n\n'));
    socket.destroy();
    await until(() => !source.observed);
  });

  it.each<[string, unknown, number, object]>([
    [
      'a status',
      new APIStatusError('', { status: 429, retryAfterMs: 1500, requestId: 'req_9' }),
      429,
      { 'retry-after': '2', 'retry-after-ms': '1500', 'x-request-id': 'req_9', 'x-should-retry': 'true' },
    ],
    ['a broken connection', new APIConnectionError('10.0.0.7', { phase: 'head' }), 502, { 'x-should-retry': 'true' }],
    ['an abort', new APIUserAbortError(), 503, { 'x-should-retry': 'false' }],
    ['a mistake', new Error('sk-secret'), 500, { 'x-should-retry': 'false' }],
    ['an id that would be a header', new APIStatusError('', { status: 400, requestId: 'a\r\nset-cookie: b' }), 400, {}],
  ])('answers %s before the first value by a status', async (_, error, status, headers) => {
    const answer = await get(await serve(throwError(() => error)));
    expect([answer.status, Object.fromEntries(answer.headers)]).toMatchObject([
      status,
      { 'content-type': 'application/json', ...headers },
    ]);
    expect(answer.headers.has('set-cookie')).toBe(false);
    expect(await answer.text()).toMatch(/^\{"error":\{(?!.*(secret|10\.0))/);
    await until(() => reading?.closed === true);
  });

  it('tells an error after the first value inside the stream', async () => {
    const source = concat(
      of(1),
      throwError(() => new APIConnectionError('', { phase: 'body' })),
    );
    const answer = await get(await serve(source));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^data: 1\n\nevent: error\ndata: \{"error":.*"kind":"connection".*\n\n$/);
  });

  it('does not subscribe for a browser that is gone, nor for HEAD', async () => {
    const subscribed = jest.fn();
    const source = new Observable<number>(subscribed);
    const port = await serve(source, {}, (_, response) => once(response, 'close'));
    const socket = open(port);
    await once(socket, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 20));
    reading = undefined;
    socket.destroy();
    await until(() => reading !== undefined);
    expect(reading!.closed).toBe(true);
    server!.close();
    const head = await get(await serve(source), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    server!.close();
    await get(await serve(source, {}, (_, response) => response.end('over')));
    expect(subscribed).not.toHaveBeenCalled();
  });

  it('goes on with a head that somebody else has sent', async () => {
    const source = throwError(() => new Error());
    const answer = await get(await serve(source, {}, (_, response) => response.writeHead(201).write(': hello\n\n')));
    expect([answer.status, await answer.text()]).toEqual([201, expect.stringMatching(/^: hello\n\nevent: error\n/)]);
  });

  it('stops the source when the browser leaves, before the first value and after', async () => {
    const source = new Subject<number>();
    const port = await serve(source);
    for (const values of [[], [1, 2]]) {
      const socket = open(port);
      await until(() => source.observed);
      for (const value of values) source.next(value);
      socket.destroy();
      await until(() => !source.observed);
      expect(reading!.closed).toBe(true);
    }
  });

  it('stops every source of requests that were sent in one go, when the browser leaves', async () => {
    const source = new Observable<number>(() => {
      sourceCount++;
      return () => sourceCount--;
    });
    let sourceCount = 0;
    const socket = open(await serve(source));
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3));
    await until(() => sourceCount === 4);
    socket.destroy();
    await until(() => sourceCount === 0);
    expect(reading!.closed).toBe(true);
  });

  it('ends the answer when it is unsubscribed: as aborted before the first value, without [DONE] after', async () => {
    const port = await serve(timer(0, 1));
    const streaming = await get(port);
    reading!.unsubscribe();
    expect(await streaming.text()).toMatch(/^(data: \d+\n\n)+$/);
    server!.close();
    const waiting = get(await serve(NEVER, {}, () => setTimeout(() => reading!.unsubscribe(), 50)));
    expect((await waiting).status).toBe(503);
  });

  it('answers 500 where a head cannot be sent by the function for it, or closes', async () => {
    const headers = () => {
      throw new Error('sk-secret');
    };
    await expect(get(await serve(of(1), { headers }))).rejects.toThrow();
    expect(reading!.closed).toBe(true);
  });

  it('holds the gate while the browser is slow, and lets go when it reads', async () => {
    const gate = new FlowGate();
    const source = new Subject<string>();
    const socket = open(await serve(source, { gate, heartbeatMs: 5 })).pause();
    await until(() => source.observed);
    await fill(source, gate);
    socket.resume();
    await until(() => gate.isOpen);
    expect(source.observed).toBe(true);
    socket.pause();
    await fill(source, gate);
    socket.destroy();
    await until(() => gate.isOpen);
  });

  it('makes the API wait, without a gate, for a stream as the client made it', async () => {
    let writer: EndlessWriter | undefined;
    const upstream = await WireServer.start(({ socket }) => {
      writer = new EndlessWriter(socket);
    });
    const client = createClient({ apiKey: 'k', baseURL: upstream.url });
    const socket = open(await serve(client.chat.completions.stream(CHAT))).pause();
    try {
      await until(() => writer !== undefined);
      await writer!.stalled();
      socket.destroy();
      await upstream.closed();
    } finally {
      await upstream.close();
    }
  });

  it('gives up a browser that is behind by more than the backlog, of a source that cannot wait', async () => {
    const source = new Subject<string>();
    const socket = open(await serve(source, { maxBacklog: 4 * MUCH.length })).pause();
    await until(() => source.observed);
    for (let count = 0; source.observed && count < 100; count++) source.next(MUCH);
    expect(source.observed).toBe(false);
    await until(() => reading!.closed);
    socket.resume();
    await once(socket, 'close');
  });

  it('gives up a browser that takes nothing for too long, also when all is said', async () => {
    const gate = new FlowGate();
    for (const isOver of [false, true]) {
      const source = new Subject<string>();
      const socket = open(await serve(source, { gate, writeTimeoutMs: 1_000 })).pause();
      await until(() => source.observed);
      await fill(source, gate);
      if (isOver) source.complete();
      expect(reading!.closed).toBe(false);
      await until(() => reading!.closed);
      expect([source.observed, gate.isOpen]).toEqual([false, true]);
      socket.destroy();
      server!.close();
    }
  });

  it('gives up a browser that does not take the end', () => {
    const scheduler = new VirtualTimeScheduler();
    const calls: string[] = [];
    const note = (name: string) => () => calls.push(`${name} ${scheduler.now()}`);
    const response = {
      ...{ statusCode: 0, headersSent: false, writableEnded: false, write: () => true },
      ...{ setHeader: () => undefined, on: () => undefined, end: note('end'), destroy: note('destroy') },
    };
    reading = pipeToResponse(of(1), response, { writeTimeoutMs: 700, scheduler });
    scheduler.flush();
    expect(calls).toEqual(['end 0', 'destroy 700']);
  });

  it('has the headers that it is given in place of its own, but for the type of an error', async () => {
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store, private' };
    const failed = throwError(() => new Error());
    for (const [source, type] of [[of(1), 'text/event-stream'] as const, [failed, 'application/json'] as const]) {
      const { headers: seen } = await get(await serve(source, { headers }));
      expect([seen.get('content-type'), seen.get('cache-control')]).toEqual([type, 'no-store, private']);
    }
  });

  it('works over HTTP/2', async () => {
    const source = new Subject<number>();
    const secure = createHTTP2Server((_, response) => {
      pipeToResponse(source, response);
    }).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const session = connectHTTP2(`http://127.0.0.1:${(secure.address() as AddressInfo).port}`);
    try {
      const stream = session.request({ ':path': '/' }).setEncoding('utf8');
      let text = '';
      stream.on('data', (part: string) => (text += part));
      await until(() => source.observed);
      source.next(1);
      await until(() => text === 'data: 1\n\n');
      stream.close();
      await until(() => !source.observed);
    } finally {
      session.close();
      secure.close();
    }
  });

  it('sends over HTTP/2 no more than its events, however many come at once', async () => {
    const open = createHTTP2Server((_, response) => {
      pipeToResponse(of('a'.repeat(200), 'b'.repeat(200), 'c'), response);
    }).listen(0, '127.0.0.1');
    await once(open, 'listening');
    const session = connectHTTP2(`http://127.0.0.1:${(open.address() as AddressInfo).port}`);
    try {
      const stream = session.request({ ':path': '/' }).setEncoding('utf8');
      let text = '';
      stream.on('data', (part: string) => (text += part));
      await once(stream, 'close');
      const values = ['a'.repeat(200), 'b'.repeat(200), 'c'].map((value) => `data: "${value}"\n\n`);
      expect(text).toBe(`${values.join('')}data: [DONE]\n\n`);
    } finally {
      session.close();
      open.close();
    }
  });

  it.each([{ writeTimeoutMs: 0 }, { maxBacklog: NaN }, { heartbeatMs: -1 }])('throws at once for %j', (options) => {
    const response = { on: () => undefined, headersSent: false, writableEnded: false } as unknown as ServerResponse;
    expect(() => pipeToResponse(NEVER, response, options)).toThrow(RangeError);
  });
});
