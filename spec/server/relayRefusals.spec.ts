import { NEVER, of, Subject } from 'rxjs';
import type { RelayOptions, RelayRequest } from 'rxdelta/server';
import { CHAT, MODEL, RelayServer } from '../support/RelayServer';
import { sendAnswer } from '../support/wire';

/** What a browser sends to a proxy that asks for the relay by another name. */
const PROXIED = 'sec-fetch-site: same-origin\r\norigin: https://a.example';
const RESPONSES = { model: MODEL, input: 'Hello' };

describe('a relay refuses', () => {
  let server: RelayServer;
  const use = async (options: Partial<RelayOptions> = {}) => {
    await server?.close();
    server = await RelayServer.start(({ socket }) => {
      sendAnswer(socket, 'yes');
    }, options);
    return server;
  };
  beforeAll(async () => {
    server = await RelayServer.start(({ socket }) => {
      sendAnswer(socket, 'yes');
    });
  });
  afterAll(() => server.close());
  afterEach(() => {
    expect(server.upstream.requests).toEqual([]);
  });

  /** The refusal of a body. */
  const refusal = async (body: unknown, path?: string, on = server) => {
    const answer = await on.post(body, {}, path);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(error).toMatchObject({
      message: expect.stringMatching(/^[A-Z][^<>{}]{5,60}$/),
      type: 'invalid_request_error',
    });
    return [answer.status, error.code, error.param];
  };

  it.each<[string, object | string, unknown[]]>([
    ['no JSON', '{"model":', [400, 'invalid_json', null]],
    ['two documents', '{} {}', [400, 'invalid_json', null]],
    ['nothing', '', [400, 'invalid_json', null]],
    ['a list', [CHAT], [400, 'invalid_body', null]],
    ['null', 'null', [400, 'invalid_body', null]],
    ['a text', '"a"', [400, 'invalid_body', null]],
    ['what nests too deep', { ...CHAT, stop: nested(70) }, [400, 'invalid_body', null]],
    ['what nests to the bottom', `{"stop":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, [400, 'invalid_body', null]],
    ['__proto__', '{"__proto__":{"a":1},"model":"m","messages":[{"role":"user"}]}', [400, 'invalid_body', null]],
    ['__proto__ inside', '{"model":"m","messages":[{"role":"user","__proto__":{}}]}', [400, 'invalid_body', null]],
    ['an unknown member', { ...CHAT, metadata: {} }, [400, 'unknown_parameter', 'metadata']],
    ['an unknown member, without repeating it', { ...CHAT, '<script>': 1 }, [400, 'unknown_parameter', null]],
    ['constructor', { ...CHAT, constructor: 1 }, [400, 'unknown_parameter', 'constructor']],
    ['store', { ...CHAT, store: true }, [400, 'unknown_parameter', 'store']],
    ['service_tier', { ...CHAT, service_tier: 'priority' }, [400, 'unknown_parameter', 'service_tier']],
    ['stream: false', { ...CHAT, stream: false }, [400, 'stream_required', 'stream']],
    ['stream: null', { ...CHAT, stream: null }, [400, 'stream_required', 'stream']],
    ['no model', { messages: CHAT.messages }, [400, 'model_missing', 'model']],
    ['a model that is no text', { ...CHAT, model: [MODEL] }, [400, 'model_missing', 'model']],
    ['another model', { ...CHAT, model: 'o3-pro' }, [403, 'model_not_allowed', 'model']],
    ['no messages', { model: MODEL }, [400, 'invalid_body', 'messages']],
    ['an empty list of messages', { ...CHAT, messages: [] }, [400, 'invalid_body', 'messages']],
    ['a text for messages', { ...CHAT, messages: 'Hello' }, [400, 'invalid_body', 'messages']],
    ['a message that is null', { ...CHAT, messages: [null] }, [400, 'invalid_body', 'messages']],
    ['a message without a role', { ...CHAT, messages: [{ content: '' }] }, [400, 'invalid_body', 'messages']],
    ['two choices', { ...CHAT, n: 2 }, [400, 'number_not_allowed', 'n']],
    ['half a choice', { ...CHAT, n: 0.5 }, [400, 'number_not_allowed', 'n']],
    ['a text for a number', { ...CHAT, max_tokens: '5' }, [400, 'number_not_allowed', 'max_tokens']],
    ['a hosted tool', { ...CHAT, tools: [{ type: 'web_search' }] }, [400, 'tool_not_allowed', 'tools[0]']],
    ['tools that are no list', { ...CHAT, tools: {} }, [400, 'invalid_body', 'tools']],
    [
      'a file at the API',
      { ...CHAT, messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] },
      [400, 'file_not_allowed', 'messages[0]'],
    ],
    [
      'what was said before, by its id',
      { ...CHAT, messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] },
      [400, 'file_not_allowed', 'messages[0]'],
    ],
    [
      'a URL that passes for a citation',
      { ...CHAT, messages: [{ role: 'user', content: [{ image_url: { type: 'url_citation', url: '//10.0.0.1' } }] }] },
      [400, 'url_not_allowed', 'messages[0]'],
    ],
    [
      'a URL that the API would fetch',
      {
        ...CHAT,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://10.0.0.1/' } }] }],
      },
      [400, 'url_not_allowed', 'messages[0]'],
    ],
  ])('in a request to chat: %s', async (_, body, expected) => {
    expect(await refusal(body)).toEqual(expected);
  });

  it.each<[string, object]>([
    ['with what does not show', { image_url: { url: '\u0001\ufeffh\tt\ntp://10.0.0.1/' } }],
    ['without a scheme', { image_url: { url: '/\\10.0.0.1/' } }],
    ['in a list', { image_url: { url: [['http://10.0.0.1/']] } }],
    ['in a list of images', { images: ['http://10.0.0.1/'] }],
    ['by another name', { image: { href: 'http://10.0.0.1/' } }],
  ])('a URL that the API would fetch, %s', async (_, part) => {
    const messages = [{ role: 'user', content: [part] }];
    expect(await refusal({ ...CHAT, messages })).toEqual([400, 'url_not_allowed', 'messages[0]']);
  });

  it.each<[string, object, unknown[]]>([
    [
      'the answer to somebody else',
      { previous_response_id: 'resp_1' },
      [400, 'unknown_parameter', 'previous_response_id'],
    ],
    ['the conversation of somebody else', { conversation: 'conv_1' }, [400, 'unknown_parameter', 'conversation']],
    ['work without an end', { background: true }, [400, 'unknown_parameter', 'background']],
    ['to be stored', { store: true }, [400, 'unknown_parameter', 'store']],
    ['a stored prompt', { prompt: { id: 'pmpt_1' } }, [400, 'unknown_parameter', 'prompt']],
    ['web search', { tools: [{ type: 'web_search' }] }, [400, 'tool_not_allowed', 'tools[0]']],
    [
      'code',
      { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] },
      [400, 'tool_not_allowed', 'tools[0]'],
    ],
    ['MCP', { tools: [{ type: 'function' }, { type: 'mcp', server_url: '' }] }, [400, 'tool_not_allowed', 'tools[1]']],
    ['no input', { input: undefined }, [400, 'invalid_body', 'input']],
    ['an item by its id', { input: [{ type: 'item_reference', id: 'msg_1' }] }, [400, 'item_not_allowed', 'input[0]']],
    ['an item by its id alone', { input: [{ id: 'msg_1' }] }, [400, 'item_not_allowed', 'input[0]']],
    [
      'an item that has no more than a role',
      {
        input: [
          { role: 'user', content: '' },
          { id: 'msg_1', role: 'assistant' },
        ],
      },
      [400, 'item_not_allowed', 'input[1]'],
    ],
    ['a message by its id', { input: [{ type: 'message', id: 'msg_1' }] }, [400, 'item_not_allowed', 'input[0]']],
    [
      'reasoning by its id',
      { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] },
      [400, 'item_not_allowed', 'input[0]'],
    ],
    [
      'reasoning that is sealed by nothing',
      { input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: '' }] },
      [400, 'item_not_allowed', 'input[0]'],
    ],
    ['a made image', { input: [{ type: 'image_generation_call', id: 'ig_1' }] }, [400, 'item_not_allowed', 'input[0]']],
    [
      'a file',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file_1' }] }] },
      [400, 'file_not_allowed', 'input[0]'],
    ],
    [
      'a file by URL',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'file:///etc/passwd' }] }] },
      [400, 'url_not_allowed', 'input[0]'],
    ],
    ['what is no name', { include: [{ toString: 1 }] }, [400, 'include_not_allowed', 'include']],
    ['what was searched', { include: ['file_search_call.results'] }, [400, 'include_not_allowed', 'include']],
  ])('in a request for a Response: %s', async (_, fields, expected) => {
    expect(await refusal({ ...RESPONSES, ...fields }, '/responses')).toEqual(expected);
  });

  it('more tokens than are allowed', async () => {
    const own = await use({ maxTokens: 100 });
    expect(await refusal({ ...CHAT, max_completion_tokens: 101 }, undefined, own)).toEqual([
      ...[400, 'number_not_allowed', 'max_completion_tokens'],
    ]);
  });

  it.each(['GET', 'PUT', 'DELETE', 'HEAD'])('%s', async (method) => {
    const answer = await fetch(`${server.url}/chat/completions`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  it.each([
    '',
    '/models',
    '/chat/completions/',
    '/chat/completions/x',
    '/responses/resp_1',
    '/responses/resp_1/cancel',
  ])('the path /v1%s', async (path) => {
    expect((await server.post(CHAT, {}, path)).status).toBe(404);
  });

  it.each(['/v1//chat/completions', '/v1/./chat/completions', '/V1/chat/completions', '/v1/chat%2Fcompletions', '/'])(
    'the path %s as it is written',
    async (path) => {
      expect(await server.raw(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 404 /,
      );
    },
  );

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/jsonp', {}],
    ['application/json; charset=utf-16', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('content that is %s %j', async (type, more) => {
    expect((await server.post(CHAT, { 'content-type': type, ...more })).status).toBe(415);
  });

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'file://' }],
    [{ 'sec-fetch-site': 'cross-site' }],
  ])('a page of another origin: %j', async (headers) => {
    const answer = await server.post(CHAT, headers);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const { status } = await fetch(`${server.url}/responses`, { method: 'OPTIONS', headers: headers });
    expect(status).toBe(403);
  });

  it('what a function for models and origins has only promised', async () => {
    const own = await use({
      models: (() => Promise.resolve(true)) as never,
      origins: () => Promise.resolve(true) as never,
    });
    expect(await refusal(CHAT, undefined, own)).toEqual([403, 'model_not_allowed', 'model']);
    expect((await own.post(CHAT, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('who is not authorized, before the body is read', async () => {
    const own = await use({ authorize: ({ headers }) => of(headers.cookie === 'session=1') });
    expect(
      (
        await own.raw(
          'POST /v1/responses HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n',
        )
      ).split(' ')[1],
    ).toBe('401');
    const forbidden = await use({
      authorize: () => Promise.resolve({ status: 402, message: 'Your month is over', code: 'used_up' }),
    });
    const answer = await forbidden.post(CHAT);
    expect([answer.status, await answer.json()]).toEqual([
      402,
      { error: { message: 'Your month is over', type: 'invalid_request_error', code: 'used_up', param: null } },
    ]);
    const broken = await use({
      authorize: () => {
        throw new Error('sk-secret');
      },
    });
    const failed = await broken.post(CHAT);
    expect([failed.status, await failed.text()]).toEqual([500, expect.not.stringContaining('secret')]);
    expect(broken.errors).toEqual([new Error('sk-secret')]);
  });

  it.each<[string, number]>([
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['localhost:1:2', 403],
    ['127.0.0.1', 400],
    ['LOCALHOST:8080', 400],
    ['[::1]:8080', 400],
  ])('of the pages whose name leads here those that are not listed as hosts: %s', async (host, status) => {
    const own = await use({ hosts: ['127.0.0.1', 'localhost', '[::1]'] });
    const answer = await own.raw(
      `POST /v1/responses HTTP/1.1\r\nhost: ${host}\r\norigin: http://${host}\r\nsec-fetch-site: same-origin\r\n` +
        'content-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    );
    expect(answer.split(' ')[1]).toBe(`${status}`);
    expect(answer.includes('host_not_allowed')).toBe(status === 403);
  });

  it('whom authorize says nothing of, after a time, and tells the log', async () => {
    const own = await use({ authorize: () => NEVER, authorizeTimeoutMs: 50 });
    const answer = await own.post(CHAT);
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('internal_error')]);
    expect(own.errors).toEqual([new Error('authorize has said nothing for 50 ms')]);
  });

  it('of too many that wait for authorize the one that has waited longest, and none for a stream that is open', async () => {
    const verdicts: Subject<boolean>[] = [];
    const authorize = ({ headers }: RelayRequest) =>
      headers.cookie === 'session=1' || verdicts[verdicts.push(new Subject()) - 1]!;
    const own = await use({ maxStreams: 2, authorize, prepare: () => NEVER });
    const controller = new AbortController();
    const open = [1, 2].map(() =>
      fetch(`${own.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: 'session=1' },
        body: JSON.stringify(CHAT),
        signal: controller.signal,
      }).catch(() => 'left'),
    );
    await own.upstream.until(() => own.sockets.size === 2);
    const waiting: Promise<number>[] = [];
    for (let count = 1; count <= 4; count++) {
      waiting.push(own.post(CHAT).then(({ status }) => status));
      await own.upstream.until(() => verdicts.length === count);
    }
    expect(await Promise.all(waiting.slice(0, 2))).toEqual([503, 503]);
    expect(verdicts.map(({ observed }) => observed)).toEqual([false, false, true, true]);
    verdicts[2]!.next(false);
    verdicts[3]!.next(true);
    expect(await Promise.all(waiting.slice(2))).toEqual([401, 503]);
    controller.abort();
    expect(await Promise.all(open)).toEqual(['left', 'left']);
  });

  it('more streams than are allowed, and takes others when those are over', async () => {
    const own = await use({ maxStreams: 1, prepare: () => NEVER });
    const controller = new AbortController();
    const first = fetch(`${own.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(CHAT),
      signal: controller.signal,
    }).catch(() => 'left');
    await own.upstream.until(() => own.sockets.size === 1);
    let second = await own.post(CHAT);
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    controller.abort();
    expect(await first).toBe('left');
    do second = await own.post({ ...CHAT, model: 'other' });
    while (second.status === 503);
    expect(second.status).toBe(403);
  });
});

describe('a relay on the wire', () => {
  let server: RelayServer;
  beforeAll(async () => {
    server = await RelayServer.start(
      ({ socket }) => {
        sendAnswer(socket, 'yes');
      },
      { maxBodyBytes: 1000, bodyTimeoutMs: 300 },
    );
  });
  afterAll(() => server.close());

  const body = JSON.stringify(CHAT);
  const head = (...lines: string[]) =>
    ['POST /v1/chat/completions HTTP/1.1', 'host: a.example', 'content-type: application/json', ...lines, '', ''].join(
      '\r\n',
    );
  const statusOf = async (...parts: string[]) => {
    const before = server.upstream.requests.length;
    const answer = await server.raw(...parts);
    return [Number(answer.split(' ')[1]), server.upstream.requests.length - before, /connection: close/i.test(answer)];
  };

  it('answers what is good, byte by byte too', async () => {
    expect(await statusOf(head(`content-length: ${body.length}`) + body)).toEqual([200, 1, false]);
    expect(await statusOf(head(`content-length: ${body.length}`), ...(body.match(/.{1,20}/g) ?? []))).toEqual([
      200,
      1,
      false,
    ]);
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    expect(await statusOf(head('transfer-encoding: chunked') + chunk)).toEqual([200, 1, false]);
  });

  it('answers HTTP/1.0, and closes', async () => {
    const answer = await server.raw(
      `POST /v1/chat/completions HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*data: \[DONE\]\n\n$/i);
    expect(answer).not.toMatch(/transfer-encoding/i);
  });

  it.each([
    ['a body that is said to be too large', [head('content-length: 1001'), 'x'], 413],
    ['a body that becomes too large', [head('transfer-encoding: chunked'), `3e9\r\n${' '.repeat(1001)}\r\n`], 413],
    ['a body that does not come', [head('content-length: 20'), '{'], 408],
  ])('closes the connection for %s', async (_, parts, status) => {
    expect(await statusOf(...parts)).toEqual([status, 0, true]);
    await server.upstream.until(() => server.sockets.size === 0);
  });

  it.each([
    ['both kinds of length', head('content-length: 5', 'transfer-encoding: chunked') + '0\r\n\r\n', 400],
    ['two lengths', head('content-length: 5', 'content-length: 6') + 'xxxxx', 400],
    ['a length that is none', head('content-length: -1') + 'xxxxx', 400],
    ['another coding', head('transfer-encoding: gzip, chunked') + '0\r\n\r\n', 400],
    ['two hosts', head('host: b.example', `content-length: ${body.length}`) + body, 400],
    ['two types', head('content-type: text/plain', `content-length: ${body.length}`) + body, 400],
    [
      'two origins',
      head('origin: http://a.example', 'origin: http://b.example', `content-length: ${body.length}`) + body,
      403,
    ],
    ['bytes that are no text', head('content-length: 2') + '\u00ff', 400],
  ])('refuses %s', async (_, request, status) => {
    expect((await statusOf(request)).slice(0, 2)).toEqual([status, 0]);
  });

  it.each([
    ['a path', head('content-length: 2').replace('/v1/', '/v2/') + '{}', 404],
    ['a method', 'GET /v1/responses HTTP/1.1\r\nhost: a\r\n\r\n', 405],
    ['a short body', head('content-length: 2') + '{}', 400],
    ['a body that is still to come', head('content-length: 5').replace('/json', '/xml') + '{', 415],
  ])('keeps the connection open after the refusal of %s', async (_, request, status) => {
    expect(await statusOf(request)).toEqual([status, 0, false]);
  });

  it('takes a name with a colon for no URL', async () => {
    const file = { filename: 'Notes: 1.pdf', file_data: 'data:application/pdf;base64,AAAA' };
    const messages = [{ role: 'user', content: [{ type: 'file', file }] }];
    expect((await server.post({ ...CHAT, messages })).status).toBe(200);
  });

  it('refuses a page of another host, and answers one of its own', async () => {
    const length = `content-length: ${body.length}`;
    expect((await statusOf(head('origin: http://b.example', length) + body)).slice(0, 2)).toEqual([403, 0]);
    expect((await statusOf(head('origin: https://a.example', length) + body)).slice(0, 2)).toEqual([200, 1]);
  });

  it.each([
    ['a default port in its Host', 'host: a.example:443', 'origin: https://a.example', 200],
    ['the port of a proxy in its Host', 'host: a.example:80', 'origin: https://a.example', 200],
    ['another port in its Host', 'host: a.example:8443', 'origin: https://a.example', 403],
    ['another Host, of the same origin as its browser says', 'host: relay:8080', PROXIED, 200],
    ['another Host, of the same site only', 'host: relay:8080', PROXIED.replace('origin\r', 'site\r'), 403],
  ])('tells for a page with %s whether it is one of its own', async (_, host, origin, status) => {
    const request = head(origin, `content-length: ${body.length}`).replace('host: a.example', host) + body;
    expect((await statusOf(request)).slice(0, 2)).toEqual([status, status === 200 ? 1 : 0]);
  });

  it('is as good as new when a browser leaves within its body', async () => {
    await server.raw(head('content-length: 20') + '{"a"', '').catch(() => undefined);
    expect(await statusOf(head(`content-length: ${body.length}`) + body)).toEqual([200, 1, false]);
    expect(server.errors).toEqual([]);
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}
