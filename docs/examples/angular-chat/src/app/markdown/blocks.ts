import type { Token, Tokens } from 'marked';
import { markdown } from './marked';
import { whileGrowing } from './while-growing';

/** A paragraph, a list, a table and so on, as HTML; code is kept as text. */
export type Block =
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'table'; readonly html: string }
  | { readonly kind: 'code'; readonly language: string; readonly code: string };

/**
 * The blocks of a Markdown text. While the text grows only the last block changes, so a page that shows them one by one
 * keeps what is already there: selections, scroll positions, focus.
 */
export function blocksOf(text: string, isGrowing: boolean): Block[] {
  return markdown
    .lexer(isGrowing ? whileGrowing(text) : text)
    .filter(isShown)
    .map(blockOf);
}

function blockOf(token: Token): Block {
  if (token.type === 'code') {
    const { lang = '', text } = token as Tokens.Code;
    return { kind: 'code', language: lang.split(/\s/)[0] ?? '', code: text };
  }
  return { kind: token.type === 'table' ? 'table' : 'html', html: markdown.parser([token]) };
}

function isShown({ type }: Token): boolean {
  return type !== 'space' && type !== 'def';
}
