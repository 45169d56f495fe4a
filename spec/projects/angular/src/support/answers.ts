import type { ServerResponse } from 'node:http';
import { contentChunk, contentChunks, finish } from 'rxdelta/testing';

/** Begins an event stream, and gives its head to the client at once. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
  response.flushHeaders();
}

/** Sends a piece of the text. */
export function say(response: ServerResponse, text: string): void {
  response.write(`data: ${JSON.stringify(contentChunk(text))}\n\n`);
}

/** Ends the answer as a server does that has said all. */
export function conclude(response: ServerResponse): void {
  response.end(`data: ${JSON.stringify(finish())}\n\ndata: [DONE]\n\n`);
}

/** Sends a whole answer. */
export function answer(response: ServerResponse, text: string): void {
  begin(response);
  for (const chunk of contentChunks(text)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  conclude(response);
}

/** Resolves when a condition holds; rejects after 5 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`It did not come to pass: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
