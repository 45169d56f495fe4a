/**
 * A client of the benchmarks: one contender and one workload, round after round.
 * Forked by main.ts: client/main.js <contender> <workload> <port>; it ends with its parent.
 */
import { CONTENDERS, type ContenderName } from '../contenders.ts';
import type { Contender } from '../contenders/Contender.ts';
import type { RoundRequest, RoundResult } from '../messages.ts';
import type { Workload } from '../Workload.ts';
import { WORKLOADS } from '../workloads.ts';
import { measureAborts } from './measureAborts.ts';
import { measureBursts } from './measureBursts.ts';
import { measureOpenStreams } from './measureOpenStreams.ts';
import { measurePacedStreams } from './measurePacedStreams.ts';
import { measureShortRequests } from './measureShortRequests.ts';
import type { Measure } from './Measure.ts';

const MEASURES: Record<Workload['measure'], Measure> = {
  bursts: measureBursts,
  pacedStreams: measurePacedStreams,
  shortRequests: measureShortRequests,
  openStreams: measureOpenStreams,
  aborts: measureAborts,
};

const [contenderName, workloadName, port] = process.argv.slice(2) as [ContenderName, keyof typeof WORKLOADS, string];
const origin = `http://127.0.0.1:${port}`;
const measured: Workload = WORKLOADS[workloadName];
const contender = await makeContender(`${origin}/v1`);

process.on('message', (request: RoundRequest) => {
  const workload = request === 'warmUp' ? (measured.warmUpWith ?? measured) : measured;
  void measureRound(workload).then((result) => process.send?.(result));
});
process.once('disconnect', () => process.exit());

async function makeContender(baseURL: string): Promise<Contender> {
  const file = new URL(`../contenders/${CONTENDERS[contenderName].file}.js`, import.meta.url);
  const exports = (await import(file.href)) as Record<string, (baseURL: string) => Contender>;
  const make = exports[contenderName];
  if (!make) throw new Error(`${file.href} does not export ${contenderName}`);
  return make(baseURL);
}

async function measureRound(workload: Workload): Promise<RoundResult> {
  try {
    const read = contender[workload.task];
    if (!read) throw new Error(`${contenderName} cannot take part in: ${workload.title}`);
    // Garbage is not collected before: with the last object of a shape V8 throws away the code that it compiled for it.
    return { samples: await MEASURES[workload.measure]({ read, workload, origin }) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
