import { asyncScheduler, Observable } from 'rxjs';
import { Through } from '../../rx/Through.ts';
import { RefusalError } from '../RefusalError.ts';
import { schedule } from '../schedule.ts';
import { invalid } from './parseBody.ts';
import type { BoundedRelayOptions } from './RelayOptions.ts';

/**
 * Reads a body as text, once, no further than it may go in space and time.
 *
 * @throws RefusalError when it is too large (413), too slow (408), or not UTF-8
 */
export function readBody(bytes: Observable<Uint8Array>, options: BoundedRelayOptions): Observable<string> {
  const { maxBodyBytes, bodyTimeoutMs = 10_000, scheduler = asyncScheduler } = options;
  return new Observable((destination) => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let text = '';
    let length = 0;
    const giveUp = () => {
      destination.error(new RefusalError({ status: 408, message: 'The body takes too long', code: 'body_timeout' }));
    };
    const decode = (part?: Uint8Array) => {
      try {
        return decoder.decode(part, { stream: part !== undefined });
      } catch {
        throw invalid('The body is not UTF-8', 'invalid_encoding');
      }
    };
    destination.add(schedule(scheduler, bodyTimeoutMs, giveUp));
    bytes.subscribe(
      new Through(destination, {
        next: (part: Uint8Array) => {
          length += part.byteLength;
          if (length > maxBodyBytes) throw tooLarge();
          text += decode(part);
        },
        complete: () => {
          destination.next(text + decode());
          destination.complete();
        },
      }),
    );
  });
}

/** The refusal of a body that is larger than allowed. */
export function tooLarge(): RefusalError {
  return new RefusalError({ status: 413, message: 'The body is too large', code: 'body_too_large' });
}
