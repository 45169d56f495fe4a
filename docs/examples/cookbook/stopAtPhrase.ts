import { catchError, concatWith, defer, filter, map, takeWhile, throwError, type MonoTypeOperatorFunction } from 'rxjs';

/** Emits the text up to a phrase, however that was cut; there it completes, and the connection closes. */
export function stopAtPhrase(phrase: string): MonoTypeOperatorFunction<string> {
  return (deltas) =>
    defer(() => {
      let held = '';
      let isFound = false;
      const rest = defer(() => [held]);
      return deltas.pipe(
        map((delta) => {
          const text = held + delta;
          const place = text.indexOf(phrase);
          isFound = place >= 0;
          const end = isFound ? place : text.length - overlap(text, phrase);
          held = isFound ? '' : text.slice(end);
          return text.slice(0, end);
        }),
        takeWhile(() => !isFound, true),
        catchError((error: unknown) => rest.pipe(concatWith(throwError(() => error)))),
        concatWith(rest),
        filter((text) => text !== ''),
      );
    });
}

/** How many characters at the end of the text may be the beginning of the phrase. */
function overlap(text: string, phrase: string): number {
  let length = Math.min(text.length, phrase.length - 1);
  while (!text.endsWith(phrase.slice(0, length))) length--;
  return length;
}
