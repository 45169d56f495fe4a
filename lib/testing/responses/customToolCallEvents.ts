import type { ResponseCustomToolCall, ResponseStreamEvent } from '../../openai/index.ts';
import type { FakeCustomToolCall } from './FakeOutputItem.ts';
import { opened, type ItemPlace } from './ItemPlace.ts';

/** The events of a call of a custom tool; returns the item. */
export function* customToolCallEvents(
  { customToolCall: { name, input, callId } }: { customToolCall: FakeCustomToolCall },
  place: ItemPlace,
): Generator<ResponseStreamEvent, ResponseCustomToolCall> {
  const { number, outputIndex: output_index } = place;
  const { fields, pieces } = opened('ctc', input, place);
  const item = (soFar: string): ResponseCustomToolCall => ({
    id: fields.item_id,
    type: 'custom_tool_call',
    call_id: callId ?? `call_${output_index + 1}`,
    name,
    input: soFar,
  });
  const done = item(input);

  yield { type: 'response.output_item.added', sequence_number: number(), output_index, item: item('') };
  for (const delta of pieces) {
    yield { type: 'response.custom_tool_call_input.delta', sequence_number: number(), ...fields, delta };
  }
  yield { type: 'response.custom_tool_call_input.done', sequence_number: number(), ...fields, input };
  yield { type: 'response.output_item.done', sequence_number: number(), output_index, item: done };
  return done;
}
