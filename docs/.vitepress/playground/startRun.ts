import {
  accumulateContent,
  createClient,
  fetchTransport,
  isAPIError,
  retryWithBackoff,
  type RetryWithBackoffOptions,
} from 'rxdelta';
import { identity, tap } from 'rxjs';
import type { Mark, Run } from './Run.ts';
import type { Settings } from './Settings.ts';
import { simulatedFetch } from './simulatedFetch.ts';

/** The silence after which a stalled answer is given up, in milliseconds. */
export const IDLE_MS = 2000;

/**
 * Subscribes an answer of the simulated server through the library, and tells of everything that happens.
 *
 * @param onChange - called with the run each time that it has changed; always with the same object
 * @returns unsubscribes
 */
export function startRun(settings: Settings, onChange: (run: Run) => void): () => void {
  const startedMs = performance.now();
  const nowMs = () => performance.now() - startedMs;
  const run: Run = { state: 'running', attempts: [], result: [], text: '', log: [] };
  const mark = (lane: Mark[] | undefined, kind: Mark['kind'], label = '') => {
    lane?.push({ atMs: nowMs(), kind, label });
    onChange(run);
  };
  const say = (sentence: string) => run.log.push({ atMs: nowMs(), sentence });

  const fetch = simulatedFetch(settings, (index) => {
    say(`Request ${index + 1} is aborted: its connection is closed.`);
    mark(run.attempts[index], 'abort', 'abort');
  });
  const client = createClient({
    baseURL: 'http://simulated/v1',
    apiKey: null,
    transport: fetchTransport({ fetch }),
    timeouts: { idleMs: IDLE_MS + settings.chunkEveryMs },
  });
  const retry: RetryWithBackoffOptions = {
    afterFirstChunk: 'restart',
    onRetry: ({ error, delayMs }) => say(`${nameOf(error)}. The next attempt follows in ${Math.round(delayMs)} ms.`),
  };

  const subscription = client.chat.completions
    .stream({ model: 'simulated', messages: [] })
    .pipe(
      tap({
        subscribe: () => {
          run.attempts.push([]);
          say(`Request ${run.attempts.length} is sent.`);
          mark(run.attempts.at(-1), 'request', `attempt ${run.attempts.length}`);
        },
        next: ({ choices: [choice] }) => mark(run.attempts.at(-1), 'chunk', choice?.delta.content ?? ''),
        error: (error: unknown) => mark(run.attempts.at(-1), 'error', nameOf(error)),
        complete: () => mark(run.attempts.at(-1), 'complete'),
      }),
      settings.isRetried ? retryWithBackoff(retry) : identity,
      accumulateContent(),
    )
    .subscribe({
      next: (text) => {
        run.text = text;
        mark(run.result, 'chunk', text);
      },
      error: (error: unknown) => {
        run.state = 'failed';
        say(describe(error, run.text));
        mark(run.result, 'error', nameOf(error));
      },
      complete: () => {
        run.state = 'complete';
        say('Complete: the answer is whole.');
        mark(run.result, 'complete');
      },
    });

  return () => {
    if (run.state !== 'running') return;
    run.state = 'stopped';
    say('Unsubscribed: nothing more comes, neither an error nor a completion.');
    mark(run.result, 'unsubscribe', 'unsubscribe');
    subscription.unsubscribe();
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

function describe(error: unknown, text: string): string {
  if (!isAPIError(error)) return String(error);
  const attempts = error.attempts === undefined ? '' : ` after ${error.attempts} attempts`;
  return `${error.name}${attempts}, kind ${error.kind}: ${error.message}.${text ? ' The text so far stays.' : ''}`;
}
