/** The fields of an API error, as far as the server gave them. */
export interface APIErrorBody {
  message?: string;
  code?: string | number | null;
  type?: string | null;
  param?: string | null;
}

/** The longest excerpt of a server's words in a message, in characters. */
const MAX_EXCERPT = 1024;

/**
 * Finds the API error in a parsed body: nested under `error`, flat, a string, or the only item of an array.
 *
 * @returns an empty object when the value has none of these shapes
 */
export function readAPIErrorBody(value: unknown): APIErrorBody {
  if (typeof value === 'string') return value.trim() ? { message: value.slice(0, MAX_EXCERPT) } : {};
  if (typeof value !== 'object' || value === null) return {};
  if (Array.isArray(value)) return value.length === 1 ? readAPIErrorBody(value[0]) : {};
  const { error, detail, ...fields } = value as Record<string, unknown>;
  if (error) {
    // Some servers put the words beside the code: { error: "not_found", message: "No such model" }.
    const isCode = typeof error === 'string' && typeof fields.message === 'string';
    return readAPIErrorBody(isCode ? { ...fields, code: error } : error);
  }
  const message = fields.message ?? detail;
  const body: Record<string, unknown> = typeof message === 'string' ? { ...readAPIErrorBody(message) } : {};
  for (const name of ['code', 'type', 'param']) {
    const field = fields[name];
    // The type of an event is not that of an error.
    if (isField(field) && field !== 'error') body[name] = field;
  }
  return body;
}

function isField(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || value === null;
}
