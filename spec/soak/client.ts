// The client of the endurance test: many streams at a time through one client, each as chance will have it.
// Forked by main.ts: client.ts <seed> <url> <streams> <transport>
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { accumulateContent, contentDeltas, createClient, fetchTransport, isAPIError, undiciTransport } from 'rxdelta';
import type { Observable } from 'rxjs';
import { Chance } from './Chance';
import type { Ended, FromClient, ToClient } from './messages';

const [seed, baseURL = '', streams, transport] = process.argv.slice(2);
const REPORT_MS = 200;
const MAX_VISIT_MS = 2_500;

const chance = new Chance(Number(seed));
const client = createClient({
  baseURL,
  transport: transport === 'fetch' ? fetchTransport() : undiciTransport(),
  timeouts: { responseMs: 2_000, idleMs: 1_500, totalMs: 12_000 },
  retry: { maxRetries: 2, initialDelayMs: 50, maxDelayMs: 400, random: () => chance.number() },
});
const ended: Ended[] = [];
let startedCount = 0;
let openCount = 0;
let isRunning = false;

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (message: FromClient) => process.send?.(message);

/** One stream from its start to its end. Whatever it says later is said too: an end too many. */
async function visit(): Promise<void> {
  const stream = startedCount++;
  const end = (how: Ended['how'], text: string, error?: unknown) => {
    ended.push({ stream, how, text, ...(how === 'error' && { kind: kindOf(error) }) });
  };
  const headers = { 'x-stream': `${stream}` };
  const params = { model: 'm', messages: [] };
  const way = chance.pick({ accumulate: 4, restart: 3, deltas: 2, iterate: 2, abort: 1 });
  const leaveMs = chance.happens(0.25) ? chance.whole(0, MAX_VISIT_MS) : undefined;
  if (way === 'iterate') {
    let text = '';
    const startMs = performance.now();
    let how: Ended['how'] = 'complete';
    try {
      for await (const { choices } of client.chat.completions.stream(params, { headers })) {
        text += choices[0]?.delta.content ?? '';
        if (chance.happens(0.1)) await turn(chance.whole(0, 200));
        if (leaveMs !== undefined && performance.now() - startMs > leaveMs) {
          how = 'left';
          break;
        }
      }
      end(how, text);
    } catch (error) {
      end('error', text, error);
    }
    return;
  }
  const controller = new AbortController();
  const restart = way === 'restart' ? { retry: { maxRetries: 2, initialDelayMs: 50, afterFirstChunk: way } } : {};
  const chunks = client.chat.completions.stream(params, {
    headers,
    ...restart,
    ...(way === 'abort' && { signal: controller.signal }),
  });
  const deltas = way === 'deltas';
  const texts: Observable<string> = chunks.pipe(deltas ? contentDeltas() : accumulateContent());
  await new Promise<void>((resolve) => {
    let text = '';
    const finish = (how: Ended['how'], error?: unknown) => {
      clearTimeout(timer);
      end(how, text, error);
      resolve();
    };
    const leave = () => {
      if (way === 'abort') {
        controller.abort();
        return;
      }
      subscription.unsubscribe();
      finish('left');
    };
    const timer = leaveMs === undefined ? undefined : setTimeout(leave, leaveMs);
    const subscription = texts.subscribe({
      next: (value) => {
        text = deltas ? text + value : value;
      },
      error: (error: unknown) => {
        finish('error', error);
      },
      complete: () => {
        finish('complete');
      },
    });
  });
}

function kindOf(error: unknown): string {
  if (!isAPIError(error)) return String(error);
  return error.kind === 'connection' && error.phase === 'connect' ? 'unconnected' : error.kind;
}

async function work(): Promise<void> {
  openCount++;
  await turn(chance.whole(0, 500));
  while (isRunning) await visit();
  openCount--;
  if (openCount === 0) {
    report();
    say({ isDrained: true, startedCount });
  }
}

function report(): void {
  if (ended.length > 0) say({ ended: ended.splice(0) });
}

async function rest(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 4; round++) {
    collect();
    await turn(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  const socketCount = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  say({ rest: { heldBytes: heapUsed + external, socketCount } });
}

setInterval(report, REPORT_MS);
process.on('disconnect', () => process.exit());
process.on('message', (message: ToClient) => {
  if (message === 'rest') void rest();
  isRunning = message === 'start';
  if (isRunning) for (let count = 0; count < Number(streams); count++) void work();
});
