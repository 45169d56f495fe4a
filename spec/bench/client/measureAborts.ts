import { setTimeout as turn } from 'node:timers/promises';
import { clockMs } from '../clockMs.ts';
import { askServer } from './askServer.ts';
import type { Course, Measure } from './Measure.ts';
import { untilSilent } from './untilSilent.ts';

/** A connection that is open for longer does not count as closed. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 3;

/**
 * Stops streams from `inside` the callback of a chunk and from `outside` while nothing comes, and asks the server when it
 * saw the connections close: the times in milliseconds, infinite where it did not.
 */
export const measureAborts: Measure = async (course) => {
  const { read, workload, origin } = course;
  const { answer, words, times } = workload;

  const insideAt: number[] = [];
  for (let index = 0; index < times; index++) {
    let count = 0;
    await new Promise<void>((resolve, reject) => {
      const reading = read(`${answer}#${index}`, () => {
        // In the middle: more has been read already.
        if (++count !== Math.floor(words / 2)) return;
        insideAt.push(clockMs());
        reading.stop();
        resolve();
      });
      reading.done.catch(reject);
    });
    await turn(PAUSE_MS);
  }
  const inside = await delays(insideAt, origin);

  const outsideAt: number[] = [];
  for (const { stop } of await untilSilent(course, (index) => `${answer}#${index}`)) {
    outsideAt.push(clockMs());
    stop();
    await turn(PAUSE_MS);
  }
  return { inside, outside: await delays(outsideAt, origin) };
};

/** From each stop to the close of the connection with that number. */
async function delays(stoppedAt: number[], origin: Course['origin']): Promise<number[]> {
  await turn(PATIENCE_MS);
  const { closes } = await askServer(origin);
  return stoppedAt.map((at, index) => {
    const delay = (closes[index] ?? Infinity) - at;
    return delay <= PATIENCE_MS ? delay : Infinity;
  });
}
