/**
 * Whether an item of the input stands by its id for one that is kept at the API: the type of a reference may be left out, and
 * reasoning that is not given itself is looked up.
 */
export function isReference(item: Readonly<Record<string, unknown>>): boolean {
  const { type = 'message', role, content, encrypted_content: sealed } = item;
  if (type === 'reasoning') return 'id' in item && (typeof sealed !== 'string' || sealed === '');
  return type === 'message' && (typeof role !== 'string' || content == null);
}
