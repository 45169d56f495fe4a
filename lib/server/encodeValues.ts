import { encode, encodeComment } from 'eventsource-encoder';
import { asyncScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs';
import { isAPIError } from '../errors/isAPIError.ts';
import { Through } from '../rx/Through.ts';
import { errorReport } from './errorReport.ts';
import { schedule } from './schedule.ts';
import type { ServerSentEventsOptions } from './ServerSentEventsOptions.ts';

const RESPONSE_TYPE = /^response\.[\w.-]+$/;

/**
 * Encodes values as server-sent events.
 *
 * @param isEarlyErrorThrown - whether an error that comes before any text is passed on, for a status of its own, instead
 *   of being told inside the stream
 * @throws RangeError at once when `heartbeatMs` is not above 0, or `retryMs` not a whole number of at least 0
 */
export function encodeValues<T>(
  options: ServerSentEventsOptions<T>,
  isEarlyErrorThrown: boolean,
): OperatorFunction<T, string> {
  const { retryMs, heartbeatMs = 15_000, event: nameOf = typeLine, scheduler = asyncScheduler } = options;
  if (!(heartbeatMs > 0)) throw new RangeError('heartbeatMs must be above 0');
  if (retryMs !== undefined && !(Number.isSafeInteger(retryMs) && retryMs >= 0)) {
    throw new RangeError('retryMs must be a whole number of at least 0');
  }
  return (source) =>
    new Observable((destination) => {
      let index = 0;
      let isBegun = false;
      let lastMs = scheduler.now();
      let lastType: string | undefined;
      let timer: Subscription | undefined;

      const emit = (text: string) => {
        const opening = isBegun || retryMs === undefined ? '' : `retry: ${retryMs}\n\n`;
        isBegun = true;
        lastMs = scheduler.now();
        destination.next(opening + text);
      };
      const beat = () => {
        const restMs = lastMs + heartbeatMs - scheduler.now();
        if (restMs <= 0) emit(encodeComment(''));
        setTimer(restMs > 0 ? restMs : heartbeatMs);
      };
      const setTimer = (delayMs: number) => {
        timer?.unsubscribe();
        timer = schedule(scheduler, delayMs, beat);
      };
      const fail = (error: unknown) => {
        values.unsubscribe();
        if (isEarlyErrorThrown && !isBegun) {
          destination.error(error);
          return;
        }
        // That one is told already, by the event before.
        if (!(lastType === 'response.failed' && isAPIError(error) && error.kind === 'stream')) {
          emit(encode({ event: 'error', data: JSON.stringify(errorReport(error, options.errorMessage)) }));
        }
        destination.complete();
      };

      setTimer(heartbeatMs);
      destination.add(() => timer?.unsubscribe());
      const values = new Through<T>(destination, {
        next: (value) => {
          const text = encodeEvent(value, options.id?.(value, index), nameOf(value, index));
          index++;
          lastType = typeLine(value);
          emit(text);
        },
        error: fail,
        complete: () => {
          if (options.done ?? !lastType) emit(encode({ data: '[DONE]' }));
          destination.complete();
        },
      });
      source.subscribe(values);
    });
}

/** @throws TypeError when a field would need more than its line, or the value is nothing that JSON has */
function encodeEvent(value: unknown, id: string | number | undefined, event: string | undefined): string {
  for (const [name, line] of Object.entries({ id, event })) {
    if (/[\r\n\0]/.test(`${line}`)) throw new TypeError(`The ${name} of an event is one line`);
  }
  const data = JSON.stringify(value) as string | undefined;
  if (data === undefined) throw new TypeError('That value is not JSON');
  return encode({ data, ...(id !== undefined && { id }), ...(event && { event }) });
}

/** The type of an event of a Response. */
function typeLine(value: unknown): string | undefined {
  const { type } = Object(value) as { type?: unknown };
  return typeof type === 'string' && RESPONSE_TYPE.test(type) ? type : undefined;
}
