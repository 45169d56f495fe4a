import { setTimeout as turn } from 'node:timers/promises';
import type { Measure } from './Measure.ts';
import { untilSilent } from './untilSilent.ts';

const KIBI = 1_024;
/** The connections are closed by then. */
const CLOSE_MS = 300;

/** Opens many streams and looks when they are silent: `memory` of the heap and beside it, in KiB per stream. */
export const measureOpenStreams: Measure = async (course) => {
  const before = await bytesInUse();
  const readings = await untilSilent(course, () => course.workload.answer);
  const after = await bytesInUse();
  for (const { stop } of readings) stop();
  await turn(CLOSE_MS);
  return { memory: [(after - before) / KIBI / readings.length] };
};

/** Collects until nothing more goes: what is freed may free something else, and finalizers run in between. */
async function bytesInUse(): Promise<number> {
  if (!globalThis.gc) throw new Error('This needs --expose-gc');
  for (let times = 0; times < 4; times++) {
    globalThis.gc();
    await turn(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
