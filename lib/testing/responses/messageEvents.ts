import type {
  ResponseOutputMessage,
  ResponseOutputRefusal,
  ResponseOutputText,
  ResponseStreamEvent,
} from '../../openai/index.ts';
import { opened, type ItemPlace } from './ItemPlace.ts';

/** The events of a message with one part, a text or a refusal; returns the message. */
export function* messageEvents(
  spec: { text: string } | { refusal: string },
  place: ItemPlace,
): Generator<ResponseStreamEvent, ResponseOutputMessage> {
  const { number, outputIndex: output_index, status } = place;
  const isText = 'text' in spec;
  const whole = isText ? spec.text : spec.refusal;
  const { fields, pieces } = opened('msg', whole, place);
  const at = { ...fields, content_index: 0 };
  const message = (
    state: ResponseOutputMessage['status'],
    content: ResponseOutputMessage['content'],
  ): ResponseOutputMessage => ({ id: fields.item_id, type: 'message', role: 'assistant', status: state, content });
  const part = (text: string): ResponseOutputText | ResponseOutputRefusal =>
    isText ? { type: 'output_text', text, annotations: [], logprobs: [] } : { type: 'refusal', refusal: text };
  const done = message(status, [part(whole)]);

  const begun = message('in_progress', []);
  yield { type: 'response.output_item.added', sequence_number: number(), output_index, item: begun };
  yield { type: 'response.content_part.added', sequence_number: number(), ...at, part: part('') };
  for (const delta of pieces) {
    yield isText
      ? { type: 'response.output_text.delta', sequence_number: number(), ...at, delta, logprobs: [] }
      : { type: 'response.refusal.delta', sequence_number: number(), ...at, delta };
  }
  yield isText
    ? { type: 'response.output_text.done', sequence_number: number(), ...at, text: whole, logprobs: [] }
    : { type: 'response.refusal.done', sequence_number: number(), ...at, refusal: whole };
  yield { type: 'response.content_part.done', sequence_number: number(), ...at, part: part(whole) };
  yield { type: 'response.output_item.done', sequence_number: number(), output_index, item: done };
  return done;
}
