import type { SchedulerLike, Subscription } from 'rxjs';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2_147_483_647;

/** Calls back when nothing has touched it for a time. */
export interface TimeLimit {
  /** Begins to count, or begins anew. */
  start: () => void;
  /** Notes that there is life. */
  touch: () => void;
  /** Stops counting. */
  stop: () => void;
}

/** Makes a limit. Touching only notes the time: one timer serves for all, and arms itself again for the rest. */
export function timeLimit(limitMs: number, scheduler: SchedulerLike, onPass: () => void): TimeLimit {
  let timer: Subscription | undefined;
  let since = 0;
  const isNone = limitMs === Infinity;
  const touch = () => {
    if (!isNone) since = scheduler.now();
  };
  const stop = () => timer?.unsubscribe();
  const arm = () => {
    const restMs = since + limitMs - scheduler.now();
    if (restMs > 0) timer = scheduler.schedule(arm, Math.min(restMs, MAX_TIMER_MS));
    else onPass();
  };
  const start = () => {
    stop();
    touch();
    if (!isNone) arm();
  };
  return { start, touch, stop };
}
