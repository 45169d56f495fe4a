import type { Socket } from 'node:net';
import { APIError, contentDeltas, createClient, isAPIError, type RequestOptions } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record, type Recording } from '../support/record';
import { delta, event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from '../support/wire';
import { WireServer } from '../support/WireServer';

const REQUEST_ID = 'x-request-id: req_1\r\n';
const CLOSE_DELIMITED_HEAD = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${REQUEST_ID}\r\n`;
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

const json = (status: number, body: unknown, headers = '') =>
  response(status, 'application/json; charset=utf-8', JSON.stringify(body), REQUEST_ID + headers);

/** Sends bytes, and after them whatever ends them, as soon as they have left. */
const sending =
  (bytes: string, then: (socket: Socket) => unknown = () => undefined) =>
  (socket: Socket) =>
    socket.write(bytes, () => setTimeout(then, 20, socket));
const reset = (socket: Socket) => socket.resetAndDestroy();
const end = (socket: Socket) => socket.end();

/** Two good events, then the given one; the body stays open. */
const midStream = (text: string) => sending(STREAM_HEAD + httpChunk(delta('one ') + delta('two') + text));

interface Failure {
  send: (socket: Socket) => unknown;
  /** What the error is; `name` is that of its class. */
  error: { name: string; kind: string; retryable: boolean } & Record<string, unknown>;
  /** What it is through Node's own fetch, where that differs. */
  throughFetch?: Failure['error'];
  /** The pieces of text before it. Default none. */
  texts?: string[];
  /** Whether a head had come, so that the error knows the request id. Default true. */
  hasHead?: boolean;
  /** A body that has ended leaves its connection to the next request. Default false. */
  isKept?: boolean;
  options?: RequestOptions;
}

const connection = (phase: string) => ({ name: 'APIConnectionError', kind: 'connection', phase, retryable: true });
const truncated = (chunkCount: number) => ({
  ...{ name: 'StreamTruncatedError', kind: 'truncated', phase: 'body', retryable: true },
  chunkCount,
});
const malformed = (reason: string) => ({ name: 'MalformedStreamError', kind: 'malformed', reason, retryable: false });
const stream = (fields: object, retryable = false) => ({
  ...{ name: 'APIStreamError', kind: 'stream', retryable },
  ...fields,
});
const status = (fields: object, retryable: boolean) => ({
  ...{ name: 'APIStatusError', kind: 'status', retryable },
  ...fields,
});

const texts = ['one ', 'two'];
const apiError = { message: 'Something broke', type: 'server_error', code: 'oops', param: 'model' };
const TWO = delta('one ') + delta('two');

const FAILURES: Record<string, Failure> = {
  // ── the body ends badly
  'a body that is cut, in good order': {
    ...{ send: sending(STREAM_HEAD + httpChunk(TWO) + LAST_CHUNK), error: truncated(2), texts, isKept: true },
  },
  'a body that is cut, which ends with its connection': {
    ...{ send: sending(CLOSE_DELIMITED_HEAD + TWO, end), error: truncated(2), texts },
  },
  'a body without its last chunk': {
    ...{ send: sending(STREAM_HEAD + httpChunk(TWO), end), error: connection('body'), texts },
  },
  'a body without its last chunk, on a connection that is to be closed': {
    send: sending(STREAM_HEAD.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n') + httpChunk(TWO), end),
    ...{ error: connection('body'), texts },
    // Node's own fetch takes any end of such a connection for the end of the body.
    throughFetch: truncated(2),
  },
  'a body that stops inside an HTTP chunk': {
    ...{ send: sending(STREAM_HEAD + `ffff\r\n${TWO}`, end), error: connection('body'), texts },
  },
  'a body shorter than its content-length': {
    send: sending(CLOSE_DELIMITED_HEAD.replace('\r\n\r\n', '\r\ncontent-length: 9999\r\n\r\n') + TWO, end),
    ...{ error: connection('body'), texts },
  },
  'a reset in the body': {
    ...{ send: sending(STREAM_HEAD + httpChunk(TWO), reset), error: connection('body'), texts },
  },
  'a reset in a body that ends with its connection': {
    ...{ send: sending(CLOSE_DELIMITED_HEAD + TWO, reset), error: connection('body'), texts },
    // Node's own fetch takes the reset for the end of the body.
    throughFetch: truncated(2),
  },
  'a reset behind the last finish reason': {
    send: sending(STREAM_HEAD + httpChunk(delta('one ') + delta('two', 'stop')), reset),
    ...{ error: connection('body'), texts },
  },
  'chunked framing that is broken': {
    ...{ send: sending(STREAM_HEAD + httpChunk(TWO) + 'no chunk\r\n'), error: malformed('protocol'), texts },
  },

  // ── what the body says
  'an event that is no JSON': { send: midStream('data: {"choices":[\n\n'), error: malformed('json'), texts },
  'an event that is no object': { send: midStream('data: [1]\n\n'), error: malformed('json'), texts },
  'an event with an impossible choice': {
    ...{ send: midStream(event({ choices: [{ index: -1 }] })), error: malformed('json'), texts },
  },
  'an event over the limit': {
    ...{ send: midStream(event({ padding: 'x'.repeat(600) })), error: malformed('event-too-large'), texts },
    options: { maxEventBytes: 500 },
  },
  'an error under "error"': { send: midStream(event({ error: apiError })), error: stream(apiError), texts },
  'an error as a string': {
    ...{ send: midStream(event({ error: 'Out of luck' })), error: stream({ message: 'Out of luck' }), texts },
  },
  'an error with type "error"': {
    send: midStream(event({ ...apiError, type: 'error' })),
    ...{ error: stream({ message: 'Something broke', code: 'oops', param: 'model' }), texts },
  },
  'an error with object "error"': {
    ...{ send: midStream(event({ object: 'error', ...apiError })), error: stream(apiError), texts },
  },
  'an error by its event line, flat': {
    ...{ send: midStream(`event: error\n${event(apiError)}`), error: stream(apiError), texts },
  },
  'an error by its event line, nested': {
    ...{ send: midStream(`event: error\n${event({ error: apiError })}`), error: stream(apiError), texts },
  },
  'an error by its event line, in plain words': {
    ...{ send: midStream('event: error\ndata: Out of luck\n\n'), error: stream({ message: 'Out of luck' }), texts },
  },
  'an error in an overload': {
    send: midStream(event({ error: { message: 'Busy', type: 'overloaded_error' } })),
    ...{ error: stream({ message: 'Busy' }, true), texts },
  },
  'an error of an empty purse': {
    send: midStream(event({ error: { message: 'Pay', type: 'insufficient_quota', code: 429 } })),
    ...{ error: stream({ message: 'Pay', code: 429 }), texts },
  },

  // ── what the head says of the body
  'a page': {
    ...{ send: sending(response(200, 'text/html', '<p>Sign in</p>', REQUEST_ID)), isKept: true },
    error: malformed('content-type'),
  },
  'a page that never ends': {
    send: sending(STREAM_HEAD.replace('event-stream', 'html') + httpChunk('<p>'.repeat(50_000))),
    error: malformed('content-type'),
  },
  'JSON with an API error': { send: sending(json(200, { error: apiError })), error: stream(apiError), isKept: true },
  'JSON without an API error': {
    ...{ send: sending(json(200, { id: 'chatcmpl-1', choices: [] })), isKept: true },
    error: malformed('content-type'),
  },
  'JSON that breaks off': {
    send: sending(STREAM_HEAD.replace('text/event-stream', 'application/json') + httpChunk('{"error":'), reset),
    error: malformed('content-type'),
  },
  'the status 204': {
    ...{ send: sending(`HTTP/1.1 204 No Content\r\n${REQUEST_ID}\r\n`), isKept: true },
    error: malformed('protocol'),
  },

  // ── a status
  'the status 401': {
    ...{ send: sending(json(401, { error: apiError })), isKept: true },
    error: status({ status: 401, ...apiError }, false),
  },
  'the status 404, flat': {
    ...{ send: sending(json(404, { detail: 'No such model' })), isKept: true },
    error: status({ status: 404, message: 'No such model' }, false),
  },
  'the status 400 with an array of one': {
    ...{ send: sending(json(400, [{ error: apiError }])), isKept: true },
    error: status({ status: 400, ...apiError }, false),
  },
  'the status 429 with a time': {
    ...{ send: sending(json(429, { error: 'Slow down' }, 'retry-after: 7\r\n')), isKept: true },
    error: status({ status: 429, message: 'Slow down', retryAfterMs: 7_000 }, true),
  },
  'the status 500 with a page': {
    ...{ send: sending(response(500, 'text/html', '<h1>Sorry</h1>', REQUEST_ID)), isKept: true },
    error: status({ status: 500, message: expect.not.stringContaining('<') }, true),
  },
  'the status 503 with nothing': {
    ...{ send: sending(response(503, '', '', REQUEST_ID)), isKept: true },
    error: status({ status: 503 }, true),
  },
  'the status 500 with a body without end': {
    send: sending(STREAM_HEAD.replace('200 OK', '500 X') + httpChunk('x'.repeat(100_000))),
    error: status({ status: 500, message: expect.stringMatching(/^[^x]*500[^x]*x{1,1024}$/) }, true),
  },
  'the status 502 with a body that breaks': {
    send: sending(STREAM_HEAD.replace('200 OK', '502 X') + httpChunk('{"error":{"mess'), reset),
    error: status({ status: 502, message: expect.stringContaining('{"error":{"mess') }, true),
  },
  'the status 400 in an event stream': {
    send: sending(STREAM_HEAD.replace('200 OK', '400 X') + httpChunk('No such thing') + LAST_CHUNK),
    ...{ error: status({ status: 400, message: expect.stringContaining('No such thing') }, false), isKept: true },
  },

  // ── before the head
  'a reset before the head': { send: reset, error: connection('head'), hasHead: false },
  'an end before the head': { send: end, error: connection('head'), hasHead: false },
  'a reset in the head': { send: sending(STREAM_HEAD.slice(0, 40), reset), error: connection('head'), hasHead: false },
  'an end in the head': { send: sending(STREAM_HEAD.slice(0, 40), end), error: connection('head'), hasHead: false },
  'an answer that is not HTTP': {
    ...{ send: sending('SSH-2.0-OpenSSH_9.6\r\n'), error: malformed('protocol'), hasHead: false },
  },
  'a head that is too large': {
    send: sending(`HTTP/1.1 200 OK\r\nx-padding: ${'x'.repeat(100_000)}\r\n\r\n`),
    ...{ error: malformed('protocol'), hasHead: false },
  },
};

describeWire('an error', (wire) => {
  /** The texts of a stream, and its error, of which there is one, and nothing else. */
  const read = async ({ send, options }: Pick<Failure, 'send' | 'options'>) => {
    const client = await wire.start(({ socket }) => send(socket));
    return record(client.chat.completions.stream(params, options).pipe(contentDeltas()));
  };
  const errorOf = ({ error, isComplete, endCount }: Recording<unknown>) => {
    expect({ isComplete, endCount }).toEqual({ isComplete: false, endCount: 1 });
    expect(error).toBeInstanceOf(APIError);
    expect(isAPIError(error)).toBe(true);
    return error as APIError & Record<string, unknown>;
  };

  it.each(Object.entries(FAILURES))('is made of %s', async (_, failure) => {
    const { hasHead = true, isKept = false } = failure;
    const expected = (wire.name === 'fetch' ? failure.throughFetch : undefined) ?? failure.error;
    const recording = await read(failure);
    if (!isKept) expect(await wire.server.allClosed()).toBeLessThan(100);
    await turn();
    const error = errorOf(recording);
    expect(error).toMatchObject(expected);
    expect(error.constructor.name).toBe(expected.name);
    expect(error.requestId).toBe(hasHead ? 'req_1' : undefined);
    expect(recording.values).toEqual(failure.texts ?? []);
    expect(wire.server.requests).toHaveLength(1);
  });

  it('is made of response.failed, which is emitted first', async () => {
    const failed = { type: 'response.failed', response: { error: { code: 'server_error', message: 'Sorry' } } };
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(event(failed))));
    const recording = await record(client.responses.stream({ model: 'm', input: '' }));
    expect(await wire.server.allClosed()).toBeLessThan(50);
    expect(recording.values).toEqual([failed]);
    expect(errorOf(recording)).toMatchObject(stream({ message: 'Sorry', code: 'server_error', requestId: 'req_1' }));
  });

  it('is made of a connection that is refused', async () => {
    await wire.start(() => undefined);
    const { url } = wire.server;
    await wire.server.close();
    const recording = await record(
      createClient({ baseURL: url, transport: wire.transport }).chat.completions.stream(params),
    );
    expect(errorOf(recording)).toMatchObject(connection('connect'));
    expect(errorOf(recording).cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is made of a name that does not resolve', async () => {
    const client = createClient({ baseURL: 'http://no-such-host.invalid/v1', transport: wire.transport });
    expect(errorOf(await record(client.chat.completions.stream(params)))).toMatchObject(connection('connect'));
  });

  it.each([301, 302, 303, 307, 308])('is made of the redirect %d, which is not followed', async (code) => {
    const other = await WireServer.start(() => undefined);
    const location = `${other.url}/elsewhere`;
    const recording = await read({
      send: sending(response(code, 'text/plain', 'over there', `${REQUEST_ID}location: ${location}?token=abc\r\n`)),
    });
    await turn(20);
    expect(other.connectionCount).toBe(0);
    await other.close();
    const error = errorOf(recording);
    expect(error).toMatchObject(status({ status: code, requestId: 'req_1' }, false));
    // It says where the server pointed, without what may be a secret there.
    expect(error.message).toContain(location);
    expect(error.message).not.toContain('abc');
    expect(wire.server.requests).toHaveLength(1);
  });

  it('is made of the redirect to another path of the same server, which is not followed either', async () => {
    const recording = await read({ send: sending(response(307, '', '', 'location: /v2/chat\r\n')) });
    await turn(20);
    expect(errorOf(recording)).toMatchObject({ status: 307 });
    expect(wire.server.requests).toHaveLength(1);
  });

  it('is not made of heads of 100 to 199, which are skipped', async () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nx-request-id: req_0\r\n\r\n';
    const answered = STREAM_HEAD + httpChunk(delta('one', 'stop')) + LAST_CHUNK;
    const recording = await read({ send: sending(interim + interim + answered) });
    expect(recording).toMatchObject({ values: ['one'], isComplete: true, endCount: 1 });
  });

  it('is not made of a body without a content type', async () => {
    const body = delta('one', 'stop');
    const recording = await read({ send: sending(response(200, '', body)) });
    expect(recording).toMatchObject({ values: ['one'], isComplete: true, endCount: 1 });
  });

  it('carries the last retry: of the stream', async () => {
    const recording = await read({ send: sending(STREAM_HEAD + httpChunk(`retry: 1234\n\n${TWO}`), reset) });
    expect(errorOf(recording)).toMatchObject({ phase: 'body', retryAfterMs: 1_234 });
  });
});
