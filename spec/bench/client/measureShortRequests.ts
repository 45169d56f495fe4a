import { quantile } from '../quantile.ts';
import { askServer } from './askServer.ts';
import { cpuMicros } from './cpuMicros.ts';
import type { Measure } from './Measure.ts';
import { Tally } from './Tally.ts';

/**
 * Makes one request after the other: `cpu` in milliseconds per request; the median of the `firstChunk`, the time until the
 * first text is there, in milliseconds; and how many `connections` it took.
 */
export const measureShortRequests: Measure = async ({ read, workload, origin }) => {
  const { answer, times } = workload;
  const tally = new Tally(workload, times);
  const waits: number[] = [];
  await askServer(origin);
  const before = cpuMicros();
  for (let count = 0; count < times; count++) {
    const startMs = performance.now();
    let firstMs = 0;
    await read(answer, (text) => {
      if (text !== '') firstMs ||= performance.now();
      tally.add(text);
    }).done;
    waits.push(firstMs - startMs);
  }
  const micros = cpuMicros() - before;
  tally.check();
  const { connections } = await askServer(origin);
  return { cpu: [micros / 1_000 / times], firstChunk: [quantile(waits, 0.5)], connections: [connections] };
};
