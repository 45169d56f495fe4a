import type { Response, ResponseStreamEvent } from '../../openai/index.ts';
import type { FakeCustomToolCall, FakeFunctionCall, FakeOutputItem } from './FakeOutputItem.ts';
import type { ResponseEventsOptions } from './ResponseEventsOptions.ts';
import { streamEvents } from './streamEvents.ts';

/** Options of `responseEvents.incomplete`. */
export interface IncompleteEventsOptions extends ResponseEventsOptions {
  /** Why it stops. Default `max_output_tokens`. */
  reason?: NonNullable<Response['incomplete_details']>['reason'] | undefined;
}

/** Options of `responseEvents.failed`. */
export interface FailedEventsOptions extends ResponseEventsOptions {
  /** What was put out before it failed. Default nothing. */
  items?: readonly FakeOutputItem[] | undefined;
}

const completed = (items: readonly FakeOutputItem[], options: ResponseEventsOptions = {}): ResponseStreamEvent[] => [
  ...streamEvents(items, options, { type: 'completed' }),
];

/**
 * Makes all events of a Response, from `response.created` to the one that ends it, with the item ids, indices and
 * sequence numbers that belong to them.
 *
 * Each gives a list of events, and throws a RangeError when `every` is less than 1 or not a whole number.
 *
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { accumulateContent } from 'rxdelta';
 * import { responseEvents } from 'rxdelta/testing';
 *
 * from(responseEvents.text('Hello', { every: 3 })).pipe(accumulateContent()).subscribe(console.log); // Hel, Hello
 * ```
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const responseEvents = {
  /** The events of a Response with these items, one after the other. */
  items: completed,

  /** The events of a Response that says a text. */
  text: (text: string, options?: ResponseEventsOptions) => completed([{ text }], options),

  /** The events of a Response that refuses. */
  refusal: (refusal: string, options?: ResponseEventsOptions) => completed([{ refusal }], options),

  /** The events of a Response that shows a summary of its reasoning, and then says a text, if one is given. */
  reasoning: (reasoning: string, text?: string, options?: ResponseEventsOptions) =>
    completed([{ reasoning }, ...(text === undefined ? [] : [{ text }])], options),

  /** The events of a Response that calls a function, or several one after the other. */
  functionCall: (calls: FakeFunctionCall | readonly FakeFunctionCall[], options?: ResponseEventsOptions) =>
    completed(
      [calls].flat().map((functionCall) => ({ functionCall })),
      options,
    ),

  /** The events of a Response that calls a custom tool. */
  customToolCall: (customToolCall: FakeCustomToolCall, options?: ResponseEventsOptions) =>
    completed([{ customToolCall }], options),

  /** The events of a Response whose text meets a limit: it ends with `response.incomplete`. */
  incomplete: (text: string, { reason = 'max_output_tokens', ...options }: IncompleteEventsOptions = {}) => [
    ...streamEvents([{ text }], options, { type: 'incomplete', incomplete_details: { reason } }),
  ],

  /** The events of a Response that fails: it ends with `response.failed`, which a client raises as an `APIStreamError`. */
  failed: (error: Partial<NonNullable<Response['error']>> = {}, options: FailedEventsOptions = {}) => {
    const { items = [], ...others } = options;
    const told = { code: 'server_error' as const, message: 'The server had an error', ...error };
    return [...streamEvents(items, others, { type: 'failed', error: told })];
  },
};
