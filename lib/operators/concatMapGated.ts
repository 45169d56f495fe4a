import {
  from,
  Observable,
  type ObservableInput,
  type ObservedValueOf,
  type OperatorFunction,
  type Subscriber,
} from 'rxjs';
import { Through } from '../rx/Through.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import { warnIfUnread } from './warnIfUnread.ts';

/** Options of `concatMapGated`. */
export interface ConcatMapGatedOptions {
  /** So many values may wait for their turn before the gate is held: a whole number from 0. Default 16. */
  highWaterMark?: number;
}

/**
 * Maps each value to an Observable and emits what these emit, one after the other in order, as `concatMap` does; and
 * holds the gate while more than `highWaterMark` values wait, so that the server does.
 *
 * ```marbles
 * chunks   -a-b-c-d-|
 *          concatMapGated(gate, saveIn7Ms, { highWaterMark: 1 })
 * result   --------a------b------c------(d|)
 * gate     open-held------open-----------
 * ```
 *
 * Give the same gate to the request. What it has read already is delivered all the same: it waits here, and nothing is
 * dropped. The gate is released as soon as no more than `highWaterMark` values wait, and on error and unsubscription. It
 * completes when the source has completed and nothing waits any more. An error of the source ends it at once, without
 * what still waits, as with `concatMap`. A gate that no request reads holds nothing back, which is said once as a
 * warning on the console, except in production.
 *
 * @param gate - the gate that the request was given in its options
 * @param project - makes an Observable, a promise or an iterable of each value, with its index from 0
 * @param options - `highWaterMark`, in values; 16 unless set
 * @throws RangeError at once when `highWaterMark` is not a whole number of at least 0
 * @throws whatever `project` throws, and what its Observables end with
 * @example
 * ```ts
 * import { concatMapGated, contentDeltas, createClient, FlowGate } from 'rxdelta';
 *
 * const save = async (text: string): Promise<number> => Promise.resolve(text.length);
 * const gate = new FlowGate();
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }, { gate })
 *   .pipe(contentDeltas(), concatMapGated(gate, save))
 *   .subscribe({ next: (length) => console.log(length), error: (error) => console.error(error) });
 * ```
 * @see https://rxjs.dev/api/operators/concatMap
 */
/* @__NO_SIDE_EFFECTS__ */
export function concatMapGated<T, O extends ObservableInput<unknown>>(
  gate: FlowGate,
  project: (value: T, index: number) => O,
  { highWaterMark = 16 }: ConcatMapGatedOptions = {},
): OperatorFunction<T, ObservedValueOf<O>> {
  if (!Number.isInteger(highWaterMark) || highWaterMark < 0) {
    throw new RangeError('highWaterMark must be a whole number of at least 0');
  }
  return (source) =>
    new Observable((destination) => {
      const waiting: T[] = [];
      let index = 0;
      let isSourceOver = false;
      let isBusy = false;
      let isDraining = false;
      let release: (() => void) | undefined;

      /** Holds the gate as long as too many wait. */
      const settle = () => {
        const held = release;
        if (waiting.length > highWaterMark && !held) {
          warnIfUnread(gate);
          release = gate.hold();
          destination.add(release);
        } else if (waiting.length <= highWaterMark && held) {
          release = undefined;
          destination.remove(held);
          held();
        }
      };
      const start = (value: T) => {
        isBusy = true;
        const inner: Subscriber<ObservedValueOf<O>> = new Through(destination, {
          next: (result) => {
            destination.next(result);
          },
          complete: () => {
            inner.unsubscribe();
            isBusy = false;
            drain();
          },
        });
        from(project(value, index++)).subscribe(inner);
      };
      /** In a loop, since of many that complete at once each would start the next from within. */
      const drain = () => {
        if (isDraining) return;
        isDraining = true;
        while (!isBusy && waiting.length > 0 && !destination.closed) {
          const value = waiting.shift() as T;
          settle();
          start(value);
        }
        isDraining = false;
        if (isSourceOver && !isBusy) destination.complete();
      };
      const outer: Subscriber<T> = new Through(destination, {
        next: (value: T) => {
          waiting.push(value);
          drain();
          settle();
        },
        complete: () => {
          outer.unsubscribe();
          isSourceOver = true;
          drain();
        },
      });
      source.subscribe(outer);
    });
}
