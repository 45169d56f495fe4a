const WORDS = ' the model reads a question and writes its answer word by word , which the client shows at once .'.split(
  /(?= )/,
);
const OPEN = '{"text":"';
const CLOSE = '"}';

/** The piece of text at a place of an answer: about as long as a token. */
export function wordAt(index: number): string {
  return WORDS[index % WORDS.length] ?? '';
}

/** The piece of a tool call's arguments at a place of `count`; all of them together are JSON. */
export function argumentAt(index: number, count: number): string {
  if (index === 0) return OPEN;
  return index === count - 1 ? CLOSE : wordAt(index);
}

/** How many characters an answer has of so many words and pieces of arguments. */
export function lengthOf(words: number, pieces = 0): number {
  let length = 0;
  for (let index = 0; index < words; index++) length += wordAt(index).length;
  for (let index = 0; index < pieces; index++) length += argumentAt(index, pieces).length;
  return length;
}
