import type { SchedulerLike, Subscription } from 'rxjs';
import type { FlowGate } from '../transport/FlowGate.ts';
import type { Timeouts } from './Timeouts.ts';

/** Timers take no longer delays. */
const MAX_TIMER_MS = 2_147_483_647;

/** A timer that is later than this was kept from its time. */
const LATE_MS = 20;

/** The phases of a request that have a limit here; that of connecting is the transport's. */
export type LimitedPhase = 'total' | 'head' | 'idle' | 'chunk';

const PHASES: LimitedPhase[] = ['total', 'head', 'idle', 'chunk'];
/** Those that last while the consumer may hold back the server. */
const GATED: LimitedPhase[] = ['idle', 'chunk'];

/**
 * Watches the limits of one request; that of the head and of the whole begin at once. A sign of life only notes the time:
 * one timer serves for all, is set for the earliest time at which any may pass, and sets itself again for the rest. A gate
 * that is held stops the count of silence: who is held back cannot be late. Nor is it silence when this process had no turn
 * to read what had come.
 *
 * @param owner - ends all of them
 * @param onPass - called when a limit passes, which does not end the others
 * @returns begins a limit, or notes a sign of life; with `Infinity` for the time, ends the limit
 */
export function timeLimits(
  timeouts: Timeouts,
  scheduler: SchedulerLike,
  gate: FlowGate | undefined,
  owner: Subscription,
  onPass: (phase: LimitedPhase, limitMs: number) => void,
): (phase: LimitedPhase, sinceMs?: number) => void {
  const nowMs = scheduler.now();
  /** When each began, or its last sign of life. */
  const begun: Partial<Record<LimitedPhase, number>> = { total: nowMs, head: nowMs };
  let isHeld = false;
  /** The limit that the last look found passed, but came late itself. */
  let late: LimitedPhase | undefined;
  let timer: Subscription | undefined;

  const restMs = (phase: LimitedPhase) => {
    if (isHeld && GATED.includes(phase)) return Infinity;
    const now = scheduler.now();
    // One that has not begun cannot pass before its whole time.
    return (begun[phase] ?? now) + limitOf(timeouts, phase) - now;
  };
  const setTimer = () => {
    timer?.unsubscribe();
    const nextMs = Math.min(...PHASES.map(restMs));
    if (nextMs < Infinity) timer = scheduler.schedule(check, Math.min(nextMs, MAX_TIMER_MS));
  };
  const check = () => {
    const passed = PHASES.find((phase) => restMs(phase) <= 0);
    // Where something else had kept the process busy, what came meanwhile is read first.
    const isLate = passed && passed !== 'total' && passed !== late && restMs(passed) < -LATE_MS;
    late = isLate ? passed : undefined;
    if (late) timer = scheduler.schedule(check, LATE_MS);
    else if (passed) onPass(passed, limitOf(timeouts, passed));
    else setTimer();
  };
  const begin = (phase: LimitedPhase, sinceMs?: number) => {
    if (phase === late) late = undefined;
    if (limitOf(timeouts, phase) < Infinity) begun[phase] = sinceMs ?? scheduler.now();
  };

  owner.add(() => timer?.unsubscribe());
  if (gate) {
    owner.add(
      gate.open$.subscribe((isOpen) => {
        isHeld = !isOpen;
        for (const phase of GATED) if (begun[phase] !== undefined) begin(phase);
        setTimer();
      }),
    );
  } else {
    setTimer();
  }
  return begin;
}

function limitOf(timeouts: Timeouts, phase: LimitedPhase): number {
  return timeouts[phase === 'head' ? 'responseMs' : (`${phase}Ms` as const)];
}
