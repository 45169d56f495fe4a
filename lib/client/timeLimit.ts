import type { SchedulerLike, Subscription } from 'rxjs';
import type { FlowGate } from '../transport/FlowGate.ts';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2_147_483_647;

/** Counts from its making, and from each touch. */
export interface TimeLimit {
  /** Notes that there is life. */
  touch: () => void;
  /** Ends it. */
  stop: () => void;
}

/**
 * Calls back when nothing has touched the limit for a time. Touching only notes the time: one timer serves for all, and
 * arms itself again for the rest. A gate that is held stops the count: who is held back cannot be late.
 */
export function timeLimit(limitMs: number, scheduler: SchedulerLike, onPass: () => void, gate?: FlowGate): TimeLimit {
  let timer: Subscription | undefined;
  let since = 0;
  const isNone = limitMs === Infinity;
  const touch = () => {
    if (!isNone) since = scheduler.now();
  };
  const watch = () => {
    const restMs = since + limitMs - scheduler.now();
    if (restMs > 0) timer = scheduler.schedule(watch, Math.min(restMs, MAX_TIMER_MS));
    else onPass();
  };
  const change = (isOpen: boolean) => {
    timer?.unsubscribe();
    touch();
    if (isOpen && !isNone) watch();
  };
  const watching = gate?.open$.subscribe(change);
  if (!gate) change(true);
  const stop = () => {
    timer?.unsubscribe();
    watching?.unsubscribe();
  };
  return { touch, stop };
}
