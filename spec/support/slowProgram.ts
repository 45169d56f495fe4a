// A program that reads an answer of numbered deltas slowly: tsx spec/support/slowProgram.ts <transport> <url> <way> <slowCount>
// It takes a millisecond for each of the first deltas, tells that it did, and takes the rest as fast as they come.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EMPTY, lastValueFrom, timer } from 'rxjs';
import { concatMapGated, contentDeltas, createClient, fetchTransport, FlowGate, undiciTransport } from 'rxdelta';

/** What the program prints at its end, as one line of JSON. */
export interface SlowReading {
  /** How many deltas came, each in its turn. */
  inOrder: number;
  /** By how much what is kept grew at the most, in MiB: the heap and what is outside of it, after collection. */
  keptMiB: number;
  /** By how much the whole process grew in the slow part, garbage included. */
  grownMiB: number;
}

const [transport, baseURL = '', way, slowCount] = process.argv.slice(2);
const client = createClient({ baseURL, transport: transport === 'fetch' ? fetchTransport() : undiciTransport() });
const params = { model: 'm', messages: [] };
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let inOrder = 0;
const kept = { first: 0, most: 0 };
const resident = { first: 0, most: 0 };

function look(isSlow: boolean): void {
  note(resident, isSlow ? process.memoryUsage.rss() : 0);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  note(kept, heapUsed + external);
}

function note(memory: typeof kept, bytes: number): void {
  memory.first ||= bytes;
  memory.most = Math.max(memory.most, bytes);
}

/** Takes note of a delta; whether the time has not come to hurry. */
function take(text: string): boolean {
  if (text === String(inOrder)) inOrder++;
  const isSlow = inOrder < Number(slowCount);
  if (inOrder % (isSlow ? 200 : 100_000) === 0) look(isSlow);
  if (inOrder === Number(slowCount)) process.stdout.write('slow part is over\n');
  return isSlow;
}

async function iterate(): Promise<void> {
  for await (const chunk of client.chat.completions.stream(params)) {
    const text = chunk.choices[0]?.delta.content;
    if (text != null && take(text)) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function map(): Promise<void> {
  const gate = new FlowGate();
  const stream = client.chat.completions.stream(params, { gate });
  const deltas = stream.pipe(
    contentDeltas(),
    concatMapGated(gate, (text) => (take(text) ? timer(1) : EMPTY)),
  );
  await lastValueFrom(deltas);
}

async function main(): Promise<void> {
  await (way === 'iterated' ? iterate() : map());
  look(false);
  const growth = ({ first, most }: typeof kept) => Math.round(((most - first) / 1024 / 1024) * 10) / 10;
  const reading: SlowReading = { inOrder, keptMiB: growth(kept), grownMiB: growth(resident) };
  process.stdout.write(`${JSON.stringify(reading)}\n`);
}

void main();
