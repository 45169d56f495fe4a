import type { Observable } from 'rxjs';
import { aborted } from '../rx/aborted.ts';
import type { Reader } from './Reader.ts';
import type { ResponseOptions } from './ResponseOptions.ts';
import { sendText } from './sendText.ts';

/** So many bytes may wait in the stream before the reader counts as slow. */
const HIGH_WATER_MARK = 16_384;

/** Makes events into a response, which is there with the first of them, or with the error before. */
export function sendToWeb(events: Observable<string>, options: ResponseOptions<never>): Promise<Response> {
  const { signal } = options;
  let answer: (response: Response) => void = () => undefined;
  const answered = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  // Nobody reads it, but whoever waits for it shall not wait for ever.
  const abandon = () => {
    answer(new Response(null, { status: 499 }));
  };
  if (signal?.aborted) {
    abandon();
    return answered;
  }
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      // Both come when there is somebody who reads.
      pull: () => {
        sending.resume();
      },
      cancel: () => {
        sending.leave();
      },
    },
    { highWaterMark: HIGH_WATER_MARK, size: ({ byteLength }) => byteLength },
  );
  const reader: Reader = {
    tellsEnd: false,
    begin: (headers) => {
      answer(new Response(body, { headers }));
    },
    write: (text) => {
      controller?.enqueue(encoder.encode(text));
      return (controller?.desiredSize ?? 0) > 0;
    },
    end: () => controller?.close(),
    refuse: (status, headers, text) => {
      answer(new Response(text, { status, headers }));
    },
    drop: () => {
      controller?.error(new Error('The stream was given up'));
      answer(new Response(null, { status: 500 }));
    },
  };
  const sending = sendText(events, reader, options);
  const leaving = aborted(signal).subscribe(() => {
    sending.leave();
    abandon();
    // Later: a server that cancels the body now is told of no error, which it would log.
    queueMicrotask(() => controller?.error(new Error('The browser has left')));
  });
  sending.subscription.add(leaving);
  return answered;
}
