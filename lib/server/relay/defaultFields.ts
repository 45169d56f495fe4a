import type { RelayEndpoint } from './RelayRequest.ts';

const SHARED = 'model stream stream_options temperature top_p top_logprobs tools tool_choice parallel_tool_calls';

/**
 * What a body may hold unless told otherwise: what shapes the answer. Not what is kept at the API or read from there (`store`,
 * `previous_response_id`, `conversation`, `prompt`), what goes on without the browser (`background`), what costs otherwise
 * (`service_tier`, `modalities`), or who is said to ask (`user`, `metadata`).
 */
export const DEFAULT_FIELDS: Record<RelayEndpoint, readonly string[]> = {
  chat: (
    `${SHARED} messages max_tokens max_completion_tokens n stop seed presence_penalty frequency_penalty logit_bias ` +
    'logprobs response_format reasoning_effort verbosity functions function_call'
  ).split(' '),
  responses: `${SHARED} input instructions max_output_tokens text reasoning truncation include`.split(' '),
};
