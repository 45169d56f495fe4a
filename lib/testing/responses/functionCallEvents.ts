import type { ResponseFunctionToolCall, ResponseStreamEvent } from '../../openai/index.ts';
import { argumentsText } from '../chat/argumentsText.ts';
import type { FakeFunctionCall } from './FakeOutputItem.ts';
import { opened, type ItemPlace } from './ItemPlace.ts';

/** The events of a function call; returns the item. */
export function* functionCallEvents(
  { functionCall: call }: { functionCall: FakeFunctionCall },
  place: ItemPlace,
): Generator<ResponseStreamEvent, ResponseFunctionToolCall> {
  const { number, outputIndex: output_index } = place;
  const { name, callId = `call_${output_index + 1}` } = call;
  const text = argumentsText(call);
  const { fields, pieces } = opened('fc', text, place);
  const item = (status: 'in_progress' | 'completed' | 'incomplete', soFar: string): ResponseFunctionToolCall => ({
    id: fields.item_id,
    type: 'function_call',
    status,
    call_id: callId,
    name,
    arguments: soFar,
  });
  const done = item(place.status, text);

  yield { type: 'response.output_item.added', sequence_number: number(), output_index, item: item('in_progress', '') };
  for (const delta of pieces) {
    yield { type: 'response.function_call_arguments.delta', sequence_number: number(), ...fields, delta };
  }
  yield { type: 'response.function_call_arguments.done', sequence_number: number(), ...fields, arguments: text };
  yield { type: 'response.output_item.done', sequence_number: number(), output_index, item: done };
  return done;
}
