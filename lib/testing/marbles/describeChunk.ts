/** The longest description of what is no chunk, in characters. */
const MAX_LENGTH = 120;

interface Described {
  choices?: (ChoiceLike | null)[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  type?: unknown;
  sequence_number?: number;
  delta?: unknown;
}

interface ChoiceLike {
  index?: number;
  delta?: object | null;
  finish_reason?: string | null;
}

/**
 * Describes a chunk, or any other value of a stream, in one line.
 *
 * Of a chat chunk it says what it brings (`content "Hel"`, `finish stop`), and of which choice unless that is 0; of an
 * event its type, number and delta; of an error its name, message and fields; of anything else the JSON.
 *
 * @param value - anything; what is longer than 120 characters is cut
 * @example
 * ```ts
 * import { contentChunk, describeChunk } from 'rxdelta/testing';
 *
 * console.log(describeChunk(contentChunk('Hel'))); // content "Hel"
 * ```
 */
export function describeChunk(value: unknown): string {
  if (value instanceof Error) return `${value.name} ${JSON.stringify(value.message)}${fieldsOf(value)}`;
  const { choices, usage, type, sequence_number, delta } = Object(value) as Described;
  if (Array.isArray(choices)) {
    const used = usage ? [`usage ${usage.prompt_tokens}+${usage.completion_tokens}`] : [];
    return [...choices.map(describeChoice), ...used].join(', ') || 'no choices';
  }
  if (typeof type === 'string' && type.startsWith('response.')) {
    return `${type} #${sequence_number}${delta === undefined ? '' : ` ${short(delta)}`}`;
  }
  return short(value);
}

function describeChoice(choice: ChoiceLike | null): string {
  const { index = 0, delta, finish_reason } = choice ?? {};
  const news = Object.entries(inOrder(delta ?? {})).filter(([, value]) => value != null);
  const words = news.map(([name, value]) => `${name} ${short(value)}`);
  if (finish_reason) words.push(`finish ${finish_reason}`);
  return `${index === 0 ? '' : `choice ${index}: `}${words.join(' ') || 'nothing'}`;
}

/** The fields of an error besides its words. */
function fieldsOf(error: Error): string {
  const fields = short(Object.fromEntries(Object.entries(error)));
  return fields === '{}' ? '' : ` ${fields}`;
}

function short(value: unknown): string {
  const text = toText(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** The JSON of a value, with the names in order: two that are equal have the same. */
function toText(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner: unknown) => (isPlain(inner) ? inOrder(inner) : inner)) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value); // a circle, or a bigint
  }
}

function isPlain(value: unknown): value is object {
  return Object(value) === value && !Array.isArray(value);
}

function inOrder(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
