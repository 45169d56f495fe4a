import {
  concatMap,
  dematerialize,
  filter,
  map,
  materialize,
  type MonoTypeOperatorFunction,
  NEVER,
  Observable,
  of,
  take,
  timer,
  type SchedulerLike,
} from 'rxjs';
import type { FlowGate } from '../../transport/FlowGate.ts';
import type { TransportResponse } from '../../transport/Transport.ts';

/** What would come over a wire. */
export interface Exchange extends Omit<TransportResponse, 'body'> {
  /** What comes instead of the head. */
  error: Error | undefined;
  /** How long the head takes, in milliseconds of the scheduler. `Infinity`: it never comes. */
  headAfterMs: number;
  body: Observable<Uint8Array>;
  scheduler: SchedulerLike;
  /** While it is held, the body is not read. */
  gate: FlowGate | undefined;
}

/** Plays an exchange as a transport does: the head once, then the body; unsubscribing the head closes both. */
export function exchange({
  error,
  headAfterMs,
  body,
  scheduler,
  gate,
  ...head
}: Exchange): Observable<TransportResponse> {
  const opening = headAfterMs === Infinity ? NEVER : headAfterMs > 0 ? timer(headAfterMs, scheduler) : of(0);
  return new Observable((destination) => {
    const read = new Observable<Uint8Array>((bytes) => {
      const source = gate ? body.pipe(gated(gate)) : body;
      const reading = source.subscribe({
        next: (piece) => {
          bytes.next(piece);
        },
        error: (error: unknown) => {
          bytes.error(error);
          destination.complete();
        },
        complete: () => {
          bytes.complete();
          destination.complete();
        },
      });
      destination.add(reading);
      return reading;
    });
    return opening.subscribe(() => {
      if (error) destination.error(error);
      else destination.next({ ...head, body: read });
    });
  });
}

/** Lets a body through while the gate is open: its end too, which comes after what is still to be read. */
function gated(gate: FlowGate): MonoTypeOperatorFunction<Uint8Array> {
  const whenOpen = gate.open$.pipe(filter(Boolean), take(1));
  return (body) =>
    body.pipe(
      materialize(),
      concatMap((read) => whenOpen.pipe(map(() => read))),
      dematerialize(),
    );
}
