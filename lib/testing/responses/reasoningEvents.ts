import type { ResponseReasoningItem, ResponseStreamEvent } from '../../openai/index.ts';
import { opened, type ItemPlace } from './ItemPlace.ts';

/** The events of a reasoning item with one part of a summary; returns the item. */
export function* reasoningEvents(
  { reasoning: text }: { reasoning: string },
  place: ItemPlace,
): Generator<ResponseStreamEvent, ResponseReasoningItem> {
  const { number, outputIndex: output_index } = place;
  const { fields, pieces } = opened('rs', text, place);
  const at = { ...fields, summary_index: 0 };
  const item = (summary: ResponseReasoningItem['summary']): ResponseReasoningItem => ({
    id: fields.item_id,
    type: 'reasoning',
    summary,
  });
  const part = (summary: string) => ({ type: 'summary_text' as const, text: summary });
  const done = item([part(text)]);

  yield { type: 'response.output_item.added', sequence_number: number(), output_index, item: item([]) };
  yield { type: 'response.reasoning_summary_part.added', sequence_number: number(), ...at, part: part('') };
  for (const delta of pieces) {
    yield { type: 'response.reasoning_summary_text.delta', sequence_number: number(), ...at, delta };
  }
  yield { type: 'response.reasoning_summary_text.done', sequence_number: number(), ...at, text };
  yield { type: 'response.reasoning_summary_part.done', sequence_number: number(), ...at, part: part(text) };
  yield { type: 'response.output_item.done', sequence_number: number(), output_index, item: done };
  return done;
}
