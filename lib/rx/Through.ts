import { Subscriber, type Subscription } from 'rxjs';

/** What is done with each notification. */
export interface ThroughHandlers<T> {
  next: (value: T) => void;
  /** Is also told what the other two throw. */
  error?: ((error: unknown) => void) | undefined;
  complete?: (() => void) | undefined;
}

/** What can end; a subscriber can also be told of an error, and of a completion. */
type Owner = Subscription & Partial<Pick<Subscriber<unknown>, 'error' | 'complete'>>;

/**
 * A subscriber in the middle of a pipe. It is a part of its owner from the start, so that a synchronous source stops as soon
 * as that ends, and tells it whatever is not handled. A throw becomes an error.
 */
export class Through<T> extends Subscriber<T> {
  constructor(
    owner: Owner,
    { next, error = (failure) => owner.error?.(failure), complete = () => owner.complete?.() }: ThroughHandlers<T>,
  ) {
    super();
    owner.add(this);
    const guarded = (handle: (value: T) => void) => (value?: T) => {
      try {
        handle(value as T);
      } catch (failure) {
        error(failure);
      }
    };
    this._next = guarded(next);
    this._error = error;
    this._complete = guarded(() => {
      complete();
      this.unsubscribe();
    });
  }
}
