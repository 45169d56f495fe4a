import { CONTENDERS, type ContenderName } from './contenders.ts';
import { quantile } from './quantile.ts';
import { ratios } from './ratios.ts';
import type { Outcome, WorkloadOutcome } from './runWorkload.ts';
import type { Goal, Series } from './Workload.ts';

const HEAD = [
  '| workload | client | median (quartiles) | × floor | × rxdelta | goals |',
  '|---|---|---:|---:|---:|---|',
];

/**
 * The figures of all workloads as a Markdown table: for each series the contenders, with the ratios of the rounds to those
 * of the floor and of rxdelta, and the goals, `ok` or **missed**.
 *
 * @param node - the major version of Node, which some goals are for
 */
export function reportTable(outcomes: WorkloadOutcome[], node: number): string {
  const rows = outcomes.flatMap(({ workload, outcomes }) =>
    workload.series.flatMap((series) =>
      [...outcomes.keys()].map((contender, index) => {
        const title = index === 0 ? `${workload.title}: ${series.title}` : '';
        return rowOf(title, series, contender, outcomes, node);
      }),
    ),
  );
  return [...HEAD, ...rows].join('\n');
}

type Outcomes = Map<ContenderName, Outcome>;

function rowOf(title: string, series: Series, contender: ContenderName, outcomes: Outcomes, node: number): string {
  const values = samplesOf(outcomes, contender, series);
  const times = (other: ContenderName) => {
    const others = samplesOf(outcomes, other, series);
    if (contender === other || series.isDistribution || !values || !others) return '';
    return spread(ratios(values, others), 2);
  };
  const goals = series.goals.filter((goal) => goal.of === contender && (goal.node ?? node) === node);
  const cells = [
    title,
    CONTENDERS[contender].title,
    values ? figure(series, values) : '**failed**',
    times('floor'),
    times('rxdelta'),
    goals.map((goal) => judge(goal, series, outcomes)).join('; '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function samplesOf(outcomes: Outcomes, contender: ContenderName, { name }: Series): number[] | undefined {
  const outcome = outcomes.get(contender);
  return outcome && 'samples' in outcome ? outcome.samples[name] : undefined;
}

/** The median with its unit; of a distribution its p99, and how many connections were closed in time. */
function figure({ unit, isDistribution }: Series, values: number[]): string {
  if (!isDistribution) return spread(values, 2, ` ${unit}`);
  const closed = values.filter(Number.isFinite).length;
  if (closed === 0) return `never: none of ${values.length}`;
  const [median, p99] = [0.5, 0.99].map((part) => quantile(values, part).toFixed(2));
  return `${median} ${unit}, p99 ${p99} ${unit}, ${closed} of ${values.length}`;
}

function spread(values: number[], digits: number, unit = ''): string {
  const [lower, median, upper] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(digits));
  return `${median}${unit} (${lower}–${upper})`;
}

/** A goal and whether it is met, where those that it speaks of were measured. */
function judge(goal: Goal, series: Series, outcomes: Outcomes): string {
  const { statistic = 'median', atMost, atLeast } = goal;
  const limit = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  const unit = goal.times ? ` × ${goal.times}` : statistic === 'open' ? ' open' : ` ${series.unit}`;
  const name = statistic === 'p99' ? 'p99 ' : '';
  const values = samplesOf(outcomes, goal.of, series);
  const others = goal.times && samplesOf(outcomes, goal.times, series);
  if (!values || (goal.times && !others)) return `${name}${limit}${unit}: not measured`;
  const value = statisticOf(others ? ratios(values, others) : values, statistic);
  const isMet = value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
  return `${name}${limit}${unit}: ${isMet ? 'ok' : '**missed**'}`;
}

function statisticOf(values: number[], statistic: NonNullable<Goal['statistic']>): number {
  if (statistic === 'open') return values.filter((value) => value === Infinity).length;
  return quantile(values, statistic === 'p99' ? 0.99 : 0.5);
}
