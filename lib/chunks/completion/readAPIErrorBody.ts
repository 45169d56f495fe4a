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
 * @returns undefined when the value has none of these shapes
 */
export function readAPIErrorBody(value: unknown): APIErrorBody | undefined {
  if (typeof value === 'string') return value.trim() ? { message: excerpt(value) } : undefined;
  if (Array.isArray(value)) return value.length === 1 ? readAPIErrorBody(value[0]) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail, code, type, param } = value as Record<string, unknown>;
  if (error) {
    const nested = readAPIErrorBody(error) ?? {};
    // Some servers put the words beside the code: { error: "not_found", message: "No such model" }.
    return typeof error === 'string' && typeof message === 'string'
      ? { ...nested, code: excerpt(error), message: excerpt(message) }
      : nested;
  }
  const body: APIErrorBody = {};
  const words = typeof message === 'string' ? message : detail;
  if (typeof words === 'string') body.message = excerpt(words);
  if (typeof code === 'string' || typeof code === 'number' || code === null) body.code = code;
  if ((typeof type === 'string' && type !== 'error') || type === null) body.type = type;
  if (typeof param === 'string' || param === null) body.param = param;
  return Object.values(body).some((field) => field != null) ? body : undefined;
}

function excerpt(text: string): string {
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}
