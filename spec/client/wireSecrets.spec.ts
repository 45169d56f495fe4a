import { inspect } from 'node:util';
import { APIError, type ClientOptions } from 'rxdelta';
import { describeWire } from '../support/describeWire';
import { record } from '../support/record';
import { delta, event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from '../support/wire';
import type { WireRequest } from '../support/sockets';
import type { WireExchange, WireScript } from '../support/WireServer';

const KEY = 'sk-proj-Zq81XvTn35LkWe02RbYc';
const API_KEY = 'Pm47GhJd19UsFx63';
const TOKEN = 'Bt20/Vk+58Nw=Ry71HcQo==';
const SUBSCRIPTION = 'Lf62Qx09Vb84Hn31';
const SIGNATURE = 'Ew94+Zl/07Iu=Tg36Mb==';
const PROMPT = 'My "diary" of\n11/20:\tto Zoë – tell nobody that I have found the treasure of the lake';
/** What also fits into a header or a line of an event. */
const LINE = 'Whoever asks for the key of the boat house is to be sent away';

const CLIENT: ClientOptions = {
  apiKey: KEY,
  headers: { 'api-key': API_KEY, 'x-session-token': TOKEN },
  query: { 'subscription-key': SUBSCRIPTION, signature: SIGNATURE, version: '2' },
};
const params = {
  model: 'm',
  messages: [
    { role: 'system' as const, content: LINE },
    { role: 'user' as const, content: PROMPT },
  ],
};

/** Whoever knows so many characters in a row of a secret knows too much of it. */
const WINDOW = 9;

/** The parts of the secrets that stand in a text, in any spelling that a server may give them. */
function leaksIn(text: string): string[] {
  const haystack = text.toLowerCase();
  const secrets = [KEY, API_KEY, TOKEN, SUBSCRIPTION, SIGNATURE, LINE, PROMPT, JSON.stringify(PROMPT), asciiOf(PROMPT)];
  const windows = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .map((secret) => secret.toLowerCase())
    .flatMap((secret) => Array.from({ length: secret.length - WINDOW + 1 }, (_, at) => secret.slice(at, at + WINDOW)));
  return [...new Set(windows)].filter((window) => haystack.includes(window));
}

/** All that can be seen of an error. */
function viewsOf(error: unknown): string[] {
  const { message, stack = '', cause } = error as APIError;
  const inspected = [error, cause, Object.entries(error as APIError)].map((value) =>
    inspect(value, { depth: 10, showHidden: true, maxStringLength: null }),
  );
  return [message, stack, String(error), JSON.stringify(error), JSON.stringify([cause]), ...inspected];
}

/** What a server may know of the request, as far as a header can carry it. */
const headerEcho = ({ headers }: WireRequest) =>
  [headers.authorization, headers['api-key'], headers['x-session-token'], SUBSCRIPTION, SIGNATURE, LINE].join(' ');
/** As far as one line of an event can carry it. */
const lineEcho = (request: WireRequest) => `${headerEcho(request)} ${request.body}`;
const echo = (request: WireRequest) => `${lineEcho(request)} ${PROMPT}`;
/** With nothing but ASCII in its strings, as Python and PHP write JSON. */
const asciiOf = (json: string) =>
  json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const send =
  (bytes: (echoed: string, request: WireRequest) => string): WireScript =>
  ({ socket, request }) =>
    socket.write(bytes(echo(request), request));
const status = (code: number, body: (echoed: string) => unknown) =>
  send((echoed) => response(code, 'application/json', JSON.stringify(body(echoed)), 'x-request-id: req_1\r\n'));
const inStream = (make: (echoed: string, line: string) => string) =>
  send((echoed, request) => STREAM_HEAD + httpChunk(delta('one ') + make(echoed, lineEcho(request))));
const truncatedBy = (make: (line: string) => string) =>
  send((_, request) => STREAM_HEAD + httpChunk(make(lineEcho(request))) + LAST_CHUNK);
const head =
  (lines: (echoed: string, request: WireRequest) => string) =>
  ({ socket, request }: WireExchange) =>
    socket.write(
      `HTTP/1.1 400 X\r\nx-request-id: req_1\r\n${lines(headerEcho(request), request)}\r\ncontent-length: 2\r\n\r\n{}`,
    );

const ECHOES: Record<string, WireScript> = {
  // ── the body of a status
  'the message of a status': status(401, (echoed) => ({ error: { message: `Bad: ${echoed}` } })),
  'the code, type and param of a status': status(400, (echoed) => ({
    error: { message: 'Bad', code: KEY, type: echoed, param: PROMPT },
  })),
  'a flat status': status(400, (echoed) => ({ message: echoed, code: API_KEY })),
  'the detail of a status': status(422, (echoed) => ({ detail: echoed })),
  'the details of a status': status(422, () => ({
    detail: [{ type: 'missing', loc: ['body', 'model'], input: { messages: params.messages, key: KEY } }],
  })),
  'a status in a string': status(400, (echoed) => ({ error: echoed })),
  'a status in an array': status(400, (echoed) => [{ error: { message: echoed } }]),
  'the plain text of a status': send((echoed) => response(400, 'text/plain', echoed)),
  'the page of a status': send((echoed) => response(400, 'text/html', `<p>${echoed}</p>`)),
  'the request, sent back with a status': send((_, { body }) => response(400, 'text/plain', body)),
  'the request, sent back as ASCII': send((_, { body }) => response(400, 'text/plain', asciiOf(body))),
  'the request, sent back with escaped slashes': send((_, { body }) =>
    response(400, 'text/plain', body.replaceAll('/', '\\/')),
  ),
  'the request, sent back as a string in JSON': send((_, { body }) =>
    response(400, 'application/json', JSON.stringify({ errors: [{ input: body }] })),
  ),
  'the path of the request, sent back': send((_, { path }) => response(404, 'text/plain', `Cannot POST ${path}`)),
  'a status whose body breaks off': ({ socket, request }) => {
    socket.write(STREAM_HEAD.replace('200', '500') + httpChunk(`{"request":${request.body}, "key":"${KEY}`));
    setTimeout(() => socket.resetAndDestroy(), 20);
  },

  // ── the head
  'the headers of a status': head(
    (echoed) => `x-echo: ${echoed}\r\nwww-authenticate: ${echoed}\r\nset-cookie: a=${KEY}\r\nx-other: ${TOKEN}`,
  ),
  'the request id': head((echoed) => `x-request-id: ${echoed}`),
  'the wait that is asked for': head((echoed) => `retry-after: ${echoed}`),
  'the type of a body that is no stream': send(
    (_, request) =>
      STREAM_HEAD.replace('text/event-stream', `application/json; echo=${headerEcho(request)}`) +
      httpChunk('{}') +
      LAST_CHUNK,
  ),
  // fetch takes a coding that it does not know as it is: there the error is that the body is cut.
  'the coding of a body': send(
    () => STREAM_HEAD.replace('\r\n\r\n', `\r\ncontent-encoding: ${KEY}\r\n\r\n`) + LAST_CHUNK,
  ),
  'the coding of a body, behind other words': send(
    () => STREAM_HEAD.replace('\r\n\r\n', `\r\ncontent-encoding: not for the likes of ${KEY}\r\n\r\n`) + LAST_CHUNK,
  ),
  'the words of the status line': send((_, request) =>
    response(400, '', '').replace('400 X', `400 ${headerEcho(request)}`),
  ),
  'the target of a redirect': head((_, { path }) => `location: http://127.0.0.1:1${path}&key=${KEY}`),
  'the path of a redirect': send(() => response(302, '', '', `location: http://127.0.0.1:1/${KEY}/\r\n`)),
  'the query of a redirect': send((_, { path }) => response(307, '', '', `location: http://127.0.0.1:1${path}\r\n`)),
  'a head that is too large': send(
    (_, request) => `HTTP/1.1 200 OK\r\nx-echo: ${headerEcho(request).repeat(500)}\r\n\r\n`,
  ),
  'an answer that is not HTTP': send((echoed) => `${echoed}\r\n`),
  'a head that is broken': send((echoed) => `HTTP/1.1 200 OK\r\n${echoed}\r\n\r\n`),

  // ── the stream
  'an error in the stream': inStream((echoed) =>
    event({ error: { message: echoed, code: KEY, type: PROMPT, param: TOKEN } }),
  ),
  'an error in the stream, as a string': inStream((echoed) => event({ error: echoed })),
  'an error in the stream by its type': inStream((echoed) => event({ type: 'error', message: echoed, code: API_KEY })),
  'an error in the stream by its object': inStream((echoed) => event({ object: 'error', message: echoed })),
  'an error in the stream by its event line': inStream((_, line) => `event: error\ndata: ${line}\n\n`),
  'a response that failed': inStream((echoed) =>
    event({ type: 'response.failed', response: { error: { code: KEY, message: echoed } } }),
  ),
  'an event that is no JSON': inStream((_, line) => `data: {"echo": "${line}\n\n`),
  'an event that is no object': inStream((echoed) => event(JSON.stringify(echoed))),
  'an event with an impossible choice': inStream((echoed) => event({ choices: [{ index: echoed }] })),
  'the id of the last event': truncatedBy((line) => `id: ${line}\n${delta('one ')}`),
  'the name of the last event': truncatedBy((line) => `event: ${line}\n${delta('one ')}`),
  'the beginning of an event that is cut': truncatedBy((line) => `data: {"echo": "${line}`),
  'JSON where a stream was asked for': send((echoed) => response(200, 'application/json', JSON.stringify({ echoed }))),
  'an API error where a stream was asked for': send((echoed) =>
    response(200, 'application/json', JSON.stringify({ error: { message: echoed, code: KEY } })),
  ),
  'a page where a stream was asked for': send((echoed) => response(200, 'text/html', `<p>${echoed}</p>`)),
  'the framing of the body': send((echoed) => `${STREAM_HEAD}${echoed}\r\n`),
  'a coded body that is not of its coding': send(
    (echoed) => STREAM_HEAD.replace('\r\n\r\n', '\r\ncontent-encoding: gzip\r\n\r\n') + httpChunk(echoed),
  ),
};

describeWire('what an error shows', (wire) => {
  const errorOf = async (script: WireScript, options: ClientOptions = {}): Promise<APIError> => {
    const client = await wire.start(script, { ...CLIENT, ...options });
    const { error, endCount } = await record(client.chat.completions.stream(params));
    expect(error).toBeInstanceOf(APIError);
    expect(endCount).toBe(1);
    return error as APIError;
  };

  it('is looked through for secrets that the server got', async () => {
    await errorOf(status(400, () => ({})));
    const [{ headers, path, body }] = wire.server.requests as [WireRequest];
    expect(headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'api-key': API_KEY, 'x-session-token': TOKEN });
    expect(new URLSearchParams(path.split('?')[1]).get('signature')).toBe(SIGNATURE);
    expect(JSON.parse(body)).toMatchObject(params);
    for (const secret of [KEY, API_KEY, TOKEN, SUBSCRIPTION, SIGNATURE, PROMPT])
      expect(leaksIn(`... ${secret} ...`)).not.toEqual([]);
  });

  it.each(Object.entries(ECHOES))('is no secret that the server echoes in %s', async (_, script) => {
    const error = await errorOf(script);
    for (const view of viewsOf(error)) expect(leaksIn(view)).toEqual([]);
  });

  it('is no secret after a retry', async () => {
    const seen: unknown[] = [];
    const error = await errorOf(
      status(503, (echoed) => ({ error: { message: echoed } })),
      {
        retry: { maxRetries: 1, initialDelayMs: 1, onRetry: (notice) => seen.push(notice.error) },
      },
    );
    for (const view of [error, ...seen].flatMap(viewsOf)) expect(leaksIn(view)).toEqual([]);
    expect(seen).toHaveLength(1);
  });

  it('is no part of a secret where a message is cut', async () => {
    for (let cut = 1; cut < KEY.length; cut += 4) {
      for (const limit of [1024, 1000, 1024 - 'HTTP 400: '.length]) {
        const text = `${'-'.repeat(limit - cut)}${KEY} ${'-'.repeat(2_000)}`;
        const words = response(400, 'text/plain', text);
        const message = response(400, 'application/json', JSON.stringify({ error: { message: text } }));
        for (const bytes of [words, message]) {
          for (const view of viewsOf(await errorOf(send(() => bytes)))) expect(leaksIn(view)).toEqual([]);
        }
        await wire.stop();
        wire.watch();
      }
    }
  });

  it('is no secret where the connection cannot be made', async () => {
    const client = await wire.start(() => undefined, CLIENT);
    await wire.server.close();
    const { error } = await record(client.chat.completions.stream(params));
    for (const view of viewsOf(error)) expect(leaksIn(view)).toEqual([]);
  });

  it('is no secret at a limit or a signal', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD), { ...CLIENT, timeouts: { idleMs: 20 } });
    const late = await record(client.chat.completions.stream(params));
    const aborted = await record(client.chat.completions.stream(params, { signal: AbortSignal.abort() }));
    for (const { error } of [late, aborted]) {
      for (const view of viewsOf(error)) expect(leaksIn(view)).toEqual([]);
    }
  });

  it('is what else the server says', async () => {
    const error = await errorOf(
      status(400, (echoed) => ({ error: { message: `No such model: m (${echoed})`, code: 'nope' } })),
    );
    expect(error).toMatchObject({ code: 'nope', requestId: 'req_1', status: 400 });
    expect(error.message).toMatch(/^No such model: m \(/);
  });
});
