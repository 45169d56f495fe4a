import { isPlatformServer } from '@angular/common';
import {
  assertInInjectionContext,
  computed,
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
import { StreamReader, type Show } from './StreamReader.ts';
import type { StreamSignalOptions } from './StreamSignalOptions.ts';
import type { StreamStatus } from './StreamStatus.ts';

/** A stream as signals. Reading them never throws. */
export interface StreamSignal<V> {
  /** The value so far. It stays when the stream is stopped or fails. */
  readonly value: Signal<V>;
  /** Where the stream is. */
  readonly status: Signal<StreamStatus>;
  /** What the stream, its source, `reduce` or `equal` has failed with; undefined otherwise. */
  readonly error: Signal<unknown>;
  /** Closes the connection, and keeps the value; does nothing where no stream is open or about to be. */
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
 * The source is a computed, so it sets no signals and does not read this one: when a signal that it reads changes, the
 * connection is closed, and what it returns now starts from the seed; undefined closes the connection and leaves the seed.
 * That is done with the effects, but seen at once: a new question never stands beside an old answer. The end of the owner
 * closes the connection too. What the source, the stream, `reduce` or `equal` throws becomes the status `error`, and the value
 * stays; `reload()` tries again. On a server nothing starts, unless `ssr` is set.
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
  const { seed, equal = Object.is } = options;
  const isServer = isPlatformServer(injector.get(PLATFORM_ID));
  const value = signal(seed);
  const status = signal<StreamStatus>('idle');
  const error = signal<unknown>(undefined);
  const round = signal(0);
  const given = computed(() => {
    round();
    return give(source);
  });
  // What the three signals belong to. Once the source gives something else they are the past, though the effect is to run yet.
  const begun = signal<Given<T> | undefined>(undefined);
  const next = computed(() => (begun() === undefined || begun() === given() ? undefined : given()));
  let reader: StreamReader<T, V> | undefined;

  const show: Show<V> = (shown, reached, failure) => {
    value.set(shown);
    error.set(failure);
    status.set(reached);
  };
  const showNew: Show<V> = (shown, reached, failure) => {
    let isSame: boolean;
    try {
      isSame = untracked(() => equal(value(), shown));
    } catch (thrown) {
      reader?.subscription.unsubscribe();
      show(shown, 'error', reached === 'error' ? failure : thrown);
      return;
    }
    show(isSame ? untracked(value) : shown, reached, failure);
  };
  const begin = (now: Given<T>) => {
    begun.set(now);
    show(seed, now.status, now.error);
    if (!now.stream) return;
    reader = new StreamReader(options, showNew);
    // Rendering waits for the end, or it would be for nothing that the request was made.
    if (isServer) reader.subscription.add(injector.get(PendingTasks).add());
    reader.read(now.stream);
  };
  const stop = () => {
    reader?.stop();
    const now = untracked(next);
    if (!now?.stream) return;
    begun.set(now);
    show(seed, 'stopped');
  };
  const reload = () => {
    round.update((count) => count + 1);
  };

  if (!isServer || options.ssr) {
    // Before the effect closes the connection without a word, so that the status does not stay at streaming.
    injector.get(DestroyRef).onDestroy(() => {
      reader?.stop();
      begun.set(undefined);
    });
    const follow = (onCleanup: EffectCleanupRegisterFn) => {
      const now = given();
      onCleanup(() => reader?.subscription.unsubscribe());
      // It may have been stopped already.
      untracked(() => {
        if (now !== begun()) begin(now);
      });
    };
    effect(follow, { injector });
  }
  return {
    value: computed(() => (next() ? seed : value())),
    status: computed(() => next()?.status ?? status()),
    error: computed(() => (next() ?? { error: error() }).error),
    stop,
    reload,
  };
}

/** What the source has given, and what is shown of it before it is subscribed. */
interface Given<T> {
  readonly status: StreamStatus;
  readonly stream?: Observable<T>;
  readonly error?: unknown;
}

function give<T>(source: () => Observable<T> | undefined): Given<T> {
  try {
    const stream = source();
    return stream ? { status: 'loading', stream } : { status: 'idle' };
  } catch (error) {
    return { status: 'error', error };
  }
}
