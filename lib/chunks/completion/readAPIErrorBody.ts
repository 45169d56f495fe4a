/** The fields of an API error, as far as the server gave them. */
export interface APIErrorBody {
  message?: string | undefined;
  code?: string | number | null | undefined;
  type?: string | null | undefined;
  param?: string | null | undefined;
}

/** The longest excerpt of a server's words in a message, in characters. */
const MAX_EXCERPT = 1024;

/**
 * Finds the API error in a parsed body: nested under `error`, flat, a string, or the only item of an array.
 *
 * @param levels - how deep it may be nested; nothing is found deeper
 */
export function readAPIErrorBody(value: unknown, levels = 8): APIErrorBody {
  if (levels === 0) return {};
  if (Array.isArray(value) && value.length === 1) return readAPIErrorBody(value[0], levels - 1);
  if (typeof value === 'string') return { message: excerpt(value.trim()) || undefined };
  const { error, message, detail, code, type, param } = Object(value) as Record<string, unknown>;
  if (error) {
    // Some servers put the words beside the code: { error: "not_found", message: "No such model" }.
    return readAPIErrorBody(typeof error === 'string' && message ? { message, code: error } : error, levels - 1);
  }
  const words = message ?? detail;
  return {
    ...(typeof words === 'string' && readAPIErrorBody(words)),
    code: primitive(code),
    // Of an event, this is not the type of the error.
    type: type === 'error' ? undefined : primitive(type),
    param: primitive(param),
  } as APIErrorBody;
}

/** Without its last word where it is cut: of a key that stands there, not even the beginning is shown. */
function excerpt(text: string): string {
  return text.length > MAX_EXCERPT ? text.slice(0, MAX_EXCERPT).replace(/\S{1,200}$/, '') : text;
}

function primitive(value: unknown): unknown {
  if (typeof value === 'string') return excerpt(value);
  return value === null || typeof value === 'number' ? value : undefined;
}
