import type { ResponseOutputItem, ResponseStreamEvent } from '../../openai/index.ts';
import { customToolCallEvents } from './customToolCallEvents.ts';
import type { FakeOutputItem } from './FakeOutputItem.ts';
import { functionCallEvents } from './functionCallEvents.ts';
import type { ItemPlace } from './ItemPlace.ts';
import { messageEvents } from './messageEvents.ts';
import { reasoningEvents } from './reasoningEvents.ts';

/** The events of one item of a Response; returns the item as it is in the end. */
export function itemEvents(item: FakeOutputItem, place: ItemPlace): Generator<ResponseStreamEvent, ResponseOutputItem> {
  if ('reasoning' in item) return reasoningEvents(item, place);
  if ('functionCall' in item) return functionCallEvents(item, place);
  if ('customToolCall' in item) return customToolCallEvents(item, place);
  return messageEvents(item, place);
}
