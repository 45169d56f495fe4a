import type { Socket } from 'node:net';

/** The head of a good stream, chunked and kept alive. */
export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\ntransfer-encoding: chunked\r\n\r\n';

/** The last chunk of a chunked body. */
export const LAST_CHUNK = '0\r\n\r\n';

/** One HTTP chunk. */
export function httpChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** One event with a value as JSON. */
export function event(value: unknown): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

/** One event with a chat chunk of one choice. */
export function delta(content: string | null, finishReason: string | null = null): string {
  return event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: content === null ? {} : { content }, finish_reason: finishReason }],
  });
}

/** A whole answer of the given pieces, with its finish reason and `[DONE]`. */
export function answer(...pieces: string[]): string {
  return pieces.map((piece) => delta(piece)).join('') + delta(null, 'stop') + event('[DONE]');
}

/** A response that is no stream. */
export function response(status: number, contentType: string, body: string, headers = ''): string {
  const type = contentType ? `content-type: ${contentType}\r\n` : '';
  return `HTTP/1.1 ${status} X\r\n${type}${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Writes an answer as one HTTP chunk and ends the body. */
export function sendAnswer(socket: Socket, ...pieces: string[]): void {
  socket.write(STREAM_HEAD + httpChunk(answer(...pieces)) + LAST_CHUNK);
}
