import { isPlatformServer } from '@angular/common';
import {
  assertInInjectionContext,
  DestroyRef,
  effect,
  inject,
  Injector,
  PendingTasks,
  PLATFORM_ID,
  signal,
  untracked,
  type EffectCleanupRegisterFn,
  type Signal,
} from '@angular/core';
import type { Observable } from 'rxjs';
import { readStream, type Show, type StreamReading } from './readStream.ts';
import type { StreamSignalOptions } from './StreamSignalOptions.ts';
import type { StreamStatus } from './StreamStatus.ts';

/** A stream as signals. Reading them never throws. */
export interface StreamSignal<V> {
  /** The value so far. It stays when the stream is stopped or fails. */
  readonly value: Signal<V>;
  /** Where the stream is. */
  readonly status: Signal<StreamStatus>;
  /** What the stream, its source or its reducer has failed with; undefined otherwise. */
  readonly error: Signal<unknown>;
  /** Closes the connection, and keeps the value; does nothing where no stream is open. */
  readonly stop: () => void;
  /** Asks the source again and starts from the seed, whatever the status is. */
  readonly reload: () => void;
}

/**
 * Shows a stream as signals: the value so far, the status, and the error.
 *
 * ```text
 * source()   undefined  stream----Hel--lo-----|
 * status     idle       loading---streaming---done
 * value      ''         ''--------Hel--Hello-------
 * ```
 *
 * The source is read as in a computed: when a signal that it reads changes, the connection is closed, and what it returns
 * now starts from the seed; undefined closes the connection and leaves the seed. The end of the owner closes it too. What the
 * source, the stream or `reduce` throws becomes the status `error`, and the value stays; `reload()` tries again. On a server
 * nothing starts, unless `ssr` is set.
 *
 * A retry with `afterFirstChunk: 'restart'` starts the answer again in the midst of the stream: accumulate in front of the
 * signal, by `accumulateContent` for example, and let `reduce` take the new value for the old.
 *
 * @param source - gives the stream, or undefined for none
 * @param options - `seed` and `reduce`; see `StreamSignalOptions` for the others and their defaults
 * @throws Error outside of an injection context, unless there is `injector`
 * @example
 * ```ts
 * import { signal } from '@angular/core';
 * import { collectToolCalls, type ToolCall } from 'rxdelta';
 * import { injectClient, streamSignal } from 'rxdelta/angular';
 *
 * export class Assistant {
 *   readonly #client = injectClient();
 *   readonly question = signal('');
 *
 *   readonly calls = streamSignal(() => (this.question() ? this.#ask(this.question()) : undefined), {
 *     seed: [] as readonly ToolCall[],
 *     reduce: (calls, call) => [...calls, call],
 *   });
 *
 *   #ask(content: string) {
 *     return this.#client.chat.completions
 *       .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] })
 *       .pipe(collectToolCalls());
 *   }
 * }
 * ```
 * @see https://angular.dev/guide/signals
 */
export function streamSignal<T, V>(
  source: () => Observable<T> | undefined,
  options: StreamSignalOptions<T, V>,
): StreamSignal<V> {
  if (!options.injector) assertInInjectionContext(streamSignal);
  const injector = options.injector ?? inject(Injector);
  const { seed } = options;
  const isServer = isPlatformServer(injector.get(PLATFORM_ID));
  const value = signal(seed, { ...(options.equal && { equal: options.equal }) });
  const status = signal<StreamStatus>('idle');
  const error = signal<unknown>(undefined);
  const round = signal(0);
  let reading: StreamReading | undefined;

  const show: Show<V> = (shown, reached, failure) => {
    value.set(shown);
    error.set(failure);
    status.set(reached);
  };
  const read = (stream: Observable<T>) => {
    reading = readStream(stream, options, show);
    // Rendering waits for the end, or it would be for nothing that the request was made.
    if (isServer) reading.subscription.add(injector.get(PendingTasks).add());
  };
  const stop = () => reading?.stop();
  const reload = () => {
    round.update((count) => count + 1);
  };

  if (!isServer || options.ssr) {
    // Before the effect closes the connection without a word, so that the status does not stay at streaming.
    injector.get(DestroyRef).onDestroy(stop);
    const follow = (onCleanup: EffectCleanupRegisterFn) => {
      onCleanup(() => reading?.subscription.unsubscribe());
      try {
        round();
        const stream = source();
        untracked(() => {
          if (stream) read(stream);
          else show(seed, 'idle');
        });
      } catch (failure) {
        show(seed, 'error', failure);
      }
    };
    effect(follow, { injector });
  }
  return { value: value.asReadonly(), status: status.asReadonly(), error: error.asReadonly(), stop, reload };
}
