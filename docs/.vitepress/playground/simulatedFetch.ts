import { contentChunk, finishChunk } from 'rxdelta/testing';
import { pieces } from './answer.ts';
import type { Fault, Settings } from './Settings.ts';

/** How long the simulated server takes for the head of a response, in milliseconds. */
const HEAD_MS = 250;
/** How long it wants to be left alone after a 429, in milliseconds. */
const RETRY_AFTER_MS = 1200;

/**
 * Makes a `fetch` that asks nobody: it plays a server that streams an answer in time, and fails as it was told to.
 *
 * @param onAbort - called with the number of a request, from 0, that was aborted while it was open
 */
export function simulatedFetch(settings: Settings, onAbort: (index: number) => void): typeof fetch {
  let count = 0;
  return async (_input, init) => {
    const index = count++;
    const fault = index < settings.faultyRequests ? settings.fault : 'none';
    const { signal } = init ?? {};
    let isOpen = true;
    signal?.addEventListener('abort', () => {
      if (isOpen) onAbort(index);
    });
    const closed = () => {
      isOpen = false;
    };
    await pause(HEAD_MS, signal);
    if (fault.startsWith('status-')) {
      closed();
      return refusal(Number(fault.slice('status-'.length)));
    }
    const events = play(settings.chunkEveryMs, fault, signal);
    return new Response(bodyOf(events, closed), { headers: { 'content-type': 'text/event-stream' } });
  };
}

function refusal(status: number): Response {
  const error = { message: status === 429 ? 'Too many requests' : 'The server had an error', type: 'simulated' };
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (status === 429) headers['retry-after-ms'] = String(RETRY_AFTER_MS);
  return new Response(JSON.stringify({ error }), { status, headers });
}

/** The events of an answer in time, up to the fault. */
async function* play(everyMs: number, fault: Fault, signal?: AbortSignal | null): AsyncGenerator<string> {
  const whole = [...pieces.map((piece) => contentChunk(piece)), finishChunk()].map((chunk) => JSON.stringify(chunk));
  const data = fault === 'none' ? [...whole, '[DONE]'] : whole.slice(0, Math.ceil(whole.length / 2));
  for (const line of data) {
    await pause(everyMs, signal);
    yield `data: ${line}\n\n`;
  }
  if (fault !== 'none') await pause(everyMs, signal);
  if (fault === 'reset') throw new TypeError('The simulated connection broke');
  if (fault === 'stream-error') yield 'data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n';
  if (fault === 'stall' || fault === 'stream-error') await pause(Infinity, signal);
}

function bodyOf(events: AsyncGenerator<string>, closed: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await events.next();
        if (!done) {
          controller.enqueue(encoder.encode(value));
          return;
        }
        controller.close();
      } catch (failure) {
        controller.error(failure);
      }
      closed();
    },
  });
}

/** Resolves after the time; rejects as soon as the signal fires. */
function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new DOMException('The request was aborted', 'AbortError'));
    };
    const end = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = ms === Infinity ? undefined : setTimeout(end, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}
