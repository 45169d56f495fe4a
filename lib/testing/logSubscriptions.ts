import { Observable, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** From when to when something was subscribed, as `expectSubscriptions` compares it; by the clock of a scheduler. */
export type SubscriptionLog = ReturnType<typeof TestScheduler.parseMarblesAsSubscriptions>;

/** Notes in a list when its source was subscribed, and when that ended, in whatever way. */
export function logSubscriptions<T>(logs: SubscriptionLog[], scheduler: SchedulerLike): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((destination) => {
      // By then a client would send nothing either.
      if (destination.closed) return;
      // The class has no name outside of RxJS, and a strict comparison looks at the class.
      const log: SubscriptionLog = TestScheduler.parseMarblesAsSubscriptions('');
      logs.push(Object.assign(log, { subscribedFrame: scheduler.now() }));
      destination.add(() => Object.assign(log, { unsubscribedFrame: scheduler.now() }));
      source.subscribe(destination);
    });
}
