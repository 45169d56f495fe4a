import { Marked } from 'marked';

/**
 * Markdown as we take it from a model, which may repeat whatever a web page or a tool told it. HTML in it is shown as
 * text, nothing is loaded from elsewhere, links lead to the web or to mail. Angular sanitizes the result once more.
 */
export const markdown = new Marked({
  gfm: true,
  tokenizer: {
    // No token: what looks like a tag is text.
    html: () => undefined,
    tag: () => undefined,
    // A number alone is one, and no list with nothing in it: the answer to 6 × 7 may be `42.`.
    list: (text) => (/^ {0,3}\d+[.)]\s*?(\n\s*\n|$)/.test(text) ? undefined : false),
  },
  renderer: {
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return isSafe(href) ? `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer">${text}</a>` : text;
    },
    image({ href, text }) {
      const label = escaped(text || 'image');
      return isSafe(href) ? `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer">${label}</a>` : label;
    },
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

function isSafe(href: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(href);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
