import { delta, event, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../wire';

const LINES = 'content-type: text/event-stream\r\nx-request-id: req_1\r\n';

/** The head of a good stream with these lines besides. */
export function headWith(...lines: string[]): string {
  return `HTTP/1.1 200 OK\r\n${LINES}${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** The head of a body that ends with its connection. */
export const CLOSE_DELIMITED_HEAD = headWith();

/** The head of a chunked body on a connection that is to be closed. */
export const CHUNKED_CLOSE_HEAD = headWith('transfer-encoding: chunked', 'connection: close');

/** The head of a body of this length. */
export function lengthHead(length: number): string {
  return headWith(`content-length: ${length}`);
}

/** The head of a chunked body in a content coding. */
export function codedHead(coding: string): string {
  return headWith(`content-encoding: ${coding}`, 'transfer-encoding: chunked');
}

/** One HTTP chunk of bytes. */
export function bytesChunk(bytes: Uint8Array | string): Uint8Array {
  const content = Buffer.from(bytes as Uint8Array);
  if (content.length === 0) return content;
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n')]);
}

/** The same status line and headers for an answer that is no stream, without the end of the head. */
export function statusHead(status: number, ...lines: string[]): string {
  return `HTTP/1.1 ${status} X\r\nx-request-id: req_1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** An answer that is no stream, with its length. */
export function answerOf(status: number, type: string, body: string, ...lines: string[]): string {
  return statusHead(status, `content-type: ${type}`, `content-length: ${Buffer.byteLength(body)}`, ...lines) + body;
}

/** Two chunks, whose text is `one two `. */
export const TWO = delta('one ') + delta('two ');

/** The same, with the finish reason. */
export const FINISHED = delta('one ') + delta('two ', 'stop');

export const DONE = event('[DONE]');

/** A whole answer in good order, which leaves its connection open. */
export const WHOLE = STREAM_HEAD + httpChunk(delta('whole', 'stop') + DONE) + LAST_CHUNK;

/** One event of a Responses stream that adds text. */
export function textEvent(text: string): string {
  return responsesEvent('response.output_text.delta', {
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: text,
  });
}

/** One event of a Responses stream. */
export function responsesEvent(type: string, fields: object = {}): string {
  return `event: ${type}\n${event({ type, sequence_number: 0, ...fields })}`;
}
