import type { Subscriber } from 'rxjs';
import type { Sink } from './Sink.ts';

/** The sink of a subscriber. */
export function sinkOf<T>(subscriber: Subscriber<T>): Sink<T> {
  return (value) => {
    if (value === undefined) subscriber.complete();
    else subscriber.next(value);
  };
}
