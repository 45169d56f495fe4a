import { answer } from '../../docs/.vitepress/playground/answer';
import { placeRun, radiusOf } from '../../docs/.vitepress/playground/placeRun';
import type { Run } from '../../docs/.vitepress/playground/Run';
import type { Settings } from '../../docs/.vitepress/playground/Settings';
import { startRun } from '../../docs/.vitepress/playground/startRun';

const settings: Settings = { chunkEveryMs: 2, fault: 'none', faultyRequests: 1, isRetried: false };

/** Runs to the end; `stopWhen` unsubscribes before. */
function played(changes: Partial<Settings>, stopWhen: (run: Run) => boolean = () => false): Promise<Run> {
  return new Promise((resolve) => {
    const stop = startRun({ ...settings, ...changes }, (run) => {
      if (run.state !== 'running') setTimeout(() => resolve(run), 50);
      else if (stopWhen(run)) stop();
    });
  });
}

const kinds = (marks: Run['result']) => [...new Set(marks.map(({ kind }) => kind))];

describe('the playground', () => {
  it.concurrent('plays a whole answer', async () => {
    const run = await played({});
    expect(run).toMatchObject({ state: 'complete', text: answer });
    expect(run.attempts.map(kinds)).toEqual([['request', 'chunk', 'complete']]);
    expect(run.log.map(({ sentence }) => sentence)).toEqual(['Request 1 is sent.', 'Complete: the answer is whole.']);
  });

  it.concurrent.each([
    ['cut', 'StreamTruncatedError', ['request', 'chunk', 'error']],
    ['reset', 'APIConnectionError', ['request', 'chunk', 'error']],
    ['stream-error', 'APIStreamError', ['request', 'chunk', 'abort', 'error']],
    ['stall', 'APIConnectionTimeoutError', ['request', 'chunk', 'abort', 'error']],
    ['status-429', 'APIStatusError', ['request', 'error']],
    ['status-500', 'APIStatusError', ['request', 'error']],
  ] as const)('plays %s, and keeps the text so far', async (fault, name, marks) => {
    const run = await played({ fault });
    expect(run.state).toBe('failed');
    expect(run.attempts.map((lane) => kinds(lane).sort())).toEqual([[...marks].sort()]);
    expect(run.result.at(-1)).toMatchObject({ kind: 'error', label: name });
    expect(answer.startsWith(run.text)).toBe(true);
    expect(run.text.length > 0).toBe(!fault.startsWith('status'));
  });

  it.concurrent('retries on lanes of their own, and starts the text again', async () => {
    const run = await played({ fault: 'cut', isRetried: true });
    expect(run).toMatchObject({ state: 'complete', text: answer });
    expect(run.attempts.map(kinds)).toEqual([
      ['request', 'chunk', 'error'],
      ['request', 'chunk', 'complete'],
    ]);
    const lanes = placeRun(run, 600);
    expect(lanes.map(({ name }) => name)).toEqual(['attempt 1: StreamTruncatedError', 'attempt 2', 'text']);
    expect(lanes[1]!.from).toBeGreaterThan(lanes[0]!.to);
    for (const { marks } of lanes) for (const { x } of marks) expect(x > 0 && x < 600).toBe(true);
    expect(radiusOf(lanes)).toBeLessThan(6);
  });

  it.concurrent('gives up after two retries', async () => {
    const run = await played({ fault: 'status-429', faultyRequests: 1000, isRetried: true });
    expect(run.attempts).toHaveLength(3);
    expect(run.log.at(-1)?.sentence).toMatch(/^APIStatusError after 3 attempts, kind status: /);
  });

  it.concurrent('aborts the request when it is stopped, with neither an error nor a completion', async () => {
    const run = await played({ chunkEveryMs: 10 }, ({ text }) => text.length > 10);
    expect(run.state).toBe('stopped');
    expect(kinds(run.result)).toEqual(['chunk', 'unsubscribe']);
    expect(run.attempts.map(kinds)).toEqual([['request', 'chunk', 'abort']]);
  });
});
