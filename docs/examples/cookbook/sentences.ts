import { concat, concatMap, defer, type OperatorFunction } from 'rxjs';

/** The place behind a full stop, a question or an exclamation mark, closing quotes, and the blanks after them. */
const BORDER = /(?<=[.!?…]["'”’)\]]*\s+)(?=\S)/;

/** Makes sentences of pieces of text, however it was cut. The last one comes when the source completes. */
export function sentences(): OperatorFunction<string, string> {
  return (deltas) =>
    defer(() => {
      let rest = '';
      const whole = deltas.pipe(
        concatMap((delta) => {
          const parts = (rest + delta).split(BORDER);
          rest = parts.pop() ?? '';
          return parts;
        }),
      );
      const last = defer(() => (rest ? [rest] : []));
      return concat(whole, last);
    });
}
