/** The value of a JSON text; undefined of any other. The error of the parser itself would quote the text. */
export function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
