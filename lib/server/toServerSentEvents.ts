import { encode } from 'eventsource-encoder';
import { map, type OperatorFunction } from 'rxjs';

/** Encodes values as Server-Sent Events. */
export function toServerSentEvents<T>(): OperatorFunction<T, string> {
  return map((value) => encode({ data: JSON.stringify(value) }));
}
