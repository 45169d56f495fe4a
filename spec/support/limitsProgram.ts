// A program that reads answers without end, and says what they cost: tsx spec/support/limitsProgram.ts <transport> <url> <maxEventBytes>
// The server gives a long answer of small events to the first request, and answers without end to the next two.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient, fetchTransport, isAPIError, undiciTransport } from 'rxdelta';
import { record } from './record';

/** What the program prints, as one line of JSON. */
export interface Cost {
  /** The errors that the answers ended with, each once. */
  errors: string[];
  /** By how much the process grew beyond what the answer of small events had made of it, garbage included, in MiB. */
  grownMiB: number;
  /** The most that the heap and what is outside of it grew, after all garbage was collected, in MiB. */
  heldMiB: number;
}

const MEBI = 1024 * 1024;
const [transport, baseURL = '', maxEventBytes] = process.argv.slice(2);
const client = createClient({
  baseURL,
  maxEventBytes: Number(maxEventBytes),
  transport: transport === 'fetch' ? fetchTransport() : undiciTransport(),
});
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const errors = new Set<string>();

/** Reads one answer, and looks at a number meanwhile, without taking more than half of the time: the most that it was. */
async function most(look: () => number): Promise<number> {
  let peak = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = () => {
    const start = performance.now();
    peak = Math.max(peak, look());
    timer = setTimeout(watch, 2 + performance.now() - start);
  };
  watch();
  const { error } = await record(client.chat.completions.stream({ model: 'm', messages: [] }));
  clearTimeout(timer);
  peak = Math.max(peak, look());
  if (isAPIError(error)) errors.add([error.name, error.kind === 'malformed' && error.reason].filter(Boolean).join(' '));
  else if (error) errors.add('a bug');
  return peak;
}

function size(): number {
  return process.memoryUsage.rss();
}

function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main(): Promise<void> {
  const usualSize = await most(size);
  const grown = (await most(size)) - usualSize;
  const usuallyHeld = held();
  const more = (await most(held)) - usuallyHeld;
  const [grownMiB = 0, heldMiB = 0] = [grown, more].map((bytes) => Math.round((bytes / MEBI) * 10) / 10);
  const cost: Cost = { errors: [...errors], grownMiB, heldMiB };
  process.stdout.write(`${JSON.stringify(cost)}\n`);
  // It lives on, so that it is not its end that closes the connections.
  const life = setTimeout(() => undefined, 10_000);
  process.once('SIGUSR2', () => {
    clearTimeout(life);
  });
  process.stdout.write('waiting\n');
}

void main();
