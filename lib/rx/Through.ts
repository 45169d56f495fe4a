import { Subscriber } from 'rxjs';

/** What a subscriber does instead of passing a notification on. The last two end the destination. */
export interface ThroughHandlers<T> {
  /** A throw becomes an error. */
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
    this._next = (value) => {
      try {
        next(value);
      } catch (failure) {
        this.error(failure);
      }
    };
    if (error) this._error = error;
    if (complete) this._complete = complete;
  }
}
