import { inspect } from 'node:util';
import { throwError, type Observable } from 'rxjs';
import {
  APIConnectionError,
  createClient,
  isAPIError,
  type APIError,
  type ClientOptions,
  type RequestOptions,
  type TransportResponse,
} from 'rxdelta';
import { FakeTransport, respond } from '../support/FakeTransport';
import { record } from '../support/record';
import { answer, event } from '../support/wire';

const PROMPT = 'My very private question';

/** The error of a chat whose server gives this answer. */
async function failure(
  response: TransportResponse | FakeTransport,
  options: ClientOptions = {},
  request: RequestOptions = {},
  content = PROMPT,
): Promise<APIError> {
  const { send } = response instanceof FakeTransport ? response : new FakeTransport(response);
  const client = createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: send, ...options });
  const stream = client.chat.completions.stream({ model: 'm', messages: [{ role: 'user', content }] }, request);
  const { error } = await record(stream);
  expect(isAPIError(error)).toBe(true);
  return error as APIError;
}

/** The places, of all where a program may look at an error, in which the words stand. */
function placesOf(words: string | RegExp, error: APIError): string[] {
  const { message, stack, cause } = error;
  const places = {
    message,
    stack,
    text: String(error),
    json: JSON.stringify(error),
    inspection: inspect(error, { depth: 10, showHidden: true }),
    cause: inspect(cause, { depth: 10, showHidden: true }),
    causeJSON: JSON.stringify(cause),
  };
  const isThere = (text = '') => (typeof words === 'string' ? text.includes(words) : words.test(text));
  return Object.entries(places).flatMap(([place, text]) => (isThere(text) ? [place] : []));
}

/** The ways in which a server may give back what it was sent. */
const ECHOES: [string, (words: string) => TransportResponse][] = [
  ['the message of a status error', (words) => respond(JSON.stringify({ error: { message: words } }), { status: 401 })],
  ['the code of a status error', (words) => respond(JSON.stringify({ error: { code: words } }), { status: 401 })],
  ['the param of a status error', (words) => respond(JSON.stringify({ error: { param: words } }), { status: 401 })],
  ['a body that is text', (words) => respond(`Refused: ${words}!`, { status: 400 })],
  ['a body of unknown JSON', (words) => respond(JSON.stringify({ you: { said: [words] } }), { status: 400 })],
  ['a header', (words) => respond('', { status: 400, headers: { 'x-debug': words } })],
  ['the request id', (words) => respond('', { status: 400, headers: { 'x-request-id': words } })],
  [
    'the place that it redirects to',
    (words) => respond('', { status: 302, headers: { location: `http://x.test/${words}` } }),
  ],
  ['an error inside the stream', (words) => respond(event({ error: { message: words, type: words } }))],
  ['an error event', (words) => respond(`event: error\ndata: ${words}\n\n`)],
  ['response.failed', (words) => respond(event({ type: 'response.failed', response: { error: { message: words } } }))],
  ['what is no JSON', (words) => respond(`data: {${words}\n\n`)],
  ['the content type', (words) => respond('', { headers: { 'content-type': `text/html; x=${words}` } })],
  ['the id of an event before it is cut', (words) => respond(`id: ${words}\n${event({ choices: [] })}`)],
];

describe('an error keeps to itself', () => {
  const SECRETS: [string, string, ClientOptions, RequestOptions?][] = [
    ['the apiKey', 'sk-secret-1', { apiKey: 'sk-secret-1' }],
    ['the key of a function', 'sk-secret-1', { apiKey: () => Promise.resolve('sk-secret-1') }],
    ['an authorization', 'bWU6c2VjcmV0', { headers: { Authorization: 'Basic bWU6c2VjcmV0' } }],
    ['an authorization of the request', 'sk-secret-1', {}, { headers: { authorization: 'Bearer sk-secret-1' } }],
    ['an api-key', 'azure-secret', { headers: { 'api-key': 'azure-secret' } }],
    ['a key of a provider', 'goog-secret', { headers: { 'X-Goog-Api-Key': 'goog-secret' } }],
    ['a cookie', 'session=secret', { headers: { Cookie: 'session=secret' } }],
    ['a token', 'token-secret', { headers: { 'X-Amz-Security-Token': 'token-secret' } }],
    ['a proxy-authorization', 'proxy-secret', { headers: { 'Proxy-Authorization': 'Basic proxy-secret' } }],
    ['a credential of the query', 'query-secret', { query: { 'api-key': 'query-secret' } }],
    ['a credential of the query of the request', 'query-secret', {}, { query: { access_token: 'query-secret' } }],
    [
      'a credential of the query of the base URL',
      'query-secret',
      { baseURL: 'http://server.test/v1?key=query-secret' },
    ],
    ['the words of the request', PROMPT, {}],
  ];

  describe.each(SECRETS)('%s,', (_, secret, options, request) => {
    it.each(ECHOES)('given back in %s', async (__, echo) => {
      const error = await failure(echo(`before ${secret} after`), options, request);
      expect(placesOf(secret, error)).toEqual([]);
    });
  });

  it('the whole body of the request', async () => {
    const fake = new FakeTransport(respond(''));
    await failure(fake);
    const body = fake.requests[0]!.body!;
    expect(body).toContain(PROMPT);
    const error = await failure(respond(`You said ${body}`, { status: 400 }));
    expect(placesOf('"messages"', error)).toEqual([]);
    expect(placesOf(PROMPT, error)).toEqual([]);
  });

  it('words as JSON writes them', async () => {
    const words = 'A "quoted" and\nbroken question';
    const error = await failure(respond(`In ${JSON.stringify({ q: words })}`, { status: 400 }), {}, {}, words);
    expect(placesOf('quoted', error)).toEqual([]);
  });

  it('a credential of the query as a URL writes it', async () => {
    const query = { 'api-key': 'a+b/c==&d' };
    const fake = new FakeTransport(respond(''));
    await failure(fake, { query });
    const { url } = fake.requests[0]!;
    const written = url.split('api-key=')[1]!;
    for (const echo of [url, url.slice('http://server.test'.length), written, query['api-key']]) {
      const error = await failure(respond(`No route for ${echo}`, { status: 404 }), { query });
      expect(placesOf(written, error)).toEqual([]);
      expect(placesOf(query['api-key'], error)).toEqual([]);
      expect(error.message).toContain('No route for');
    }
  });

  it('a secret that contains another', async () => {
    const headers = { 'api-key': 'secret', 'x-token': 'secret-and-more' };
    const error = await failure(respond('It is secret-and-more, not secret', { status: 400 }), { headers });
    expect(placesOf(/secret|and-more/, error)).toEqual([]);
  });

  it('a secret that comes often', async () => {
    const error = await failure(respond('sk-secret-1,sk-secret-1,sk-secret-1', { status: 400 }), {
      apiKey: 'sk-secret-1',
    });
    expect(placesOf('sk-secret-1', error)).toEqual([]);
  });

  it('a secret whose characters mean something to a pattern', async () => {
    const apiKey = 'sk-$&.*(1)[a]';
    const error = await failure(respond(`Bad key ${apiKey}`, { status: 401 }), { apiKey });
    expect(placesOf(apiKey, error)).toEqual([]);
  });

  it.each([
    ['Latin', 'A long and private question. ', 'private question'],
    ['Japanese', 'これは長くて私的な質問です。', '私的な質問'],
    ['Russian', 'Длинный и личный вопрос. ', 'личный вопрос'],
  ])('words that are longer than an excerpt, in %s', async (_, sentence, part) => {
    const words = sentence.repeat(200);
    const asJSON = JSON.stringify({ error: { message: words } });
    for (const response of [
      respond(`Refused: ${words}`, { status: 400 }),
      respond(asJSON, { status: 400 }),
      respond(`data: ${asJSON}\n\n`),
    ]) {
      expect(placesOf(part, await failure(response, {}, {}, words))).toEqual([]);
    }
  });

  it('a key that stands where an excerpt is cut', async () => {
    const apiKey = 'sk-0123456789-secret';
    for (const length of [1000, 1010, 1015]) {
      const error = await failure(respond(`${'x'.repeat(length)} ${apiKey}`, { status: 400 }), { apiKey });
      expect(placesOf('sk-0', error)).toEqual([]);
    }
  });

  it('a secret that comes again where an excerpt is cut', async () => {
    const apiKey = 'sk-proj-0123456789-secret';
    for (const first of [apiKey, 'sk-proj-', 'sk-proj-0123']) {
      for (let length = 960; length < 1000; length += 5) {
        const text = `Not a key: ${first} ${'x'.repeat(length - first.length)} ${apiKey}`;
        const error = await failure(respond(text, { status: 400 }), { apiKey });
        expect(placesOf('sk-proj-01234', error)).toEqual([]);
      }
    }
  });

  it('what the errors behind it say', async () => {
    const apiKey = 'sk-secret-1';
    const cause = Object.assign(new Error(`socket sent ${apiKey}`, { cause: new Error(`deep ${apiKey}`) }), {
      detail: { sent: [`authorization: Bearer ${apiKey}`] },
    });
    const broken = new APIConnectionError(`reset after ${apiKey}`, { phase: 'body', cause });
    // Where source maps are on, a stack is made when it is first asked for.
    for (const made of [broken, cause, cause.cause as Error]) expect(made.stack).toContain(apiKey);
    const error = await failure(new FakeTransport(throwError(() => broken)), { apiKey });
    expect(error).toBe(broken);
    expect(error.cause).toBe(cause);
    expect(placesOf(apiKey, error)).toEqual([]);
    expect(error.message).toMatch(/^reset after /);
  });

  it('a cause that leads back to itself', async () => {
    const apiKey = 'sk-secret-1';
    const cause: Error & { self?: unknown } = new Error(`socket sent ${apiKey}`);
    cause.self = cause;
    const broken = new APIConnectionError('reset', { phase: 'body', cause });
    const error = await failure(new FakeTransport(throwError(() => broken)), { apiKey });
    expect(error).toBe(broken);
    expect((error.cause as Error).message).not.toContain(apiKey);
  }, 1_000);

  it('a cause that cannot be changed', async () => {
    const apiKey = 'sk-secret-1';
    const cause = Object.freeze({ code: 'ECONNRESET', sent: `Bearer ${apiKey}` });
    const broken = new APIConnectionError('reset', { phase: 'body', cause });
    const error = await failure(new FakeTransport(throwError(() => broken)), { apiKey });
    expect(error).toBe(broken);
    expect(placesOf(apiKey, error)).toEqual([]);
  }, 1_000);

  it.each<[string, (apiKey: string) => unknown]>([
    ['has a message that cannot be set', (apiKey) => new DOMException(`failed for ${apiKey}`)],
    [
      'has a field that cannot be written',
      (apiKey) =>
        Object.defineProperty(new Error('failed'), 'url', { value: apiKey, enumerable: true, configurable: true }),
    ],
    ['is frozen', (apiKey) => Object.freeze(new APIConnectionError(`for ${apiKey}`, { phase: 'body' }))],
    [
      'holds others',
      (apiKey) =>
        new AggregateError([new Error(`for ${apiKey}`)], 'all', { cause: new AggregateError([apiKey], 'too') }),
    ],
    ['calls its reason so', (apiKey) => Object.assign(new Error('failed'), { reason: apiKey, phase: apiKey })],
    ['holds a Map', (apiKey) => Object.assign(new Error('failed'), { headers: new Map([['authorization', apiKey]]) })],
    ['is a text', (apiKey) => `failed for ${apiKey}`],
  ])('what an error of a transport says that %s', async (_, make) => {
    const apiKey = 'sk-secret-1';
    const { send } = new FakeTransport(throwError(() => make(apiKey)));
    const client = createClient({ baseURL: 'http://server.test/v1', apiKey, transport: send });
    const { error } = await record(client.chat.completions.stream({ model: 'm', messages: [] }));
    expect(error).toBeDefined();
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(apiKey);
  });

  it.each<[string, () => object]>([
    [
      'a getter that throws',
      () => Object.defineProperty(new Error('failed'), 'url', { get: () => JSON.parse('{'), enumerable: true }),
    ],
    [
      'fields without end',
      () => {
        let deep: object = {};
        for (let level = 0; level < 30_000; level++) deep = { deep };
        return Object.assign(new Error('failed'), { deep });
      },
    ],
  ])('does not fail over an error with %s', async (_, make) => {
    const { send } = new FakeTransport(throwError(make));
    const client = createClient({ baseURL: 'http://server.test/v1', apiKey: 'sk-secret-1', transport: send });
    const { error } = await record(client.chat.completions.stream({ model: 'm', messages: [] }));
    expect(error).toHaveProperty('message', 'failed');
  });

  it('a long part of the prompt in a field', async () => {
    const words = 'The launch code of the blue submarine is hidden under the bed. '.repeat(4);
    const report = { error: { message: 'no', param: words.slice(10, 90) } };
    const error = await failure(respond(JSON.stringify(report), { status: 400 }), {}, {}, words);
    expect(placesOf('submarine', error)).toEqual([]);
  });

  it('the secrets of each attempt', async () => {
    const keys = ['sk-secret-1', 'sk-secret-2'];
    const told: unknown[] = [];
    const fake = new FakeTransport(...keys.map((key) => respond(`Bad key ${key}`, { status: 500 })));
    const error = await failure(fake, {
      apiKey: () => keys[fake.requests.length]!,
      retry: { maxRetries: 1, initialDelayMs: 0, onRetry: (notice) => told.push(notice.error) },
    });
    expect(placesOf('sk-secret-1', told[0] as APIError)).toEqual([]);
    expect(placesOf('sk-secret-2', error)).toEqual([]);
  });

  it('in a short time, however large the request is', async () => {
    const image = Array.from({ length: 100_000 }, (_, index) => (index * 2_654_435_761).toString(36)).join('');
    const before = process.cpuUsage();
    await failure(respond('Too large', { status: 413 }), {}, {}, image);
    expect(process.cpuUsage(before).user).toBeLessThan(300_000);
  });
});

describe('an error still says', () => {
  const apiKey = 'sk-secret-1';
  const options = { apiKey, baseURL: 'http://server.test/v1' };
  const params = { model: 'm', messages: [{ role: 'user' as const, content: PROMPT }] };
  const client = ({ send }: FakeTransport) => createClient({ ...options, transport: send });

  it('what the server said around a secret', async () => {
    const { message } = await failure(respond(`Key ${apiKey} has expired`, { status: 401 }), { apiKey });
    expect(message).toMatch(/Key \S+ has expired$/);
  });

  it('the model, however long its name', async () => {
    const model = 'gpt-4o-mini-2024-07-18';
    const message = `The model ${model} does not exist`;
    const { send } = new FakeTransport(respond(JSON.stringify({ error: { message } }), { status: 404 }));
    const client = createClient({ baseURL: 'http://server.test/v1', apiKey, transport: send });
    const { error } = await record(client.chat.completions.stream({ model, messages: [] }));
    expect(error).toHaveProperty('message', message);
  });

  it('short words and the names of fields', async () => {
    const words = 'The model m and the role user do not go with max_tokens';
    const error = await failure(respond(JSON.stringify({ error: { message: words } }), { status: 400 }), { apiKey });
    expect(error.message).toBe(words);
  });

  it('what is no credential', async () => {
    const options = { headers: { 'x-tenant': 'tenant-seven' }, query: { 'api-version': '2024-10-21' } };
    const error = await failure(respond('tenant-seven has no 2024-10-21', { status: 400 }), options);
    expect(error.message).toContain('tenant-seven has no 2024-10-21');
  });

  it('what it is, whatever words the request has', async () => {
    const words =
      'Why was my connection truncated? It says malformed, content-type application/json, invalid_request_error and ' +
      'context_length_exceeded.';
    const reset = () => new APIConnectionError('reset', { phase: 'connect' });
    const broken = await failure(new FakeTransport(throwError(reset)), {}, {}, words);
    expect(broken).toMatchObject({ kind: 'connection', phase: 'connect', message: 'reset' });
    expect(await failure(respond(''), {}, {}, words)).toMatchObject({ kind: 'truncated', phase: 'body' });
    const html = respond('', { headers: { 'content-type': 'text/html' } });
    expect(await failure(html, {}, {}, words)).toMatchObject({ kind: 'malformed', reason: 'content-type' });
    const report = { error: { message: 'Too long', code: 'context_length_exceeded', type: 'invalid_request_error' } };
    const headers = { 'content-type': 'application/json' };
    const refused = await failure(respond(JSON.stringify(report), { status: 400, headers }), {}, {}, words);
    expect(refused).toMatchObject({ ...report.error, kind: 'status', headers });
  });

  it('where the server redirects to, also when that is near', async () => {
    const location = 'http://server.test/v1/chat/completions/';
    const { message } = await failure(respond('', { status: 308, headers: { location } }), { apiKey });
    expect(message).toContain(location);
  });

  it.each<[string, (fail: () => never) => Observable<unknown>]>([
    [
      'onResponse',
      (fail) =>
        client(new FakeTransport(respond(answer('Hello')))).chat.completions.stream(params, { onResponse: fail }),
    ],
    [
      'completion',
      (fail) => client(new FakeTransport(respond(answer('Hello')))).stream('/x', params, { completion: fail }),
    ],
  ])('what the caller threw in %s, as it was', async (_, stream) => {
    const made = Object.assign(new Error(PROMPT), { params, places: new Map([['a', 1]]), at: new Date(0), apiKey });
    const fail = () => {
      throw made;
    };
    const { error } = await record(stream(fail));
    expect(error).toBe(made);
    expect(made).toMatchObject({ message: PROMPT, params, places: new Map([['a', 1]]), at: new Date(0), apiKey });
    expect(params).toEqual({ model: 'm', messages: [{ role: 'user', content: PROMPT }] });
  });

  it('of a transport, and leaves alone what belongs to others', async () => {
    const agent = { sockets: { key: [apiKey] }, events: { free: () => undefined } };
    class Request {
      readonly agent = agent;
      readonly url = `http://server.test/?key=${apiKey}`;
    }
    const request = new Request();
    const list = [{ sent: apiKey }];
    const made = Object.assign(new Error('reset'), { request, list, params });
    const { send } = new FakeTransport(throwError(() => made));
    const { error } = await record(createClient({ ...options, transport: send }).chat.completions.stream(params));
    expect(error).toBe(made);
    expect(inspect(error, { depth: 10 })).not.toMatch(/sk-secret-1|private/);
    expect(made.list).toEqual([{ sent: '[redacted]' }]);
    expect(made).toHaveProperty('params.model', 'm');
    expect(list).toEqual([{ sent: apiKey }]);
    expect(request.agent).toBe(agent);
    expect(Object.keys(agent.events)).toEqual(['free']);
    expect(agent.events.free).toBeInstanceOf(Function);
    expect(params.messages[0]?.content).toBe(PROMPT);
  });

  it('the reason of a signal as it was', async () => {
    const reason = new Error(`stopped with ${apiKey}`);
    const controller = new AbortController();
    const fake = new FakeTransport(respond(answer('Hello')));
    const onResponse = () => {
      controller.abort(reason);
    };
    const error = await failure(fake, { apiKey }, { signal: controller.signal, onResponse });
    expect(error.cause).toBe(reason);
    expect(reason.message).toBe(`stopped with ${apiKey}`);
  });
});
