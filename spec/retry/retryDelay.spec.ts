import { APIConnectionError } from 'rxdelta';
import { retryDelay } from '../../lib/retry/retryDelay';

describe('retryDelay', () => {
  const reset = new APIConnectionError('reset', { phase: 'head' });

  it.each(['onRetry', 'shouldRetry'] as const)('waits no more where %s fires the signal', (name) => {
    const controller = new AbortController();
    const fire = () => {
      controller.abort();
      return undefined;
    };
    const heard: unknown[] = [];
    retryDelay({ initialDelayMs: 60_000, signal: controller.signal, [name]: fire })(reset, 1, true)
      .subscribe((due) => heard.push(due))
      .unsubscribe();
    expect(heard).toHaveLength(1);
  });
});
