import { defer, from, isObservable, map, of, take, throwIfEmpty, type Observable } from 'rxjs';
import type { ApiKey } from './ClientOptions.ts';
import { environmentVariable } from './environment.ts';

/**
 * The key for one attempt; null or undefined for none. A function is asked anew each time.
 *
 * @throws TypeError when a function gives something else than a string, or nothing
 */
export function resolveKey(apiKey: ApiKey | undefined): Observable<string | null | undefined> {
  if (typeof apiKey !== 'function') return of(apiKey === undefined ? environmentVariable('OPENAI_API_KEY') : apiKey);
  const noKey = () => new TypeError('The apiKey function must give a string');
  return defer(() => {
    const answer = apiKey();
    // A string is taken whole, not character by character.
    return typeof answer === 'string' ? of(answer) : isObservable(answer) ? answer : from(Promise.resolve(answer));
  }).pipe(
    take(1),
    throwIfEmpty(noKey),
    map((key: unknown) => {
      if (typeof key !== 'string') throw noKey();
      return key;
    }),
  );
}
