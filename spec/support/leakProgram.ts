// A program that makes very many requests, ends them in every way there is, and says what is left of them:
// tsx spec/support/leakProgram.ts <undici | fetch | bare> <url> <refusing url> <count> <concurrency>
import { getEventListeners, setMaxListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { firstValueFrom, type Observable } from 'rxjs';
import {
  createClient,
  fetchTransport,
  FlowGate,
  undiciTransport,
  type ClientOptions,
  type RequestOptions,
} from 'rxdelta';

/** What is left at one time, printed as one line of JSON. */
export interface Remains {
  /** How many requests were made so far. */
  count: number;
  /** What Node says is still under way, by name: sockets and timers above all. */
  resources: Record<string, number>;
  /** Listeners on the signal that all requests share. */
  listenerCount: number;
  /** Whether anybody still watches the gate that all requests share. */
  isGateWatched: boolean;
  /** The heap and what is outside of it, after all garbage was collected, in bytes. */
  heldBytes: number;
  /** How often each way came to each end. */
  ends: Record<string, number>;
  /** What was said after an end, and how often. */
  afterwards: Record<string, number>;
  /** What requests left on signals and gates of their own, and how often. */
  leftovers: Record<string, number>;
}

/** A pool keeps an idle connection for 4 seconds, and looks once in a second. What is open after this is left over. */
const IDLE_MS = 6_000;

const [transportName, baseURL = '', refusingURL = '', total = '0', concurrency = '1'] = process.argv.slice(2);
const transport = transportName === 'fetch' ? fetchTransport() : undiciTransport();
const shared = { signal: new AbortController().signal, gate: new FlowGate() };
setMaxListeners(0, shared.signal);
const ends: Record<string, number> = {};
const afterwards: Record<string, number> = {};
const leftovers: Record<string, number> = {};
let madeCount = 0;

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

/** A request that the server answers in the given way. */
function open(answer: string, options: RequestOptions = {}, client: ClientOptions = {}) {
  const headers = { 'x-answer': answer, 'x-number': `${madeCount++}` };
  const { completions } = createClient({ baseURL, transport, ...client }).chat;
  return completions.stream({ model: 'm', messages: [] }, { headers, ...shared, ...options });
}

/** One subscription. */
class Visit {
  readonly ended: Promise<string>;
  readonly leave: () => void;

  /** @param onNext - told how many values have come */
  constructor(source: Observable<unknown>, onNext: (valueCount: number, visit: Visit) => void = () => undefined) {
    let end: string | undefined;
    let valueCount = 0;
    let resolve: (end: string) => void;
    this.ended = new Promise((settle) => (resolve = settle));
    const finish = (how: string) => {
      if (end) count(afterwards, `${how} after ${end}`);
      end ??= how;
      resolve(end);
    };
    const subscription = source.subscribe({
      next: () => {
        if (end) count(afterwards, `next after ${end}`);
        onNext(++valueCount, this);
      },
      error: (error: unknown) => {
        finish(nameOf(error));
      },
      complete: () => {
        finish('complete');
      },
    });
    this.leave = () => {
      subscription.unsubscribe();
      finish('unsubscribed');
    };
  }
}

function nameOf(error: unknown): string {
  const { name, phase } = error as { name: string; phase?: string };
  return [name, phase].filter(Boolean).join(' ');
}

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads to the end. */
const end = (source: Observable<unknown>) => new Visit(source).ended;

/** Unsubscribes after some time. */
async function leaveAfter(ms: number, source: Observable<unknown>): Promise<string> {
  const visit = new Visit(source);
  await turn(ms);
  visit.leave();
  return visit.ended;
}

/** Runs with a signal of its own, of which the request must let go. */
async function withSignal(
  visit: (signal: AbortSignal, abort: () => void) => Observable<unknown>,
  onNext?: (abort: () => void) => void,
): Promise<string> {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  const how = await new Visit(visit(controller.signal, abort), () => onNext?.(abort)).ended;
  if (getEventListeners(controller.signal, 'abort').length > 0) count(leftovers, 'a listener on its own signal');
  return how;
}

/** Runs with a gate of its own, held from the start, of which the request must let go. */
async function withGate(visit: (gate: FlowGate, release: () => void) => Promise<string>): Promise<string> {
  const gate = new FlowGate();
  const how = await visit(gate, gate.hold());
  if (gate.changes.observed) count(leftovers, 'an observer of its own gate');
  return how;
}

const never = { initialDelayMs: 60_000, maxDelayMs: 60_000 };
const soon = { initialDelayMs: 1 };

const ways: Record<string, () => Promise<string>> = {
  'read to its end': () => end(open('whole')),
  'read to its end, of a body that stays open': () => end(open('kept')),
  'read as events': () => end(open('whole').events()),
  'left in the same tick': async () => {
    const visit = new Visit(open('whole'));
    visit.leave();
    return visit.ended;
  },
  'left while the key is asked for': () => leaveAfter(0, open('whole', {}, { apiKey: () => new Promise(() => {}) })),
  'left while the socket opens': async () => {
    const visit = new Visit(open('whole'));
    await Promise.resolve();
    process.nextTick(visit.leave);
    return visit.ended;
  },
  'left before the head': () => leaveAfter(5, open('silence')),
  'left between chunks': () =>
    new Visit(open('more'), (valueCount, visit) => {
      if (valueCount === 2) visit.leave();
    }).ended,
  'left in silence': () =>
    new Visit(open('quiet'), (_, visit) => {
      setTimeout(visit.leave, 2);
    }).ended,
  'left with its head': async () => `status ${(await firstValueFrom(open('more').withResponse())).response.status}`,
  'broken off in for await': async () => {
    for await (const chunk of open('more')) if (chunk) break;
    return 'broken off';
  },
  'thrown out of in for await': async () => {
    try {
      for await (const chunk of open('more')) if (chunk) throw new Error('thrown');
    } catch (error) {
      return (error as Error).message;
    }
    return 'read';
  },
  'held, and left': () =>
    withGate((gate) => {
      const onResponse = () => setTimeout(() => visit.leave(), 5);
      const visit = new Visit(open('more', { gate, onResponse }));
      return visit.ended;
    }),
  'held for a moment': () =>
    withGate(async (gate, release) => {
      const visit = new Visit(open('whole', { gate }));
      await turn(5);
      release();
      return visit.ended;
    }),
  'aborted before': () =>
    withSignal((signal, abort) => {
      abort();
      return open('whole', { signal });
    }),
  'aborted before the head': () =>
    withSignal((signal, abort) => {
      setTimeout(abort, 3);
      return open('silence', { signal });
    }),
  'aborted in the body': () =>
    withSignal(
      (signal) => open('quiet', { signal }),
      (abort) => {
        abort();
      },
    ),
  'never aborted': () => withSignal((signal) => open('whole', { signal })),
  'aborted in the wait for a retry': () =>
    withSignal((signal, abort) => open('busy', { signal, retry: { ...never, onRetry: () => setTimeout(abort, 1) } })),
  'left in the wait for a retry': () => {
    const retry = { ...never, onRetry: () => setTimeout(() => visit.leave(), 1) };
    const visit = new Visit(open('busy', { retry }));
    return visit.ended;
  },
  'retried, and read to its end': () => end(open('busy once', { retry: soon })),
  'retried in vain': () => end(open('busy', { retry: soon })),
  'started again after a chunk': () => end(open('cut', { retry: { ...soon, afterFirstChunk: 'restart' } })),
  'refused with 401': () => end(open('401')),
  'refused by a page': () => end(open('page')),
  'refused a connection': () => end(open('', {}, { baseURL: refusingURL })),
  'cut at its end': () => end(open('cut')),
  'closed in the body': () => end(open('closed')),
  'reset in the body': () => end(open('reset')),
  'reset before the head': () => end(open('reset early')),
  'late with its head': () => end(open('silence', { timeouts: { responseMs: 5 } })),
  'silent for too long': () => end(open('quiet', { timeouts: { idleMs: 5 } })),
  'late with its next chunk': () => end(open('beats', { timeouts: { chunkMs: 5 } })),
  'too long in all': () => end(open('more', { timeouts: { totalMs: 10 } })),
};

/** Node's own fetch by itself, aborted at the first bytes: what that leaves is nobody else's. */
async function bare(): Promise<string> {
  const controller = new AbortController();
  const headers = { 'x-answer': 'quiet', 'x-number': `${madeCount++}` };
  const { body } = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers, signal: controller.signal });
  await body?.getReader().read();
  controller.abort();
  return 'aborted';
}

async function runUntil(end: number): Promise<void> {
  const all: typeof ways = transportName === 'bare' ? { bare } : ways;
  const names = Object.keys(all);
  let nextIndex = Object.values(ends).reduce((sum, times) => sum + times, 0);
  const work = async () => {
    while (nextIndex < end) {
      const name = names[nextIndex++ % names.length] ?? '';
      const how = `${name}: ${await all[name]?.().catch(nameOf)}`;
      count(ends, how);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, work));
}

async function report(madeSoFar: number): Promise<void> {
  await turn(madeSoFar > 0 ? IDLE_MS : 0);
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) count(resources, name);
  // What the first collection finalizes, the next ones free.
  for (let round = 0; round < 4; round++) {
    collect();
    await turn(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  const remains: Remains = {
    count: madeSoFar,
    resources,
    listenerCount: getEventListeners(shared.signal, 'abort').length,
    isGateWatched: shared.gate.changes.observed,
    heldBytes: heapUsed + external,
    ends,
    afterwards,
    leftovers,
  };
  process.stdout.write(`${JSON.stringify(remains)}\n`);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function main(): Promise<void> {
  await report(0);
  for (const part of [Number(total) / 2, Number(total)]) {
    await runUntil(part);
    await report(part);
  }
  // What is left over must not be what keeps it alive until the server was looked at.
  const life = setTimeout(() => undefined, 10_000);
  process.once('SIGUSR2', () => {
    clearTimeout(life);
  });
  process.stdout.write('waiting\n');
}

void main();
