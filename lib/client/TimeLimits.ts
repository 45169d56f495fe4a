import type { SchedulerLike, Subscription } from 'rxjs';
import type { FlowGate } from '../transport/FlowGate.ts';
import type { Timeouts } from './Timeouts.ts';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2_147_483_647;

/** The phases of a request that have a limit here; that of connecting is the transport's. */
export type LimitedPhase = 'total' | 'head' | 'idle' | 'chunk';

/** A limit that is set. */
interface Limit {
  phase: LimitedPhase;
  limitMs: number;
  /** When it began, or the last sign of life. */
  since?: number;
}

/**
 * The limits of one request. A sign of life only notes the time: one timer serves for all, is set for the earliest time
 * at which any may pass, and sets itself again for the rest. A gate that is held stops the count of silence: who is held
 * back cannot be late.
 */
export class TimeLimits {
  readonly #scheduler: SchedulerLike;
  readonly #onPass: (phase: LimitedPhase, limitMs: number) => void;
  readonly #limits: Limit[];
  readonly #watching: Subscription | undefined;
  #timer: Subscription | undefined;
  #isHeld = false;
  /** Whether the timer was set without the limits that a gate stops. */
  #isPartial = false;

  /** @param onPass - called when a limit passes, which does not end the others */
  constructor(
    { totalMs, responseMs, idleMs, chunkMs }: Timeouts,
    scheduler: SchedulerLike,
    gate: FlowGate | undefined,
    onPass: (phase: LimitedPhase, limitMs: number) => void,
  ) {
    this.#scheduler = scheduler;
    this.#onPass = onPass;
    const limits: Limit[] = [
      { phase: 'total', limitMs: totalMs },
      { phase: 'head', limitMs: responseMs },
      { phase: 'idle', limitMs: idleMs },
      { phase: 'chunk', limitMs: chunkMs },
    ];
    this.#limits = limits.filter(({ limitMs }) => limitMs < Infinity);
    this.#watching = gate?.open$.subscribe((isOpen) => {
      this.#change(isOpen);
    });
    this.#setTimer();
  }

  /** Begins a limit, or notes a sign of life. */
  touch(phase: LimitedPhase): void {
    for (const limit of this.#limits) if (limit.phase === phase) limit.since = this.#scheduler.now();
  }

  /** Ends one limit. */
  end(phase: LimitedPhase): void {
    const index = this.#limits.findIndex((limit) => limit.phase === phase);
    if (index >= 0) this.#limits.splice(index, 1);
  }

  /** Ends all of them. */
  stop(): void {
    this.#timer?.unsubscribe();
    this.#watching?.unsubscribe();
  }

  #change(isOpen: boolean): void {
    this.#isHeld = !isOpen;
    if (!isOpen) return;
    const now = this.#scheduler.now();
    for (const limit of this.#limits) if (isGated(limit) && limit.since !== undefined) limit.since = now;
    if (this.#isPartial) {
      this.#timer?.unsubscribe();
      this.#setTimer();
    }
  }

  /** Sets it for the next of the limits that count; one that has not begun cannot pass before its whole time. */
  #setTimer(): void {
    const now = this.#scheduler.now();
    this.#isPartial = this.#isHeld;
    const restMs = Math.min(...this.#counting().map(({ since = now, limitMs }) => since + limitMs - now));
    if (restMs === Infinity) return;
    this.#timer = this.#scheduler.schedule(
      () => {
        this.#check();
      },
      Math.min(restMs, MAX_TIMER_MS),
    );
  }

  #check(): void {
    const now = this.#scheduler.now();
    const passed = this.#counting().find(({ since = now, limitMs }) => now - since >= limitMs);
    if (passed) this.#onPass(passed.phase, passed.limitMs);
    else this.#setTimer();
  }

  #counting(): Limit[] {
    return this.#isHeld ? this.#limits.filter((limit) => !isGated(limit)) : this.#limits;
  }
}

function isGated({ phase }: Limit): boolean {
  return phase === 'idle' || phase === 'chunk';
}
