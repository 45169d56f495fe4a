/**
 * A growing text as it will look once the mark at its end is whole: `**bol` is bold already, half of a code fence is not
 * there yet, and neither is a dash below a paragraph, which would be a heading until the item of a list has come.
 */
export function whileGrowing(text: string): string {
  const begun = text.replace(/(^|\n)[ \t]*(?:`{1,3}|[-=*_#>+|]+)[ \t]*$/, '$1');
  if (isInCode(begun)) return begun;
  const shown = begun.replace(/!?\[([^\]\n]*)\]\([^)\n]*$/, '$1').replace(/[*_`~]+$/, '');
  const paragraph = shown.slice(shown.lastIndexOf('\n\n') + 1);
  const open = ['`', '**'].find((mark) => paragraph.split(mark).length % 2 === 0);
  return open ? shown.trimEnd() + open : shown;
}

/** Whether a code fence was opened and not closed. */
function isInCode(text: string): boolean {
  return (text.match(/^ {0,3}```/gm) ?? []).length % 2 === 1;
}
