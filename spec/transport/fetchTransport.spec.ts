import { contentDeltas, createClient, fetchTransport, FlowGate, type RequestOptions } from 'rxdelta';
import { record } from '../support/record';
import { answer, delta } from '../support/wire';
import { WireServer } from '../support/WireServer';

const params = { model: 'm', messages: [] };
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** A fetch that answers with what it is given, and notes its calls. */
function fakeFetch(answerWith: (init: RequestInit) => Response | Promise<Response>) {
  const calls: { url: string; init: RequestInit }[] = [];
  const fake = (async (url: string, init: RequestInit) => {
    calls.push({ url, init });
    return answerWith(init);
  }) as typeof fetch;
  return { fake, calls };
}

/** A body that its test writes, and that tells how often it was asked for more. */
function bodyOf() {
  const source = { pullCount: 0, isCancelled: false };
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        source.pullCount++;
      },
      cancel: () => {
        source.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const write = (text: string) => {
    controller.enqueue(new TextEncoder().encode(text));
  };
  return {
    source,
    stream,
    write,
    fail: (error: Error) => {
      controller.error(error);
    },
    close: () => {
      controller.close();
    },
  };
}

const sse = (body: BodyInit | null, init: ResponseInit = {}) =>
  new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' }, ...init });

const read = (fake: typeof fetch, options?: RequestOptions) => {
  const client = createClient({
    baseURL: 'http://api.test/v1',
    apiKey: 'the-key',
    transport: fetchTransport({ fetch: fake }),
  });
  return client.chat.completions.stream(params, options).pipe(contentDeltas());
};

describe('fetchTransport', () => {
  it('asks the given function, once per subscription, and has redirects not followed', async () => {
    const { fake, calls } = fakeFetch(() => sse(answer('one ', 'two')));
    const stream = read(fake);
    expect(calls).toEqual([]);
    expect(await record(stream)).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
    await record(stream);
    expect(calls).toHaveLength(2);
    const [{ url, init }] = calls as [(typeof calls)[0]];
    expect(url).toBe('http://api.test/v1/chat/completions');
    expect(init).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(JSON.parse(init.body as string)).toEqual({ ...params, stream: true });
    expect(new Headers(init.headers).get('authorization')).toBe('Bearer the-key');
  });

  it('takes headers by whatever names', async () => {
    const { fake } = fakeFetch(() => new Response('', { status: 400, headers: { constructor: 'a', 'x-b': 'b' } }));
    expect(await record(read(fake))).toMatchObject({
      error: { status: 400, headers: { constructor: 'a', 'x-b': 'b' } },
    });
  });

  it('asks the global fetch of the time of the request', async () => {
    const original = globalThis.fetch;
    const client = createClient({ baseURL: 'http://api.test/v1', transport: fetchTransport() });
    const { fake, calls } = fakeFetch(() => sse(answer('one ')));
    globalThis.fetch = fake;
    try {
      await record(client.chat.completions.stream(params));
    } finally {
      globalThis.fetch = original;
    }
    expect(calls).toHaveLength(1);
  });

  it('aborts the signal of the request when it is unsubscribed before the head', async () => {
    const { fake, calls } = fakeFetch(() => new Promise(() => undefined));
    const subscription = read(fake).subscribe();
    await turn();
    expect(calls[0]?.init.signal?.aborted).toBe(false);
    subscription.unsubscribe();
    expect(calls[0]?.init.signal?.aborted).toBe(true);
  });

  it('aborts the signal of the request when it is unsubscribed in the body', async () => {
    const { stream, write } = bodyOf();
    const { fake, calls } = fakeFetch(() => sse(stream));
    const texts: string[] = [];
    const subscription = read(fake).subscribe((text) => texts.push(text));
    write(delta('one '));
    await turn(10);
    subscription.unsubscribe();
    expect(texts).toEqual(['one ']);
    expect(calls[0]?.init.signal?.aborted).toBe(true);
  });

  it('drops a head that comes after the unsubscription', async () => {
    let respond!: (response: Response) => void;
    const { fake } = fakeFetch(() => new Promise((resolve) => (respond = resolve)));
    const heard: unknown[] = [];
    const subscription = read(fake).subscribe({
      next: (text) => heard.push(text),
      error: (error: unknown) => heard.push(error),
      complete: () => heard.push('complete'),
    });
    await turn();
    subscription.unsubscribe();
    respond(sse(answer('one ')));
    await turn(10);
    expect(heard).toEqual([]);
  });

  it('reads one piece at the most while the gate is held, and keeps it back', async () => {
    const { source, stream, write } = bodyOf();
    const { fake } = fakeFetch(() => sse(stream));
    const gate = new FlowGate();
    const release = gate.hold();
    const texts: string[] = [];
    const subscription = read(fake, { gate }).subscribe((text) => texts.push(text));
    await turn(10);
    for (const text of ['one ', 'two ', 'three']) {
      write(delta(text));
      await turn(10);
    }
    expect(texts).toEqual([]);
    expect(source.pullCount).toBeLessThanOrEqual(1);
    release();
    await turn(10);
    expect(texts).toEqual(['one ', 'two ', 'three']);
    subscription.unsubscribe();
  });

  it('takes a body that breaks for a connection error, after the text before it', async () => {
    const { stream, write, fail } = bodyOf();
    const { fake } = fakeFetch(() => sse(stream));
    const recording = record(read(fake));
    write(delta('one '));
    await turn(10);
    fail(new TypeError('network error'));
    const { values, error, endCount } = await recording;
    expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'body', requestId: 'req_1', retryable: true });
    expect({ values, endCount }).toEqual({ values: ['one '], endCount: 1 });
  });

  it('takes a response without a body for an empty one', async () => {
    const { fake } = fakeFetch(() => sse(null));
    expect((await record(read(fake))).error).toMatchObject({ kind: 'truncated', chunkCount: 0 });
  });

  it('takes what fetch rejects with for a connection error', async () => {
    const { fake } = fakeFetch(() => Promise.reject(new TypeError('Failed to fetch')));
    const { error, endCount } = await record(read(fake));
    expect(error).toMatchObject({ name: 'APIConnectionError', kind: 'connection', retryable: true });
    expect(endCount).toBe(1);
  });

  it('takes a redirect that a browser hides for an error that is not retried', async () => {
    const hidden = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' });
    const { fake } = fakeFetch(() => Object.defineProperty(hidden, 'status', { value: 0 }));
    const { error, endCount } = await record(read(fake));
    expect(error).toMatchObject({ name: 'APIConnectionError', phase: 'head', retryable: false });
    expect(endCount).toBe(1);
  });

  it('has the limit responseMs cover the connection', async () => {
    const server = await WireServer.start(() => undefined);
    const client = createClient({
      baseURL: `https://127.0.0.1:${server.port}`,
      transport: fetchTransport(),
      timeouts: { connectMs: 20, responseMs: 100 },
    });
    const { error, endCount } = await record(client.chat.completions.stream(params));
    await server.close();
    expect(error).toMatchObject({ name: 'APIConnectionTimeoutError', phase: 'head' });
    expect(endCount).toBe(1);
  });
});
