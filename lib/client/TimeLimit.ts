import type { SchedulerLike, Subscription } from 'rxjs';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls back when nothing has touched it for a time. Touching only notes the time: one timer serves for all, and arms
 * itself again for the rest.
 */
export class TimeLimit {
  readonly #limitMs: number;
  readonly #scheduler: SchedulerLike;
  readonly #onPass: () => void;
  #timer: Subscription | undefined;
  #since = 0;

  constructor(limitMs: number, scheduler: SchedulerLike, onPass: () => void) {
    this.#limitMs = limitMs;
    this.#scheduler = scheduler;
    this.#onPass = onPass;
  }

  /** Begins to count, or begins anew. */
  start(): void {
    this.stop();
    if (this.#limitMs === Infinity) return;
    this.touch();
    this.#arm(this.#limitMs);
  }

  /** Notes that there is life. */
  touch(): void {
    if (this.#limitMs !== Infinity) this.#since = this.#scheduler.now();
  }

  /** Stops counting. */
  stop(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#scheduler.schedule(
      () => {
        const restMs = this.#since + this.#limitMs - this.#scheduler.now();
        if (restMs > 0) this.#arm(restMs);
        else this.#onPass();
      },
      Math.min(delayMs, MAX_TIMER_MS),
    );
  }
}
