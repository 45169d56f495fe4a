import type { Fault, Outcome } from './Fault';
import { FaultServer, STALL, type Play } from './FaultServer';
import { KEY, PROMPT, type Demand, type Observation, type Residue } from './observe';
import { WHOLE } from './bytes';

/** What makes the requests, in this process or in another. */
export interface Driver {
  request(demand: Demand): Promise<Observation>;
  residue(): Promise<Residue>;
}

export type TransportName = 'undici' | 'fetch';

/** An error closes its connection at once, in milliseconds. */
const MAX_CLOSE_MS = 200;
/** After the end of a stream its body has a quarter of a second to end too. */
const MAX_GRACE_MS = 500;

const CLASSES = {
  connection: 'APIConnectionError',
  timeout: 'APIConnectionTimeoutError',
  truncated: 'StreamTruncatedError',
  status: 'APIStatusError',
  stream: 'APIStreamError',
  malformed: 'MalformedStreamError',
  abort: 'APIUserAbortError',
};

/** Of the other kinds the server has a say in it. */
const RETRYABLE: Record<string, boolean> = { connection: true, timeout: true, truncated: true, malformed: false };

/** How a stream is to end through a transport. */
export function outcomeOf(fault: Fault, transport: TransportName): Outcome {
  return (transport === 'fetch' ? fault.throughFetch : undefined) ?? fault.expect;
}

/** Says it in a few words. */
export function describeOutcome({ kind, phase, reason, status }: Outcome): string {
  return kind === 'complete' ? 'is complete' : `ends in ${[kind, phase ?? reason ?? status].filter(Boolean).join('/')}`;
}

/** Plays a fault, and expects of it all that holds for every end of a stream. */
export async function playFault(fault: Fault, transport: TransportName, driver: Driver): Promise<void> {
  const { endpoint = 'chat', options = {}, promptTimes, afterIdleMs } = fault;
  const outcome = outcomeOf(fault, transport);
  const elsewhere = await FaultServer.start({ answers: [[STALL]] });
  const server = await FaultServer.start(completePlay(fault, outcome), elsewhere.origin);
  try {
    const ask = (demand: Partial<Demand> = {}) =>
      driver.request({ origin: server.origin, endpoint, options, promptTimes, ...demand });
    if (afterIdleMs !== undefined) {
      expect(await ask({ endpoint: 'chat', options: {} })).toMatchObject({ end: 'complete', text: 'whole' });
      await new Promise((resolve) => setTimeout(resolve, afterIdleMs));
    }
    expectOutcome(outcome, await ask());
    const { requests } = server;
    expect(requests.length).toBe(requestCountOf(fault) ?? requests.length);
    // What an error does not show was sent.
    for (const { headers, body } of requests) {
      expect(headers.authorization).toBe(`Bearer ${KEY}`);
      expect(body).toContain(PROMPT);
    }
    if (outcome.connection === 'kept') await expectKept(server, ask);
    else expect(await server.closed()).toBeLessThan(outcome.kind === 'complete' ? MAX_GRACE_MS : MAX_CLOSE_MS);
    expect(elsewhere.connectionCount).toBe(0);
  } finally {
    await Promise.all([server.close(), elsewhere.close()]);
  }
}

/** With a whole answer behind it, where its connection is to serve the next request. */
function completePlay({ play }: Fault, { connection }: Outcome): Play {
  const complete: Play = Array.isArray(play) ? { answers: [play] } : play;
  const { answers } = complete;
  return answers && connection === 'kept' ? { ...complete, answers: [...answers, [WHOLE]] } : complete;
}

/** How many requests come in all: nothing is sent again. Unknown where the server does not wait for one. */
function requestCountOf({ play, afterIdleMs }: Fault): number | undefined {
  if (!Array.isArray(play)) {
    if (play.isRefused || play.isAskedForTLS) return 0;
    if (play.atOnce) return undefined;
  }
  return afterIdleMs === undefined ? 1 : 2;
}

/** Another request comes over the same connection. */
async function expectKept(server: FaultServer, ask: (demand: Partial<Demand>) => Promise<Observation>): Promise<void> {
  await server.played();
  // The pool takes a connection back once the client has read the end of the body, also on a busy machine.
  await new Promise((resolve) => setTimeout(resolve, 25));
  const { connectionCount, requests } = server;
  const count = requests.length;
  const next = await ask({ endpoint: 'chat', options: {} });
  expect({ end: next.end, error: next.error }).toEqual({ end: 'complete', error: {} });
  expect(server.connectionCount).toBe(connectionCount);
  expect(requests).toHaveLength(count + 1);
}

function expectOutcome(outcome: Outcome, observation: Observation): void {
  const { kind, text = '', chunks, messageHas, messageLacks, retryAfterMs, connection, duration, ...fields } = outcome;
  const { end, error, className, leaks, chunkCount, durationMs, endedAt } = observation;
  const isWhole = kind === 'complete';
  expect({ end, kind: error.kind, ...(!isWhole && pick(error, fields)), text: observation.text }).toEqual({
    end: isWhole ? 'complete' : 'error',
    kind: isWhole ? undefined : kind,
    ...fields,
    text,
  });
  if (!isWhole) expect(className).toBe(CLASSES[kind]);
  if (kind in RETRYABLE) expect(error.retryable).toBe(RETRYABLE[kind]);
  expect(leaks).toEqual([]);
  if (chunks !== undefined) expect(chunkCount).toBe(chunks);
  if (kind === 'truncated') expect(error.chunkCount).toBe(chunkCount);
  if (messageHas !== undefined) expect(error.message).toContain(messageHas);
  if (messageLacks !== undefined) expect(error.message).not.toContain(messageLacks);
  if (duration) {
    expect(durationMs).toBeGreaterThan(duration[0]);
    expect(durationMs).toBeLessThan(duration[1]);
  }
  if (retryAfterMs === 'none') expect(error).not.toHaveProperty('retryAfterMs');
  else if (typeof retryAfterMs === 'object') {
    const wait = Date.parse(retryAfterMs.until) - endedAt;
    expect(Math.abs(Number(error.retryAfterMs) - wait)).toBeLessThan(2_000);
  } else if (retryAfterMs !== undefined) expect(error.retryAfterMs).toBe(retryAfterMs);
}

/** The same fields of the error; of objects those that are asked for. */
function pick(error: Record<string, unknown>, fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, wanted]) => {
      const value = error[name];
      const isDeep = Object(wanted) === wanted && Object(value) === value;
      return [name, isDeep ? pick(value as Record<string, unknown>, wanted as object) : value];
    }),
  );
}
