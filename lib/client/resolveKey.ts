import { defer, EMPTY, from, isObservable, map, of, take, throwIfEmpty, type Observable } from 'rxjs';
import type { ApiKey } from './ClientOptions.ts';
import { environmentVariable } from './environment.ts';

/**
 * The key for one attempt, or null for none. A function is asked anew each time.
 *
 * @throws TypeError when a function gives something else than a string, or nothing
 */
export function resolveKey(apiKey: ApiKey | undefined): Observable<string | null> {
  if (typeof apiKey !== 'function') return of(apiKey === undefined ? (environmentVariable('OPENAI_API_KEY') ?? null) : apiKey);
  return defer(() => {
    const answer = apiKey();
    return typeof answer === 'string' ? of(answer) : isObservable(answer) ? answer : from(answer ?? EMPTY);
  }).pipe(
    take(1),
    throwIfEmpty(() => new TypeError('The apiKey function gave no key')),
    map((key: unknown) => {
      if (typeof key !== 'string') throw new TypeError('The apiKey function must give a string');
      return key;
    }),
  );
}
