import { RefusalError } from '../RefusalError.ts';
import { word } from '../word.ts';
import { checkContent } from './checkContent.ts';
import { DEFAULT_FIELDS } from './defaultFields.ts';
import { isReference } from './isReference.ts';
import { invalid, isObject, parseBody } from './parseBody.ts';
import type { RelayOptions } from './RelayOptions.ts';
import type { RelayParams, RelayRequest } from './RelayRequest.ts';

const TOKEN_FIELDS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'];
/** What of the API's working may be asked for besides the answer: nothing that it keeps. */
const INCLUDABLE = ['reasoning.encrypted_content', 'message.output_text.logprobs'];

/**
 * Parses a body and checks it against what is allowed.
 *
 * @throws RefusalError for the first thing that is not
 */
export function checkParams(text: string, request: RelayRequest, options: RelayOptions): RelayParams {
  const { endpoint } = request;
  const { models, tools = ['function', 'custom'], maxTokens = Infinity, maxChoices = 1, remoteURLs = false } = options;
  const params = parseBody(text);
  const allowed = options.fields?.[endpoint] ?? DEFAULT_FIELDS[endpoint];
  for (const name of Object.keys(params)) {
    if (!allowed.includes(name)) throw invalid('A member of the body is not allowed', 'unknown_parameter', plain(name));
  }
  const { model, stream = true, input, messages, n } = params;
  if (stream !== true) throw invalid('Only streams are relayed', 'stream_required', 'stream');
  if (typeof model !== 'string' || model === '') throw invalid('The model is missing', 'model_missing', 'model');
  // A promise is no yes.
  const isListed = typeof models === 'function' ? (models(model, request) as unknown) : models.includes(model);
  if (isListed !== true) {
    throw new RefusalError({ status: 403, message: 'That model is not allowed', code: 'model_not_allowed' }, 'model');
  }
  const limits = { tools, remoteURLs };
  if (endpoint === 'chat') {
    if (!Array.isArray(messages) || messages.length === 0) throw invalid('Messages are a list', undefined, 'messages');
    for (const message of messages)
      if (!isObject(message) || typeof message.role !== 'string')
        throw invalid('A message has a role', undefined, 'messages');
    checkContent(messages, 'messages', limits);
  } else if (Array.isArray(input)) {
    checkContent(input, 'input', limits);
    const index = input.findIndex(isReference);
    if (index >= 0) throw invalid('What is kept at the API is not allowed', 'item_not_allowed', `input[${index}]`);
  } else if (typeof input !== 'string' && params.prompt === undefined) {
    throw invalid('The input is a text or a list', undefined, 'input');
  }
  checkTools(params, tools);
  checkNumber(n, 'n', maxChoices);
  for (const name of TOKEN_FIELDS) checkNumber(params[name], name, maxTokens);
  return { ...limited(params, request, maxTokens), model };
}

/** With the number of tokens that it is limited to, where it has none. */
function limited(params: Record<string, unknown>, { endpoint }: RelayRequest, maxTokens: number): object {
  if (maxTokens === Infinity || TOKEN_FIELDS.some((name) => params[name] != null)) return params;
  return { ...params, [endpoint === 'chat' ? 'max_completion_tokens' : 'max_output_tokens']: maxTokens };
}

function checkTools({ tools: list, include }: Record<string, unknown>, allowed: readonly string[]): void {
  const isAllowed = (item: unknown) =>
    typeof item === 'string' && (INCLUDABLE.includes(item) || allowed.some((tool) => item.startsWith(`${tool}_call.`)));
  if (include != null && !(Array.isArray(include) && include.every(isAllowed))) {
    throw invalid('That may not be included', 'include_not_allowed', 'include');
  }
  if (list == null) return;
  if (!Array.isArray(list)) throw invalid('Tools are a list', undefined, 'tools');
  list.forEach((tool: unknown, index) => {
    if (!isObject(tool) || !allowed.includes(tool.type as string)) {
      throw invalid('A tool of that type is not allowed', 'tool_not_allowed', `tools[${index}]`);
    }
  });
}

function checkNumber(value: unknown, name: string, most: number): void {
  if (value == null) return;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > most) {
    const upTo = most < Infinity ? ` to ${most}` : '';
    throw invalid(`It is a whole number from 1${upTo}`, 'number_not_allowed', name);
  }
}

/** The name of a member, as far as it may be repeated. */
function plain(name: string): string | undefined {
  return word(name)?.toString();
}
