import { Observable, type OperatorFunction } from 'rxjs';
import { Completion } from '../../chunks/completion/Completion.ts';
import type { ServerSentEvent } from '../../sse/ServerSentEvent.ts';
import type { BodyPiece } from './FakeAnswer.ts';
import { isBytes } from './isBytes.ts';

const EVENT_FIELDS = ['event', 'data', 'id', 'retry'];

/**
 * Writes the pieces of a body as a server does: chunks as events, each with the `event:` line that Responses have. After
 * a chat answer that is whole comes `[DONE]`; one that is cut stays cut.
 */
export function writeBody(): OperatorFunction<BodyPiece, Uint8Array> {
  return (source) =>
    new Observable((bytes) => {
      const encoder = new TextEncoder();
      const chat = new Completion();
      return source.subscribe({
        next: (piece) => {
          if ('choices' in Object(piece)) chat.observe(piece as object, undefined);
          bytes.next(isBytes(piece) ? piece : encoder.encode(textOf(piece)));
        },
        error: (error: unknown) => {
          bytes.error(error);
        },
        complete: () => {
          if (chat.isComplete) bytes.next(encoder.encode('data: [DONE]\n\n'));
          bytes.complete();
        },
      });
    });
}

function textOf(piece: object | string): string {
  if (typeof piece === 'string') return piece;
  const { event, data, id, retry } = isEvent(piece) ? piece : eventOf(piece);
  const fields = { event, id, retry, data };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : `${value}`.split('\n').map((line) => `${name}: ${line}\n`),
  );
  return `${lines.join('')}\n`;
}

function isEvent(piece: object): piece is ServerSentEvent {
  return (
    'data' in piece && typeof piece.data === 'string' && Object.keys(piece).every((name) => EVENT_FIELDS.includes(name))
  );
}

function eventOf(chunk: object): ServerSentEvent {
  const data = JSON.stringify(chunk);
  return 'type' in chunk && typeof chunk.type === 'string' ? { event: chunk.type, data } : { data };
}
