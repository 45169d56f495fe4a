import type { Injector, ValueEqualityFn } from '@angular/core';

/** Options of `streamSignal`, but for the two that say how its value is made. */
export interface StreamSignalSettings<V> {
  /**
   * `frame`: the signals change at most once per animation frame, for streams that are faster than anybody reads. The end,
   * an error and `stop()` show the last value at once, also in a tab that is hidden. Default: with every item.
   */
  coalesce?: 'frame' | undefined;
  /** Whether two values are the same, so that nothing is told of the second. Default `Object.is`. */
  equal?: ValueEqualityFn<V> | undefined;
  /** Whose destruction ends the stream, outside of an injection context. Default: that of the context. */
  injector?: Injector | undefined;
  /**
   * Whether the stream starts on the server too; rendering waits for its end then, and the browser makes the request once
   * more. Default false: on the server the status is `idle`.
   */
  ssr?: boolean | undefined;
}

/** Options of `streamSignal`. */
export interface StreamSignalOptions<T, V> extends StreamSignalSettings<V> {
  /** The value before the first item of every stream. */
  seed: V;
  /**
   * Makes the next value of the last one and an item. It gives a new value rather than to change the last: an array that
   * was pushed to is still the same, of which nothing is told, and it may be the seed.
   */
  reduce: (value: V, item: T) => V;
}
