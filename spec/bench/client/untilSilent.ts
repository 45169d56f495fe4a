import { setTimeout as turn } from 'node:timers/promises';
import type { Reading } from '../contenders/Contender.ts';
import type { Course } from './Measure.ts';
import { Tally } from './Tally.ts';

const SILENCE_MS = 200;

/**
 * Opens streams that begin and then say nothing, and resolves when nothing more is to come.
 *
 * @param modelOf - the model for each stream
 */
export async function untilSilent({ read, workload }: Course, modelOf: (index: number) => string): Promise<Reading[]> {
  const tally = new Tally(workload, workload.times);
  let begun = 0;
  let resolve = () => {};
  const allHaveBegun = new Promise<void>((settle) => (resolve = settle));
  const readings = Array.from({ length: workload.times }, (_, index) => {
    let count = 0;
    return read(modelOf(index), (text) => {
      tally.add(text);
      if (text !== '' && ++count === workload.words && ++begun === workload.times) resolve();
    });
  });
  // None of them ends before it is stopped, unless it fails.
  const failed = Promise.all(readings.map(({ done }) => done)).then(() => Promise.reject(new Error('A stream ended')));
  await Promise.race([allHaveBegun, failed]);
  failed.catch(() => undefined);
  for (const { done } of readings) done.catch(() => undefined);
  await turn(SILENCE_MS);
  tally.check();
  return readings;
}
