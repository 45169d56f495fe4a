import { Subscription, type SchedulerLike } from 'rxjs';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2_147_483_647;

/** Calls a function after a delay in milliseconds; after `Infinity`, never. */
export function schedule(scheduler: SchedulerLike, delayMs: number, work: () => void): Subscription {
  return delayMs < Infinity ? scheduler.schedule(work, Math.min(delayMs, MAX_TIMER_MS)) : Subscription.EMPTY;
}
