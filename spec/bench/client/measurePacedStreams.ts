import { cpuMicros } from './cpuMicros.ts';
import type { Measure } from './Measure.ts';
import { Tally } from './Tally.ts';

/**
 * Reads many streams at a time, each at the pace of a model: `cpu` in microseconds per chunk. What counts is the time from
 * when the last stream has a third of its words until the first one ends: what comes before is the start.
 */
export const measurePacedStreams: Measure = async ({ read, workload }) => {
  const { answer, words, times } = workload;
  const tally = new Tally(workload, times);
  const third = Math.floor(words / 3);
  let underWay = 0;
  let chunks = 0;
  let start = { micros: 0, chunks: 0 };
  let end: typeof start | undefined;
  const now = () => ({ micros: cpuMicros(), chunks });
  const readings = Array.from({ length: times }, () => {
    let count = 0;
    return read(answer, (text) => {
      tally.add(text);
      if (text === '') return;
      count++;
      chunks++;
      if (count === third && ++underWay === times) start = now();
      if (count === words) end ??= now();
    });
  });
  await Promise.all(readings.map(({ done }) => done));
  tally.check();
  if (!end || start.chunks === 0 || end.chunks <= start.chunks)
    throw new Error('A stream ended before all were under way');
  return { cpu: [(end.micros - start.micros) / (end.chunks - start.chunks)] };
};
