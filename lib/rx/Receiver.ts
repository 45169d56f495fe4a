import { Subscriber, type Subscription } from 'rxjs';

/** What a receiver does with each notification. */
export interface ReceiverHandlers<T> {
  next: (value: T) => void;
  /** Is also told what the other two throw. */
  error: (error: unknown) => void;
  complete: () => void;
}

/**
 * A subscriber that is a part of a subscription from the start, so that a synchronous source stops as soon as that ends.
 * A throw becomes an error.
 */
export class Receiver<T> extends Subscriber<T> {
  constructor(owner: Subscription, { next, error, complete }: ReceiverHandlers<T>) {
    super(owner as Subscriber<T>);
    this._next = (value) => {
      try {
        next(value);
      } catch (failure) {
        this.error(failure);
      }
    };
    this._error = error;
    this._complete = () => {
      try {
        complete();
      } catch (failure) {
        error(failure);
      }
    };
  }
}
