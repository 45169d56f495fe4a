import type { ClientOptions, RetryNotice, RetryWithBackoffOptions } from 'rxdelta';
import { describeWire, params } from '../support/describeWire';
import { record } from '../support/record';
import { delta, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from '../support/wire';
import type { WireExchange, WireScript } from '../support/WireServer';

/** Answers with one script after the other; the last one serves all that follow. */
function inTurn(...scripts: WireScript[]): WireScript {
  return (exchange) => scripts[Math.min(exchange.index, scripts.length - 1)]?.(exchange);
}

const refuse =
  (status: number, headers = '', body = '{"error":{"message":"no"}}') =>
  ({ socket }: WireExchange) =>
    socket.write(response(status, 'application/json', body, headers));
const succeed = ({ socket }: WireExchange) => {
  sendAnswer(socket, 'Hello');
};
const reset = ({ socket }: WireExchange) => socket.resetAndDestroy();
const retry: RetryWithBackoffOptions = { initialDelayMs: 8, random: () => 1 };

describeWire('a retry', (wire) => {
  /** What came of a chat, and what was told before each wait. */
  async function chat(script: WireScript, options: RetryWithBackoffOptions = {}, client: ClientOptions = {}) {
    const notices: RetryNotice[] = [];
    const onRetry = (notice: RetryNotice) => notices.push(notice);
    const { chat: chats } = await wire.start(script, { ...client, retry: { ...retry, onRetry, ...options } });
    const recording = await record(chats.completions.stream(params));
    return { ...recording, waits: notices.map(({ delayMs }) => delayMs), requests: wire.server.requests };
  }

  it('waits by the backoff, less a quarter at most', async () => {
    const { isComplete, waits, requests } = await chat(inTurn(reset, refuse(503), succeed));
    expect(isComplete).toBe(true);
    expect(waits).toEqual([6, 12]);
    expect(requests).toHaveLength(3);
  });

  it('waits no longer than the longest wait', async () => {
    const { waits } = await chat(inTurn(reset, reset, reset, succeed), { maxRetries: 3, maxDelayMs: 10, jitter: 0 });
    expect(waits).toEqual([8, 10, 10]);
  });

  it.each([
    ['retry-after-ms: 17', 17],
    ['retry-after: 0.02', 20],
    ['retry-after-ms: soon\r\nretry-after: soon', 6],
    ['retry-after: -1', 6],
  ])('follows the server: %s', async (headers, delayMs) => {
    const startMs = performance.now();
    const { isComplete, waits } = await chat(inTurn(refuse(429, `${headers}\r\n`), succeed));
    expect(isComplete).toBe(true);
    expect(waits).toEqual([delayMs]);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(delayMs - 1);
  });

  it('delivers the error at once where the server asks for too long a wait', async () => {
    const { error, waits, requests } = await chat(refuse(429, 'retry-after: 61\r\n'));
    expect(error).toMatchObject({ kind: 'status', status: 429, retryAfterMs: 61_000, attempts: 1 });
    expect([waits, requests.length]).toEqual([[], 1]);
  });

  it('waits at least as long as the stream said before it broke', async () => {
    const script = ({ socket }: WireExchange) => {
      socket.end(`${STREAM_HEAD}${httpChunk('retry: 31\n\n')}${LAST_CHUNK}`);
    };
    const { isComplete, waits } = await chat(inTurn(script, succeed));
    expect(isComplete).toBe(true);
    expect(waits).toEqual([31]);
  });

  it.each([
    ['x-should-retry: false', 503, 1],
    ['x-should-retry: true', 400, 2],
    ['x-other: 1', 400, 1],
    ['x-other: 1', 408, 2],
    ['x-other: 1', 409, 2],
  ])('lets the header decide: %s with %i', async (header, status, count) => {
    const { requests } = await chat(inTurn(refuse(status, `${header}\r\n`), succeed));
    expect(requests).toHaveLength(count);
  });

  it('is none where the quota is used up', async () => {
    const body = '{"error":{"message":"pay","code":"insufficient_quota","type":"insufficient_quota"}}';
    const { error, requests } = await chat(refuse(429, '', body));
    expect(error).toMatchObject({ kind: 'status', code: 'insufficient_quota', retryable: false, attempts: 1 });
    expect(requests).toHaveLength(1);
  });

  it('delivers the last error, which knows the count', async () => {
    const { error, requests } = await chat(inTurn(refuse(500), refuse(502), refuse(503)));
    expect(error).toMatchObject({ kind: 'status', status: 503, attempts: 3 });
    expect(requests).toHaveLength(3);
  });

  it('asks for the key at each attempt', async () => {
    const keys = ['sk-1', 'sk-2'];
    const { requests } = await chat(inTurn(refuse(500), succeed), {}, { apiKey: () => keys.shift()! });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-1', 'Bearer sk-2']);
  });

  it('makes no request after the first chunk, unless told to start again', async () => {
    const cut = ({ socket }: WireExchange) => {
      socket.write(STREAM_HEAD + httpChunk(delta('Hel')));
      setTimeout(() => socket.destroy(), 20);
    };
    const failed = await chat(inTurn(cut, succeed));
    expect(failed.values).toHaveLength(1);
    expect(failed.error).toMatchObject({ kind: 'connection', phase: 'body', attempts: 1 });
    expect(failed.requests).toHaveLength(1);

    const restarted = await chat(inTurn(cut, succeed), { afterFirstChunk: 'restart' });
    expect(restarted.isComplete).toBe(true);
    expect(restarted.values).toHaveLength(3);
    expect(restarted.requests).toHaveLength(2);
  });

  it('has one connection open at a time', async () => {
    let mostOpen = 0;
    const count = (script: WireScript) => (exchange: WireExchange) => {
      const answering = wire.server.requestSockets.filter((socket) => !socket.closed && socket.writable);
      mostOpen = Math.max(mostOpen, new Set(answering).size);
      return script(exchange);
    };
    const hang = ({ socket }: WireExchange) => socket.write(STREAM_HEAD);
    const { isComplete } = await chat(
      inTurn(count(hang), count(hang), count(succeed)),
      {},
      { timeouts: { idleMs: 30 } },
    );
    expect(isComplete).toBe(true);
    expect(mostOpen).toBe(1);
  });

  it('makes no request once it is unsubscribed in the wait', async () => {
    const client = await wire.start(inTurn(refuse(500), succeed), { retry: { initialDelayMs: 60, jitter: 0 } });
    const heard: unknown[] = [];
    const hear = (value?: unknown) => heard.push(value);
    const subscription = client.chat.completions.stream(params).subscribe({ next: hear, error: hear, complete: hear });
    await wire.server.until(() => wire.server.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(wire.server.requests).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  it('tries again where nobody listens', async () => {
    const client = await wire.start(succeed);
    await wire.server.close();
    const notices: RetryNotice[] = [];
    const onRetry = (notice: RetryNotice) => notices.push(notice);
    const request = { retry: { ...retry, onRetry } };
    const { error } = await record(client.chat.completions.stream(params, request));
    expect(error).toMatchObject({ kind: 'connection', phase: 'connect', attempts: 3 });
    expect(notices.map(({ retryIndex }) => retryIndex)).toEqual([0, 1]);
  });
});
