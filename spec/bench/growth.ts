/**
 * Whether the accumulators are linear: the time per delta for answers of 50,000 to 400,000 deltas, the sizes taking turns.
 * It should be flat within noise: `npm run bench:growth`.
 */
import { from, type OperatorFunction } from 'rxjs';
import {
  accumulateCompletion,
  accumulateContent,
  accumulateResponse,
  accumulateToolCalls,
  collectToolCalls,
  type StreamChunk,
} from 'rxdelta';
import { chatChunk, content, finish, outputText, responseEnd, responseEvent, toolCalls } from '../support/chunks.ts';

const SIZES = [50_000, 100_000, 200_000, 400_000];
const ROUNDS = 7;

interface Workload {
  chunks: (size: number) => StreamChunk[];
  operator: () => OperatorFunction<never, unknown>;
}

const text = (size: number) => [...repeat(size, () => content(' word')), finish()];
const call = (size: number) => [
  toolCalls({ index: 0, id: 'call_1', function: { name: 'write', arguments: '' } }),
  // One character each: 400,000 deltas are 400 kB of arguments.
  ...repeat(size, () => toolCalls({ index: 0, function: { arguments: 'x' } })),
  finish('tool_calls'),
];
const logprobs = (size: number) =>
  repeat(size, () => chatChunk({ delta: { content: 'a' }, logprobs: { content: [{ token: 'a', logprob: -1 }] } }));
const events = (size: number) => [
  responseEvent('response.created', { response: { id: 'resp_1', object: 'response', output: [] } }),
  ...repeat(size, () => outputText(' word')),
  responseEnd('completed'),
];

const WORKLOADS: Record<string, Workload> = {
  accumulateContent: { chunks: text, operator: accumulateContent },
  'collectToolCalls, one call': { chunks: call, operator: collectToolCalls },
  'accumulateToolCalls, one call': { chunks: call, operator: accumulateToolCalls },
  'accumulateCompletion, text': { chunks: text, operator: accumulateCompletion },
  'accumulateCompletion, one call': { chunks: call, operator: accumulateCompletion },
  'accumulateCompletion, log probabilities': { chunks: logprobs, operator: accumulateCompletion },
  'accumulateResponse, text': { chunks: events, operator: accumulateResponse },
};

console.log(
  `| nanoseconds per delta, median of ${ROUNDS} | ${SIZES.map((size) => `${size / 1000}k`).join(' | ')} | last / first |`,
);
console.log(`|---|${SIZES.map(() => '---:|').join('')}---:|`);
for (const [name, { chunks, operator }] of Object.entries(WORKLOADS)) {
  const inputs = SIZES.map((size) => chunks(size));
  const times: number[][] = SIZES.map(() => []);
  for (let round = -1; round < ROUNDS; round++) {
    inputs.forEach((input, at) => {
      const perDelta = (timeOf(input, operator) / input.length) * 1e6;
      // The first round is for the compiler.
      if (round >= 0) times[at]?.push(perDelta);
    });
  }
  const medians = times.map(median);
  const ratio = (medians.at(-1) ?? 0) / (medians[0] ?? 1);
  console.log(`| ${name} | ${medians.map((time) => time.toFixed(0)).join(' | ')} | ${ratio.toFixed(2)} |`);
}

/** CPU time in milliseconds. The last value is read, as an application would. */
function timeOf(chunks: StreamChunk[], operator: Workload['operator']): number {
  let last: unknown;
  const before = process.cpuUsage();
  from(chunks as never[])
    .pipe(operator())
    .subscribe((value) => {
      last = value;
    });
  JSON.stringify(last);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
