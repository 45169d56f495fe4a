import fc from 'fast-check';
import { undiciTransport } from 'rxdelta';
import { FaultServer } from '../support/faults/FaultServer';
import { FetchProcess } from '../support/faults/FetchProcess';
import { observe, residue, watchProcess } from '../support/faults/observe';
import type { Driver, TransportName } from '../support/faults/playFault';
import { performanceOf, verdictOf, wireRuns, type Verdict, type WireRun } from '../support/faults/wireRuns';

/** The silence that is allowed, in milliseconds: where the server goes silent, and where it does not. */
const SHORT_MS = 250;
const LONG_MS = 10_000;

const transport = undiciTransport();
let program: FetchProcess | undefined;

beforeAll(watchProcess);

const DRIVERS: Record<TransportName, () => Promise<Driver>> = {
  undici: async () => ({ request: (demand) => observe(demand, transport), residue }),
  fetch: async () => (program = await FetchProcess.start()),
};
const RUN_COUNT = { undici: 100, fetch: 60 };

afterAll(() => program?.close());

/** How often each end came about. */
type Tally = Partial<Record<Verdict['end'], number>>;

describe.each(['undici', 'fetch'] as const)('a valid stream that is cut anywhere, through %s,', (name) => {
  let driver!: Driver;

  beforeAll(async () => {
    driver = await DRIVERS[name]();
  });

  const check = async (run: WireRun): Promise<Verdict> => {
    const verdict = verdictOf(run, name === 'fetch');
    const server = await FaultServer.start({ answers: [performanceOf(run).steps] });
    try {
      const patienceMs = verdict.end === 'timeout' ? SHORT_MS : LONG_MS;
      const options = { timeouts: { responseMs: patienceMs, idleMs: patienceMs } };
      const { origin } = server;
      const { end, error, values } = await driver.request({ origin, endpoint: run.endpoint, options, hasValues: true });
      const isWhole = verdict.end === 'complete';
      expect({ end, kind: error.kind, phase: error.phase, values }).toEqual({
        end: isWhole ? 'complete' : 'error',
        kind: isWhole ? undefined : verdict.end,
        phase: verdict.phase,
        values: run.chunks.slice(0, verdict.count),
      });
    } finally {
      await server.close();
    }
    return verdict;
  };

  it('is whole and complete, or its beginning and one error', async () => {
    const tally: Tally = {};
    await fc.assert(
      fc.asyncProperty(wireRuns, async (run) => {
        const { end } = await check(run);
        tally[end] = (tally[end] ?? 0) + 1;
      }),
      { numRuns: RUN_COUNT[name] },
    );
    // Each way to end was met, so none is right by chance.
    expect(Object.keys(tally).sort()).toEqual(['complete', 'connection', 'timeout', 'truncated']);
    expect((await driver.residue()).surprises).toEqual([]);
  }, 60_000);

  it('is complete where nothing is cut', async () => {
    await fc.assert(
      fc.asyncProperty(wireRuns, async (run) => {
        const { end, count } = await check({ ...run, extent: 1, end: 'end' });
        expect({ end, count }).toEqual({ end: 'complete', count: run.chunks.length });
      }),
      { numRuns: RUN_COUNT[name] / 4 },
    );
  }, 60_000);
});
