import { reportTable } from './reportTable.ts';
import type { WorkloadOutcome } from './runWorkload.ts';
import type { Series } from './Workload.ts';

const cpu: Series = {
  name: 'cpu',
  title: 'CPU per chunk',
  unit: 'µs',
  goals: [
    { of: 'rxdelta', times: 'floor', atMost: 1.1 },
    { of: 'openai', times: 'rxdelta', atLeast: 3, node: 24 },
  ],
};
const closes: Series = {
  name: 'closes',
  title: 'until it is closed',
  unit: 'ms',
  isDistribution: true,
  goals: [
    { of: 'rxdelta', atMost: 2 },
    { of: 'rxdelta', statistic: 'p99', atMost: 10 },
    { of: 'rxdelta', statistic: 'open', atMost: 0 },
  ],
};

const rowsOf = (series: Series, outcomes: Partial<Record<string, number[] | string>>, node = 20) => {
  const outcome = {
    workload: { title: 'words', series: [series] },
    outcomes: new Map(
      Object.entries(outcomes).map(([contender, found]) => [
        contender,
        typeof found === 'string' ? { failure: found } : { samples: { [series.name]: found } },
      ]),
    ),
  } as unknown as WorkloadOutcome;
  return reportTable([outcome], node).split('\n').slice(2);
};

describe('reportTable', () => {
  it('gives medians, quartiles and the ratios of the rounds', () => {
    expect(rowsOf(cpu, { rxdelta: [2, 3, 4], floor: [2, 2, 2] })).toEqual([
      '| words: CPU per chunk | rxdelta | 3.00 µs (2.50–3.50) | 1.50 (1.25–1.75) |  | ≤ 1.1 × floor: **missed** |',
      '|  | floor, by hand | 2.00 µs (2.00–2.00) |  | 0.67 (0.58–0.83) |  |',
    ]);
  });

  it('judges the median of the ratios, not the ratio of the medians', () => {
    // Medians: 3 and 3. Ratios: 1/3, 1.5, 1.5.
    const [row] = rowsOf(cpu, { rxdelta: [1, 3, 6], floor: [3, 2, 4] });
    expect(row).toContain('≤ 1.1 × floor: **missed**');
  });

  it('meets a goal at its very limit', () => {
    expect(rowsOf(cpu, { rxdelta: [1.1], floor: [1] })[0]).toContain('≤ 1.1 × floor: ok');
  });

  it('shows goals for the version of Node that they are for', () => {
    const figures = { rxdelta: [1], openai: [3] };
    expect(rowsOf(cpu, figures, 20)[1]).toMatch(/\| {2}\|$/);
    expect(rowsOf(cpu, figures, 24)[1]).toContain('≥ 3 × rxdelta: ok');
  });

  it('does not judge without the other contender', () => {
    expect(rowsOf(cpu, { rxdelta: [1] })[0]).toContain('≤ 1.1 × floor: not measured');
  });

  it('says who has failed, and measures nobody by it', () => {
    expect(rowsOf(cpu, { rxdelta: [1], floor: 'no answer' })).toEqual([
      '| words: CPU per chunk | rxdelta | 1.00 µs (1.00–1.00) |  |  | ≤ 1.1 × floor: not measured |',
      '|  | floor, by hand | **failed** |  |  |  |',
    ]);
  });

  it('shows the p99 of a distribution and how much of it was closed', () => {
    expect(rowsOf(closes, { rxdelta: [1, 1, 1], floor: [1, 1, Infinity], openaiFrom: [Infinity] })).toEqual([
      '| words: until it is closed | rxdelta | 1.00 ms, p99 1.00 ms, 3 of 3 |  |  | ≤ 2 ms: ok; p99 ≤ 10 ms: ok; ≤ 0 open: ok |',
      '|  | floor, by hand | 1.00 ms, p99 Infinity ms, 2 of 3 |  |  |  |',
      '|  | openai in rxjs `from()` | never: none of 1 |  |  |  |',
    ]);
  });

  it('counts what stays open', () => {
    const [row] = rowsOf(closes, { rxdelta: [1, Infinity] });
    expect(row).toContain('≤ 2 ms: **missed**; p99 ≤ 10 ms: **missed**; ≤ 0 open: **missed**');
  });
});
