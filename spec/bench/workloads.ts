import type { ContenderName } from './contenders.ts';
import type { Goal, Series, Workload } from './Workload.ts';

const SDK: ContenderName[] = ['openai', 'openaiHelper', 'openaiFrom'];
const PEERS: ContenderName[] = ['aiSdk', 'langchain', 'fetchEventSource'];

const burst = { task: 'chat', measure: 'bursts', times: 1, rounds: 13, warmUps: 3 } as const;
const coalesced: Workload = {
  ...burst,
  title: 'coalesced: 100 events per HTTP chunk',
  answer: 'coalesced',
  words: 20_000,
  rounds: 9,
  contenders: ['rxdelta', 'floor', ...SDK, ...PEERS],
  series: [cpu(atMost(1.1), sdkAtLeast(2.3, 20), sdkAtLeast(3, 24))],
};
/** At such a pace alone the compiler would not be done for minutes. */
const paced = { task: 'chat', measure: 'pacedStreams', rounds: 9, warmUps: 3, warmUpWith: coalesced } as const;

/** In the order of the table. */
export const WORKLOADS = {
  coalesced,
  chunked: {
    ...burst,
    title: 'one HTTP chunk per event',
    answer: 'chunked',
    words: 20_000,
    rounds: 9,
    contenders: ['rxdelta', 'floor', ...SDK, ...PEERS],
    series: [cpu(atMost(1.15), sdkAtLeast(2.3, 20), sdkAtLeast(3, 24))],
  },
  cut: {
    ...burst,
    title: 'events cut into HTTP chunks of 48 bytes',
    answer: 'cut',
    words: 20_000,
    contenders: ['rxdelta', 'floor', ...SDK],
    series: [cpu()],
  },
  paced40: {
    ...paced,
    title: '40 paced streams, an event every 20 ms each',
    answer: 'paced20',
    words: 120,
    times: 40,
    contenders: ['rxdelta', 'floor', 'openai', 'openaiHelper'],
    series: [cpu(atMost(0.9), sdkAtLeast(1.9))],
  },
  paced1000: {
    ...paced,
    title: '1,000 paced streams, an event every 400 ms each',
    answer: 'paced400',
    words: 8,
    times: 1_000,
    contenders: ['rxdelta', 'floor', 'openai'],
    series: [cpu(atMost(1.1))],
  },
  responses: {
    ...burst,
    title: 'Responses events',
    answer: 'responses',
    words: 20_000,
    task: 'responses',
    contenders: ['rxdelta', 'floor', 'openai', 'openaiHelper'],
    series: [cpu(atMost(1.15), { of: 'openaiHelper', times: 'rxdelta', atLeast: 8 })],
  },
  accumulated: {
    ...burst,
    title: 'accumulated: text, tool calls and the completion',
    answer: 'accumulated',
    words: 20_000,
    pieces: 200,
    task: 'accumulation',
    contenders: ['rxdelta', 'floor', 'openaiHelper'],
    series: [cpu(atMost(1.6), { of: 'openaiHelper', times: 'rxdelta', atLeast: 2.5 })],
  },
  toolCall: {
    ...burst,
    title: 'one tool call of 5,000 deltas',
    answer: 'toolCall',
    words: 0,
    pieces: 5_000,
    times: 4,
    task: 'toolCall',
    contenders: ['rxdelta', 'floor', 'openaiHelper'],
    series: [cpu()],
  },
  short: {
    title: 'short requests, whole: 10 chunks and `[DONE]`',
    answer: 'short',
    words: 8,
    task: 'chat',
    measure: 'shortRequests',
    times: 400,
    rounds: 9,
    warmUps: 2,
    contenders: ['rxdelta', 'floor', ...SDK, ...PEERS],
    series: [
      { name: 'cpu', title: 'CPU per request', unit: 'ms', goals: [atMost(0.85), sdkAtLeast(3.3)] },
      { name: 'firstChunk', title: 'time to the first chunk', unit: 'ms', goals: [] },
      { name: 'connections', title: 'for 400 requests', unit: 'connections', goals: [] },
    ],
  },
  memory: {
    title: '1,000 open, silent streams',
    answer: 'silent',
    words: 5,
    task: 'chat',
    measure: 'openStreams',
    times: 1_000,
    rounds: 5,
    warmUps: 1,
    contenders: ['rxdelta', 'floor', 'openai'],
    series: [
      {
        name: 'memory',
        title: 'heap and external per stream',
        unit: 'KiB',
        goals: [
          { of: 'rxdelta', atMost: 16 },
          { of: 'openai', times: 'rxdelta', atLeast: 3 },
        ],
      },
    ],
  },
  abort: {
    title: 'abort',
    answer: 'silent',
    words: 5,
    task: 'chat',
    measure: 'aborts',
    times: 200,
    rounds: 1,
    warmUps: 0,
    contenders: ['rxdelta', 'floor', 'openai', 'openaiFrom'],
    series: [
      untilClosed('inside', 'until the server sees it, from inside the callback'),
      untilClosed('outside', 'until the server sees it, from outside during silence'),
    ],
  },
} satisfies Record<string, Workload>;

function cpu(...goals: Goal[]): Series {
  return { name: 'cpu', title: 'CPU per chunk', unit: 'µs', goals };
}

function untilClosed(name: string, title: string): Series {
  const goals: Goal[] = [
    { of: 'rxdelta', atMost: 2 },
    { of: 'rxdelta', statistic: 'p99', atMost: 10 },
    { of: 'rxdelta', statistic: 'open', atMost: 0 },
  ];
  return { name, title, unit: 'ms', isDistribution: true, goals };
}

function atMost(times: number): Goal {
  return { of: 'rxdelta', times: 'floor', atMost: times };
}

function sdkAtLeast(times: number, node?: number): Goal {
  return { of: 'openai', times: 'rxdelta', atLeast: times, ...(node && { node }) };
}
