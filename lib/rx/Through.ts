import type { Subscriber } from 'rxjs';
import { Receiver, type ReceiverHandlers } from './Receiver.ts';

/** A receiver in the middle of a pipe: it is a part of its destination, and passes on whatever it does not handle. */
export class Through<T, V> extends Receiver<T> {
  constructor(destination: Subscriber<V>, handlers: Pick<ReceiverHandlers<T>, 'next'> & Partial<ReceiverHandlers<T>>) {
    super(destination, {
      error: (error) => {
        destination.error(error);
      },
      complete: () => {
        destination.complete();
      },
      ...handlers,
    });
  }
}
