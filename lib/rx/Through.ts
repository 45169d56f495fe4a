import { Subscriber } from 'rxjs';

/** What a subscriber does instead of passing a notification on. */
export interface ThroughHandlers<T> {
  next: (value: T) => void;
  /** Called when this subscriber is gone already. */
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
    this._next = next;
    if (error) {
      this._error = (failure) => {
        this.unsubscribe();
        error(failure);
      };
    }
    if (complete) {
      this._complete = () => {
        complete();
        this.unsubscribe();
      };
    }
  }
}
