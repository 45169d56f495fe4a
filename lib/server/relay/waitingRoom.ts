import { asyncScheduler, Observable, type Subscriber } from 'rxjs';
import { RefusalError } from '../RefusalError.ts';
import { schedule } from '../schedule.ts';
import type { RelayOptions } from './RelayOptions.ts';

/**
 * Makes what bounds the verdicts that requests wait for, in number and in time. When one more comes than may wait, the one that
 * has waited longest gives way: nobody is kept out by others whose verdicts are slow.
 */
export function waitingRoom(options: RelayOptions): <T>(verdict: Observable<T>) => Observable<T> {
  const { maxStreams = 256, authorizeTimeoutMs = 10_000, scheduler = asyncScheduler } = options;
  const waiting = new Set<Subscriber<never>>();
  return <T>(verdict: Observable<T>) =>
    new Observable<T>((destination) => {
      const giveUp = () => {
        destination.error(new Error(`authorize has said nothing for ${authorizeTimeoutMs} ms`));
      };
      const [longest] = waiting;
      if (waiting.size >= maxStreams) longest?.error(tooManyStreams());
      waiting.add(destination);
      destination.add(() => waiting.delete(destination));
      destination.add(schedule(scheduler, authorizeTimeoutMs, giveUp));
      verdict.subscribe(destination);
    });
}

/** The refusal of one request more than are allowed at a time. */
export function tooManyStreams(): RefusalError {
  return new RefusalError({ status: 503, message: 'Too many requests are open', code: 'too_many_streams' });
}
