import { asyncScheduler, Subscription, type Observable } from 'rxjs';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { Through } from '../rx/Through.ts';
import { FlowGate } from '../transport/FlowGate.ts';
import { errorReport } from './errorReport.ts';
import { failureHead } from './failureHead.ts';
import type { Reader } from './Reader.ts';
import { schedule } from './schedule.ts';
import type { SendOptions } from './SendOptions.ts';

/** So that nobody on the way keeps, packs or gathers it. */
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** A stream that is sent. */
export interface Sending {
  /** What is sent; unsubscribing it stops the source, and ends the answer. */
  subscription: Subscription;
  /** To be told when the reader has taken what it was too slow for. */
  resume: () => void;
  /** To be told when the reader is gone. */
  leave: () => void;
}

/**
 * Sends events as the answer to a request: the head with the first of them, an error before as a status of its own. While
 * the reader is slow, the gate is held.
 *
 * @param events - text of whole events; its errors come before any of them
 * @throws RangeError when `writeTimeoutMs` or `maxBacklog` is not above 0
 */
export function sendText(events: Observable<string>, reader: Reader, options: SendOptions<never>): Sending {
  const { gate = new FlowGate(), writeTimeoutMs = 60_000, maxBacklog = 1_048_576 } = options;
  const { scheduler = asyncScheduler } = options;
  if (!(writeTimeoutMs > 0 && maxBacklog > 0)) throw new RangeError('writeTimeoutMs and maxBacklog must be above 0');
  const subscription = new Subscription();
  let state: 'waiting' | 'begun' | 'over' = 'waiting';
  let backlog = 0;
  /** While the reader is slow. */
  let hold: Subscription | undefined;

  const resume = () => {
    hold?.unsubscribe();
    hold = undefined;
    backlog = 0;
  };
  const leave = () => {
    state = 'over';
    subscription.unsubscribe();
  };
  const drop = () => {
    leave();
    reader.drop();
  };
  const wait = () => {
    hold = new Subscription(gate.hold());
    hold.add(schedule(scheduler, writeTimeoutMs, drop));
  };
  /** By lower-case name, so that they take the place of ours instead of being joined with them. */
  const headers = () => {
    const given = typeof options.headers === 'function' ? options.headers() : (options.headers ?? {});
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  };
  const write = (text: string) => {
    if (state === 'waiting') {
      reader.begin({ ...STREAM_HEADERS, ...headers() });
      state = 'begun';
    }
    if (hold) {
      // Who does not read needs no sign of life.
      if (text.startsWith(':')) return;
      backlog += text.length;
      if (backlog > maxBacklog) {
        drop();
        return;
      }
    }
    const isTaken = reader.write(text);
    if (!isTaken && !hold && state === 'begun') wait();
  };
  const refuse = (error: unknown) => {
    state = 'over';
    const { status, headers: own } = failureHead(error);
    const report = JSON.stringify(errorReport(error, options.errorMessage));
    reader.refuse(
      status,
      { 'cache-control': 'no-store', ...own, ...headers(), 'content-type': 'application/json' },
      report,
    );
  };
  const fail = (error: unknown) => {
    writing.unsubscribe();
    try {
      if (state !== 'waiting') throw error;
      refuse(error);
      if (!reader.tellsEnd) leave();
    } catch {
      // A head that cannot be sent, or a reader who fails.
      drop();
    }
  };

  subscription.add(() => {
    resume();
    if (state === 'begun') reader.end();
    else if (state === 'waiting') fail(new APIUserAbortError());
    state = 'over';
  });
  const complete = () => {
    const wasBegun = state === 'begun';
    state = 'over';
    if (wasBegun) reader.end();
    if (!reader.tellsEnd) leave();
    // It is over for the reader when it has taken the last of it.
    else if (wasBegun && !hold) wait();
  };
  const writing = new Through(subscription, { next: write, error: fail, complete });
  events.subscribe(writing);
  return { subscription, resume, leave };
}
