import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { lastValueFrom, tap } from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  collectToolCalls,
  collectUsage,
  createClient,
  MalformedStreamError,
  StreamTruncatedError,
} from 'rxdelta';
import { relay } from 'rxdelta/server';
import { contentChunks, fakeTransport, responseEvents, toolCallChunks, usageChunk } from 'rxdelta/testing';
import { CHAT, MODEL, RelayServer } from '../support/RelayServer';
import { delta, event, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from '../support/wire';
import type { WireScript } from '../support/WireServer';

const RESPONSES = { model: MODEL, input: 'Hello' };
/** An answer of the API of whole events. */
const answerWith =
  (...values: unknown[]): WireScript =>
  ({ socket }) =>
    socket.write(STREAM_HEAD + httpChunk(values.map(event).join('')) + LAST_CHUNK);

describe('a relay', () => {
  let server: RelayServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const start = async (...how: Parameters<typeof RelayServer.start>) => (server = await RelayServer.start(...how));
  const clientOf = ({ url }: RelayServer) => createClient({ baseURL: url });
  const textOf = (relayed: RelayServer) =>
    lastValueFrom(clientOf(relayed).chat.completions.stream(CHAT).pipe(accumulateContent()));

  it('gives chunks as they are, with fields that nobody knows, and the id of the request', async () => {
    const chunks = [...contentChunks('Grüß Gott 🙂'), usageChunk()].map((chunk) => ({
      ...chunk,
      x_provider: { a: [1] },
    }));
    const relayed = await start(answerWith(...chunks, '[DONE]'));
    const answer = await relayed.post({ ...CHAT, stream_options: { include_usage: true } });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-request-id': 'req_1',
    });
    expect(await answer.text()).toBe([...chunks, '[DONE]'].map(event).join(''));
  });

  it('is read by our client and by the official one', async () => {
    const relayed = await start(answerWith(...contentChunks('Hello world'), usageChunk(), '[DONE]'));
    const stream = clientOf(relayed).chat.completions.stream(CHAT);
    expect(await lastValueFrom(stream.pipe(accumulateContent()))).toBe('Hello world');
    expect(await lastValueFrom(stream.pipe(collectUsage()))).toMatchObject({ total_tokens: expect.any(Number) });
    const official = new OpenAI({ baseURL: relayed.url, apiKey: 'browser', maxRetries: 0 });
    let text = '';
    for await (const chunk of await official.chat.completions.create({ ...CHAT, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Hello world');
  });

  it('relays tool calls', async () => {
    const relayed = await start(
      answerWith(...toolCallChunks({ name: 'weather', arguments: { city: 'Graz' } }), '[DONE]'),
    );
    const tools = [{ type: 'function' as const, function: { name: 'weather' } }];
    const calls = clientOf(relayed)
      .chat.completions.stream({ ...CHAT, tools })
      .pipe(collectToolCalls());
    expect(await lastValueFrom(calls)).toMatchObject({ name: 'weather', arguments: '{"city":"Graz"}' });
    expect(JSON.parse(relayed.upstream.requests[0]!.body)).toEqual({ ...CHAT, tools, stream: true });
  });

  it('relays a Response with its event lines, and does not have it stored', async () => {
    const events = responseEvents.text('Hello world');
    const relayed = await start(answerWith(...events));
    const answer = await relayed.post(RESPONSES, {}, '/responses');
    expect(await answer.text()).toBe(events.map((each) => `event: ${each.type}\n${event(each)}`).join(''));
    expect(JSON.parse(relayed.upstream.requests[0]!.body)).toEqual({ ...RESPONSES, store: false, stream: true });
    const text = clientOf(relayed).responses.stream(RESPONSES).pipe(accumulateContent());
    expect(await lastValueFrom(text)).toBe('Hello world');
    const official = new OpenAI({ baseURL: relayed.url, apiKey: 'browser', maxRetries: 0 });
    const types: string[] = [];
    for await (const each of await official.responses.create({ ...RESPONSES, stream: true })) types.push(each.type);
    expect(types).toEqual(events.map(({ type }) => type));
  });

  it('relays items of an earlier answer that hold what they stand for', async () => {
    const relayed = await start(answerWith(...responseEvents.text('Hello world')));
    const input = [
      { role: 'user', content: 'Hello' },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm' }] },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'now', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: '12:00' },
    ];
    expect((await relayed.post({ ...RESPONSES, input }, {}, '/responses')).status).toBe(200);
    expect(JSON.parse(relayed.upstream.requests[0]!.body)).toMatchObject({ input });
  });

  it('sends its own key, and nothing of the headers of a browser', async () => {
    const relayed = await start(answerWith(...contentChunks('a'), '[DONE]'));
    const answer = await relayed.post(CHAT, {
      ...{ authorization: 'Bearer browser', cookie: 'session=browser', 'openai-organization': 'browser' },
      ...{ 'x-forwarded-for': 'browser', 'x-stainless-lang': 'browser', 'api-key': 'browser' },
    });
    expect(answer.status).toBe(200);
    const { headers, path } = relayed.upstream.requests[0]!;
    expect(path).toBe('/v1/chat/completions');
    expect(headers.authorization).toBe('Bearer sk-relay');
    expect(JSON.stringify(headers)).not.toContain('browser');
  });

  it('adds what prepare adds, and keeps it out of what the API repeats', async () => {
    const secret = 'You are a pirate';
    const events = responseEvents
      .text('Arr')
      .map((each) =>
        'response' in each ? { ...each, response: { ...each.response, instructions: secret, model: 'big' } } : each,
      );
    const prepare = jest.fn((params) => Promise.resolve({ ...params, instructions: secret, model: 'big' }));
    const relayed = await start(answerWith(...events), { prepare });
    const answer = await relayed.post(RESPONSES, {}, '/responses');
    const text = await answer.text();
    expect(text).toContain('Arr');
    expect(text).not.toContain('pirate');
    expect(text).not.toContain('"big"');
    expect(JSON.parse(relayed.upstream.requests[0]!.body)).toMatchObject({ instructions: secret, model: 'big' });
    expect(prepare).toHaveBeenCalledWith(RESPONSES, expect.objectContaining({ endpoint: 'responses' }));
  });

  it('keeps out of what the API repeats also what prepare has set in what it was given', async () => {
    const events = responseEvents
      .text('Arr')
      .map((each) =>
        'response' in each ? { ...each, response: { ...each.response, instructions: 'pirate', tools: ['spy'] } } : each,
      );
    const relayed = await start(answerWith(...events), {
      prepare: (params) => {
        (params.tools as unknown[]).push({ type: 'function', name: 'spy' });
        return Object.assign(params, { instructions: 'pirate' });
      },
    });
    const tools = [{ type: 'function', name: 'own' }];
    const text = await (await relayed.post({ ...RESPONSES, tools }, {}, '/responses')).text();
    expect(text).not.toMatch(/pirate|spy/);
    expect(text).toContain('"tools":[{"type":"function","name":"own"}]');
    expect(relayed.upstream.requests[0]!.body).toMatch(/spy.*pirate/);
  });

  it.each([
    ['chat', CHAT, '/chat/completions'],
    ['a Response', RESPONSES, '/responses'],
  ])('sends nothing, and tells its log, where prepare gives nothing: for %s', async (_, body, path) => {
    const relayed = await start(answerWith('[DONE]'), { prepare: () => undefined as never });
    expect((await relayed.post(body, {}, path)).status).toBe(500);
    expect(relayed.errors).toEqual([new TypeError('prepare has given nothing to send')]);
    expect(relayed.upstream.requests).toEqual([]);
  });

  it('shows in chunks of chat the model that was asked', async () => {
    const chunks = contentChunks('Arr').map((chunk) => ({ ...chunk, model: 'big', service_tier: 'fast' }));
    const relayed = await start(answerWith(...chunks, '[DONE]'), {
      prepare: (params) => ({ ...params, model: 'big', service_tier: 'fast' }),
    });
    const seen = chunks.map((chunk) => ({ ...chunk, model: MODEL, service_tier: null }));
    expect(await (await relayed.post(CHAT)).text()).toBe([...seen, '[DONE]'].map(event).join(''));
  });

  it('tells no words of a Response that failed', async () => {
    const relayed = await start(
      answerWith(...responseEvents.failed({ code: 'server_error', message: 'host 10.0.0.7' })),
    );
    const answer = await relayed.post(RESPONSES, {}, '/responses');
    const text = await answer.text();
    expect(text).toContain('"code":"server_error"');
    expect(text).not.toContain('10.0.0.7');
    expect(text).not.toContain('event: error');
  });

  it('limits the tokens of who sets no limit', async () => {
    const relayed = await start(answerWith(...contentChunks('a'), '[DONE]'), { maxTokens: 50 });
    await (await relayed.post(CHAT)).text();
    await (await relayed.post({ ...CHAT, max_tokens: 7 })).text();
    expect(relayed.upstream.requests.map(({ body }) => JSON.parse(body))).toMatchObject([
      { max_completion_tokens: 50 },
      { max_tokens: 7 },
    ]);
    expect(relayed.upstream.requests[1]!.body).not.toContain('completion');
  });

  it.each<[string, number, string, number, object]>([
    ['401', 401, '', 502, { retryable: false }],
    ['403', 403, '', 502, { retryable: false }],
    ['402', 402, '', 502, { retryable: false }],
    ['a redirect', 302, 'location: https://10.0.0.7/\r\n', 502, { retryable: false }],
    ['400', 400, '', 400, { retryable: false, code: 'bad_code', param: 'temperature' }],
    ['429', 429, 'retry-after: 7\r\n', 429, { retryable: true, retryAfterMs: 7000, requestId: 'req_7' }],
    ['503', 503, '', 503, { retryable: true }],
    ['500 that says no', 500, 'x-should-retry: false\r\n', 500, { retryable: false }],
  ])(
    'answers %s of the API by a status of its own, without its words',
    async (_, status, headers, expected, fields) => {
      const words = JSON.stringify({
        error: { message: 'org-secret sk-relay', code: 'bad_code', param: 'temperature' },
      });
      const relayed = await start(({ socket }) =>
        socket.write(
          response(status, 'application/json', words, `${headers}x-request-id: req_7\r\nserver: secret\r\n`),
        ),
      );
      const answer = await relayed.post(CHAT);
      expect(answer.status).toBe(expected);
      expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toMatch(/secret|sk-relay|10\.0/);
      const error = await textOf(relayed).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(APIStatusError);
      expect(error).toMatchObject({ status: expected, ...fields });
      expect(relayed.errors).toHaveLength(2);
      expect(relayed.errors[0]).toMatchObject({ kind: 'status', status });
    },
  );

  it.each<[string, WireScript, number]>([
    ['a broken connection', ({ socket }) => socket.resetAndDestroy(), 502],
    ['a page', ({ socket }) => socket.write(response(200, 'text/html', '<html>10.0.0.7</html>')), 502],
    ['an empty answer', ({ socket }) => socket.write(STREAM_HEAD + LAST_CHUNK), 502],
    ['an error as the first event', answerWith({ error: { message: '10.0.0.7' } }), 502],
    ['silence', () => undefined, 504],
  ])('answers %s before the first chunk by a status', async (_, script, status) => {
    const relayed = await start(script, {}, { timeouts: { responseMs: 200 } });
    const answer = await relayed.post(CHAT);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(/^\{"error":(?!.*10\.0\.0\.7)/);
  });

  it.each<[string, WireScript, new (...args: never[]) => Error, object]>([
    [
      'cut',
      ({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('a')) + LAST_CHUNK),
      StreamTruncatedError,
      { chunkCount: 1 },
    ],
    [
      'reset',
      ({ socket }) =>
        socket.write(STREAM_HEAD + httpChunk(delta('a')), () => setTimeout(() => socket.resetAndDestroy(), 50)),
      APIConnectionError,
      { phase: 'body' },
    ],
    [
      'broken',
      ({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('a') + event('{'))),
      MalformedStreamError,
      { reason: 'json' },
    ],
    [
      'silent',
      ({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('a'))),
      APIConnectionTimeoutError,
      { phase: 'idle' },
    ],
  ])('tells a browser that an answer was %s in the middle', async (_, script, Class, fields) => {
    const relayed = await start(script, {}, { timeouts: { idleMs: 200 } });
    const seen: string[] = [];
    const error = await lastValueFrom(
      clientOf(relayed)
        .chat.completions.stream(CHAT)
        .pipe(
          accumulateContent(),
          tap((text) => seen.push(text)),
        ),
    ).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ ...fields, requestId: 'req_1' });
    expect(seen).toEqual(['a']);
    expect(relayed.errors).toHaveLength(1);
  });

  it('says after a comment too that it was refused, not the browser', async () => {
    const relayed = await start(
      ({ socket }) => setTimeout(() => socket.write(response(401, 'application/json', '{}')), 100),
      { heartbeatMs: 30 },
    );
    const error = await textOf(relayed).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(APIStatusError);
    expect(error).toMatchObject({ status: 502, retryable: false });
    expect(relayed.errors).toMatchObject([{ status: 401 }]);
  });

  it('is not harmed by a log that fails, now or later', async () => {
    const failures: unknown[] = [];
    const note = (failure: unknown) => failures.push(failure);
    process.on('unhandledRejection', note);
    const onError = jest.fn();
    const fail = new Error('The log is full');
    onError.mockRejectedValueOnce(fail).mockImplementationOnce(() => {
      throw fail;
    });
    const errorMessage: () => never = jest.fn(() => Promise.reject(fail)) as never;
    const relayed = await start(() => undefined, { authorize: () => Promise.reject(fail), onError, errorMessage });
    try {
      for (let count = 1; count <= 2; count++) {
        expect((await relayed.post(CHAT)).status).toBe(500);
        expect(onError).toHaveBeenCalledTimes(count);
      }
      expect(failures).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('does not start a text again in the middle, whatever its client retries', async () => {
    const relayed = await start(
      ({ socket, index }) =>
        index === 0 ? socket.write(STREAM_HEAD + httpChunk(delta('One')) + LAST_CHUNK) : sendAnswer(socket, 'Uno'),
      {},
      { retry: { afterFirstChunk: 'restart', initialDelayMs: 1 } },
    );
    expect(await textOf(relayed).catch((error: unknown) => error)).toBeInstanceOf(StreamTruncatedError);
    expect(relayed.upstream.requests).toHaveLength(1);
  });

  it('closes the connection to the API when the browser leaves: before the head, and within the body', async () => {
    for (const more of ['', STREAM_HEAD + httpChunk(delta('a'))]) {
      const relayed = await start(({ socket }) => more && socket.write(more));
      const reading = clientOf(relayed).chat.completions.stream(CHAT).subscribe();
      await relayed.upstream.until(() => relayed.upstream.requests.length === 1);
      if (more) await new Promise((resolve) => setTimeout(resolve, 50));
      reading.unsubscribe();
      await relayed.upstream.closed();
      expect(relayed.errors).toEqual([]);
      await relayed.close();
    }
    server = undefined;
  });

  it('lets pages of listed origins ask, as browsers want it', async () => {
    const origins = ['https://app.example'];
    const relayed = await start(answerWith(...contentChunks('a'), '[DONE]'), { origins });
    const headers = { origin: 'https://app.example', 'access-control-request-headers': 'content-type,x-stainless-os' };
    const asked = await fetch(`${relayed.url}/chat/completions`, { method: 'OPTIONS', headers });
    expect([asked.status, Object.fromEntries(asked.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type,x-stainless-os',
        vary: 'Origin',
      },
    ]);
    const odd = { ...headers, 'access-control-request-headers': 'a<b' };
    const careful = await fetch(`${relayed.url}/chat/completions`, { method: 'OPTIONS', headers: odd });
    expect(careful.headers.get('access-control-allow-headers')).toBe('content-type, authorization');
    for (const body of [CHAT, { model: 'other' }]) {
      const answer = await relayed.post(body, { origin: 'https://app.example' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/x-request-id.*retry-after.*x-should-retry/);
      await answer.text();
    }
  });

  it('answers 500, and tells its log, where origins throws: to who asks beforehand, too', async () => {
    const failure = new Error('sk-secret');
    const relayed = await start(() => undefined, {
      origins: () => {
        throw failure;
      },
    });
    const headers = { origin: 'https://app.example' };
    expect((await relayed.post(CHAT, headers)).status).toBe(500);
    const asked = await fetch(`${relayed.url}/responses`, { method: 'OPTIONS', headers });
    expect([asked.status, await asked.text()]).toEqual([500, '']);
    expect(relayed.errors).toEqual([failure, failure]);
  });

  it('is a middleware: with a parsed body, below a mounted path, and with others behind it', async () => {
    const transport = fakeTransport(() => contentChunks('Hi'));
    const handler = relay(createClient({ apiKey: 'k', transport }), { models: [MODEL] });
    const express = createServer((request, result) => {
      void (async () => {
        if (request.headers['x-parse']) {
          const parts: Buffer[] = [];
          for await (const part of request) parts.push(part as Buffer);
          Object.assign(request, { body: JSON.parse(Buffer.concat(parts).toString()) });
        }
        const originalUrl = request.url ?? '';
        Object.assign(request, { originalUrl, url: originalUrl.replace(/^\/(api|v1)(?=\/)/, '') });
        handler(request, result, () => {
          result.end('next');
        });
      })();
    }).listen(0, '127.0.0.1');
    await once(express, 'listening');
    const ask = async (path: string, more: object = {}) => {
      const answer = await fetch(`http://127.0.0.1:${(express.address() as AddressInfo).port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...more },
        body: JSON.stringify(CHAT),
      });
      return answer.text();
    };
    try {
      expect(await ask('/v1/chat/completions')).toMatch(/\[DONE\]\n\n$/);
      expect(await ask('/v1/chat/completions', { 'x-parse': '1' })).toMatch(/\[DONE\]\n\n$/);
      expect(await ask('/api/v1/chat/completions?x=1', { 'x-parse': '1' })).toMatch(/\[DONE\]\n\n$/);
      expect(await ask('/api/other')).toBe('next');
      expect(transport.requests).toHaveLength(3);
    } finally {
      express.close();
    }
  });

  it('leaves no timer and no connection: its server closes by itself', async () => {
    const relayed = await start(answerWith(...contentChunks('a'), '[DONE]'));
    await (await relayed.post(CHAT)).text();
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    await (await relayed.post(CHAT)).text();
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(timers);
  });

  it.each([
    'authorizeTimeoutMs',
    'maxTokens',
    'maxChoices',
    'maxBodyBytes',
    'bodyTimeoutMs',
    'maxStreams',
    'writeTimeoutMs',
    'heartbeatMs',
  ])('throws at once for %s out of range', (name) => {
    for (const value of [0, -1, NaN]) {
      expect(() => relay(createClient({ apiKey: 'k' }), { models: [], [name]: value })).toThrow(RangeError);
    }
  });

  it.each<[string, unknown]>([
    ...['models', 'origins', 'hosts', 'tools', 'fields'].flatMap((name): [string, unknown][] => [
      [name, 'gpt-4o-mini'],
      [name, null],
      [name, [1]],
    ]),
    ...['models', 'origins', 'hosts', 'tools'].map((name): [string, unknown] => [name, new Set(['gpt-4o-mini'])]),
    ['models', undefined],
    ['fields', { chat: 'messages' }],
    ['fields', { responses: null }],
    ...['v1', '/v1/', '/', '/v1//api', '/v1?', 1].map((path): [string, unknown] => ['basePath', path]),
  ])('throws at once for %s that are %p', (name, value) => {
    expect(() => relay(createClient({ apiKey: 'k' }), { models: [], [name]: value })).toThrow(TypeError);
  });

  it('takes functions in place of lists, fields of one endpoint, and a path that is empty or long', () => {
    for (const basePath of ['', '/api/open-ai', undefined]) {
      const options = { models: () => true, origins: () => true, fields: { chat: ['model'], responses: undefined } };
      expect(relay(createClient({ apiKey: 'k' }), { ...options, basePath })).toBeInstanceOf(Function);
    }
  });
});

describe('the fetch of a relay', () => {
  const transport = fakeTransport(({ url }) =>
    url.includes('responses') ? responseEvents.text('Hi') : contentChunks('Hi'),
  );
  const { fetch: ask } = relay(createClient({ apiKey: 'k', transport }), { models: [MODEL] });
  const post = (path: string, body: unknown = CHAT, headers: Record<string, string> = {}) =>
    ask(
      new Request(`https://app.example${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    );

  it('answers as the listener does', async () => {
    expect(await (await post('/v1/chat/completions')).text()).toMatch(/^data: \{.*\n\n$/s);
    expect(await (await post('/v1/responses', RESPONSES)).text()).toMatch(/^event: response\.created\n/);
    expect((await post('/v1/chat/completions', CHAT, { origin: 'https://app.example' })).status).toBe(200);
  });

  it('refuses as the listener does', async () => {
    expect((await post('/v1/models')).status).toBe(404);
    expect((await post('/v1/responses', { model: 'x', input: '' })).status).toBe(403);
    expect((await post('/v1/responses', RESPONSES, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('/v1/responses', { ...RESPONSES, input: 'x'.repeat(300_000) })).status).toBe(413);
    const request = new Request('https://app.example/v1/responses', { method: 'OPTIONS' });
    expect((await ask(request)).status).toBe(204);
    const used = new Request('https://app.example/v1/responses', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    await used.text();
    expect((await ask(used)).status).toBe(500);
  });
});
