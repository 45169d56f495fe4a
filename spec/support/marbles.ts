import { defer, EMPTY, Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

interface Frame {
  notification?: { kind: string; error?: unknown };
}

/**
 * Runs marbles in virtual time. An expected error is the very object; `expect.objectContaining` compares its fields.
 * (Jest on its own compares errors by their messages.)
 */
export function marbles(run: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(Array.isArray(expected) ? expected.map(byIdentity) : expected);
  }).run(run);
}

/** A source whose first subscription is the first of these, and so on; the last one serves all that follow. */
export function inTurn<T>(...subscriptions: Observable<T>[]): Observable<T> {
  let count = 0;
  return defer(() => subscriptions[Math.min(count++, subscriptions.length - 1)] ?? EMPTY);
}

/** A synchronous source that emits for ever; should nobody stop it, it gives up after a thousand values. */
export class Endless<T> {
  /** How many values were made. */
  produced = 0;
  readonly values: Observable<T>;

  constructor(make: (index: number) => T) {
    this.values = new Observable((subscriber) => {
      while (!subscriber.closed && this.produced < 1000) subscriber.next(make(this.produced++));
    });
  }
}

function byIdentity(frame: Frame): Frame {
  const { notification } = frame;
  return notification?.error instanceof Error
    ? { ...frame, notification: { ...notification, error: theVery(notification.error) } }
    : frame;
}

function theVery(error: Error) {
  return {
    asymmetricMatch: (other: unknown) => other === error,
    toString: () => 'TheVery',
    toAsymmetricMatcher: () => `TheVery<${String(error)}>`,
  };
}
