import { contentText } from './contentText.ts';
import { deltaText, type ChatDelta } from './deltaText.ts';

const EVENTS = ['response.output_text.delta'];

/** The text that a chunk adds to the answer, or the empty string. */
export function contentDelta(chunk: unknown, choice: number): string {
  return deltaText(chunk, choice, contentOf, EVENTS);
}

function contentOf({ content }: ChatDelta): string {
  return contentText(content);
}
