import type { Response, ResponseOutputItem, ResponseStreamEvent } from '../../openai/index.ts';
import type { FakeOutputItem } from './FakeOutputItem.ts';
import { itemEvents } from './itemEvents.ts';
import type { ResponseEventsOptions } from './ResponseEventsOptions.ts';
import { responseObject } from './responseObject.ts';

/** How a Response ends, and with which words. */
export type FakeOutcome =
  | { type: 'completed' }
  | { type: 'incomplete'; incomplete_details: NonNullable<Response['incomplete_details']> }
  | { type: 'failed'; error: NonNullable<Response['error']> };

/** The events of a whole Response; of one that is incomplete, the last item is too. */
export function* streamEvents(
  items: readonly FakeOutputItem[],
  options: ResponseEventsOptions,
  { type, ...outcome }: FakeOutcome,
): Generator<ResponseStreamEvent, void> {
  let next = 0;
  const number = () => next++;
  const output: ResponseOutputItem[] = [];
  const begun = responseObject('in_progress', [], options);
  yield { type: 'response.created', sequence_number: number(), response: begun };
  yield { type: 'response.in_progress', sequence_number: number(), response: begun };
  for (const [outputIndex, item] of items.entries()) {
    const status = type === 'incomplete' && outputIndex === items.length - 1 ? 'incomplete' : 'completed';
    output.push(yield* itemEvents(item, { outputIndex, number, every: options.every, status }));
  }
  const response = responseObject(type, output, options, outcome);
  yield { type: `response.${type}`, sequence_number: number(), response };
}
