import { Subscriber } from 'rxjs';

/**
 * What a subscriber does instead of passing a notification on. The last two end the destination. A throw becomes an error.
 */
export interface ThroughHandlers<T> {
  next: (value: T) => void;
  error?: (error: unknown) => void;
  complete?: () => void;
}

/**
 * A subscriber in the middle of a pipe. It is a part of its destination from the start, so that a synchronous source
 * stops as soon as the destination does; whatever it does not handle it passes on.
 */
export class Through<T, V> extends Subscriber<T> {
  constructor(destination: Subscriber<V>, { next, error, complete }: ThroughHandlers<T>) {
    super(destination);
    const fail = (failure: unknown) => {
      destination.error(failure);
    };
    this._next = guarded(next, (failure) => {
      this.error(failure);
    });
    if (error) this._error = guarded(error, fail);
    if (complete) this._complete = guarded(complete, fail) as () => void;
  }
}

function guarded<V>(handle: (value: V) => void, fail: (failure: unknown) => void): (value: V) => void {
  return (value) => {
    try {
      handle(value);
    } catch (failure) {
      fail(failure);
    }
  };
}
