// An endurance test: very many streams at a time, for minutes, against a server of faults.
// npx tsx spec/soak/main.ts --streams 1000 --minutes 3 [--seconds 15] [--seed 1] [--transport fetch]
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Judge } from './Judge';
import type { FromClient, FromServer, Rest, ToClient } from './messages';

const LINE_MS = 3_000;
/** No stream takes longer, its retries and waits included. */
const MAX_STREAM_MS = 45_000;
/** A pool keeps an idle connection for 4 seconds, and looks once in a second. */
const IDLE_MS = 6_000;
/** What the heap may hold more at the end than in the middle: buffers and compiled code come and go. */
const MAX_GROWTH_BYTES = 2 * 1024 * 1024;
const MEBI = 1024 * 1024;

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '0' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 1e9)}` },
    transport: { type: 'string', default: 'undici' },
  },
});
const totalMs = (Number(values.minutes) * 60 + Number(values.seconds)) * 1_000 || 180_000;

/** A process of the test, and what it says. */
class Partner<Message extends object> {
  readonly #child: ChildProcess;
  readonly #waiting: { name: string; resolve: (message: any) => void }[] = [];
  isGone = false;

  constructor(file: string, args: string[], onMessage: (message: Message) => void) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.#child = fork(path, args, { execArgv: ['--import', 'tsx'] });
    this.#child.on('exit', () => (this.isGone = true));
    this.#child.on('message', (message: Message) => {
      onMessage(message);
      const index = this.#waiting.findIndex(({ name }) => name in message);
      if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(message);
    });
  }

  say(message: string): void {
    if (!this.isGone) this.#child.send(message);
  }

  /** Resolves with the next message that has this field, or with undefined when the time is up. */
  hear<Name extends string>(name: Name, maxMs: number): Promise<Extract<Message, Record<Name, unknown>> | undefined> {
    return Promise.race([
      new Promise<Extract<Message, Record<Name, unknown>>>((resolve) => this.#waiting.push({ name, resolve })),
      turn(maxMs, undefined, { ref: false }),
    ]);
  }

  stop(): void {
    if (!this.isGone) this.#child.disconnect();
  }
}

async function main(): Promise<void> {
  const judge = new Judge();
  const { complaints } = judge;
  const start = performance.now();
  const server = new Partner<FromServer>('server.ts', [values.seed], (message) => {
    if ('sent' in message) judge.hearServer(message.sent);
  });
  const listening = await server.hear('listening', 20_000);
  const args = [values.seed, listening?.listening ?? '', values.streams, values.transport];
  const client = new Partner<FromClient>('client.ts', args, (message) => {
    if ('ended' in message) judge.hearClient(message.ended);
  });
  const ask = (message: ToClient) => {
    client.say(message);
  };
  const lines = setInterval(() => {
    const seconds = Math.round((performance.now() - start) / 1_000);
    console.log(`${seconds} s: ${judge.endedCount} streams ended; ${inWords(judge.ends)}`);
  }, LINE_MS);

  let judgedCount = 0;
  /** Has the streams run for a time, then all of them end, and looks at what is left when the pool is empty too. */
  const half = async (): Promise<Rest | undefined> => {
    ask('start');
    await turn(totalMs / 2);
    const drained = client.hear('isDrained', MAX_STREAM_MS);
    ask('pause');
    const startedCount = (await drained)?.startedCount;
    if (startedCount === undefined) {
      complaints.push(`Streams had not ended after ${MAX_STREAM_MS} ms`);
      return undefined;
    }
    await turn(IDLE_MS);
    server.say('count');
    const openCount = (await server.hear('openCount', 5_000))?.openCount;
    if (openCount !== 0) complaints.push(`${openCount} sockets are open at the server`);
    judge.judge(startedCount, judgedCount);
    judgedCount = startedCount;
    ask('rest');
    const rest = (await client.hear('rest', 10_000))?.rest;
    if (values.transport !== 'fetch' && rest?.socketCount !== 0) {
      complaints.push(`${rest?.socketCount} sockets are open at the client`);
    }
    return rest;
  };
  const middle = await half();
  const end = middle && (await half());
  clearInterval(lines);
  const growth = (end?.heldBytes ?? NaN) - (middle?.heldBytes ?? NaN);
  if (!(growth < MAX_GROWTH_BYTES)) complaints.push(`The heap has grown by ${growth} bytes since the middle`);
  if (!judge.ends.complete || !judge.ends.left || judgedCount < Number(values.streams)) {
    complaints.push('Too little has happened to say anything');
  }
  console.log(`faults: ${inWords(judge.faults)}`);
  console.log(`heap: ${[middle, end].map((rest) => ((rest?.heldBytes ?? NaN) / MEBI).toFixed(1)).join(' → ')} MiB`);
  console.log(`${judgedCount} streams, seed ${values.seed}: ${inWords(judge.ends)}`);
  for (const complaint of complaints.slice(0, 20)) console.log(complaint);
  console.log(complaints.length > 0 ? `${complaints.length} complaints` : 'All is well');
  process.exitCode = complaints.length > 0 ? 1 : 0;
  client.stop();
  server.stop();
}

function inWords(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, times]) => `${times} ${name}`)
    .join(', ');
}

void main();
