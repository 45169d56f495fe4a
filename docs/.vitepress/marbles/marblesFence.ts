import { escapeXML } from './escapeXML.ts';
import { parseMarbles } from './parseMarbles.ts';
import { renderMarbles } from './renderMarbles.ts';

/**
 * Makes HTML of a block of marbles: each diagram as a picture, and all of them as the text that they are drawn from.
 *
 * @param number - the number of the block in its page
 */
export function marblesFence(text: string, number: number): string {
  const pictures = parseMarbles(text).map((diagram, index) => {
    const id = `marbles-${number}-${index}`;
    const label = escapeXML(`Marble diagram of ${diagram.operator}`);
    return `<div class="marbles-scroll" tabindex="0" role="region" aria-label="${label}">${renderMarbles(diagram, id)}</div>`;
  });
  return (
    `<figure class="marbles-figure" v-pre>${pictures.join('')}` +
    `<details><summary>The same as text</summary><pre tabindex="0">${escapeXML(text.trimEnd())}</pre></details></figure>\n`
  );
}
