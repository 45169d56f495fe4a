import { cpuMicros } from './cpuMicros.ts';
import type { Measure } from './Measure.ts';
import { Tally } from './Tally.ts';

/** Reads answers that come as fast as they can, one after the other: `cpu` in microseconds per chunk. */
export const measureBursts: Measure = async ({ read, workload }) => {
  const { answer, words, pieces = 0, times } = workload;
  const tally = new Tally(workload, times);
  const before = cpuMicros();
  for (let count = 0; count < times; count++) {
    await read(answer, (text) => {
      tally.add(text);
    }).done;
  }
  const micros = cpuMicros() - before;
  tally.check();
  return { cpu: [micros / times / (words + pieces)] };
};
