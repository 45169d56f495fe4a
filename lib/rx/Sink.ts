import type { Subscriber } from 'rxjs';

/** Takes values and an end; every subscriber is one. What fails is thrown, not told. */
export type Sink<T> = Pick<Subscriber<T>, 'closed' | 'next' | 'complete'>;
