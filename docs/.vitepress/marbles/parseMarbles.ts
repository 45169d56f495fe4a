import type { Diagram, Lane, Marble } from './Diagram.ts';

/**
 * Reads the diagrams of a block of marbles, which a blank line parts.
 *
 * ```text
 * chunks   --Hel--lo--(I will)--(usage|)
 *          takeWhile(isShort)
 * result   --Hel--lo--|
 * ```
 *
 * The line with the operator's call tells where the time axis begins; names stand in front of it. On a lane a column is a
 * millisecond: `-` and a blank let it pass, `|` completes, `#` is an error. A word is one value, at the column of its
 * first letter; one with blanks or dashes stands in parentheses, and `(a|)` also ends at its column. Brackets are kept.
 * A lane without a name is a further subscription of the lane above.
 *
 * @throws Error with the line that cannot be read
 */
export function parseMarbles(text: string): Diagram[] {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0)
    .map(parseDiagram);
}

function parseDiagram(lines: string[]): Diagram {
  const at = lines.findIndex((line) => /^\s+[a-z]\w*\(.*\)$/i.test(line));
  const call = lines[at];
  if (call === undefined || at === 0 || at === lines.length - 1) {
    throw new Error(`No operator between two lanes:\n${lines.join('\n')}`);
  }
  const axis = call.search(/\S/);
  const lanes = lines.map((line, index) => (index === at ? undefined : parseLane(line, axis)));
  return {
    sources: lanes.slice(0, at).filter((lane) => lane !== undefined),
    operator: call.trim(),
    results: lanes.slice(at + 1).filter((lane) => lane !== undefined),
  };
}

const TOKEN = /(?<pass>[- ])|(?<end>[|#])|\((?<group>[^)]+)\)|(?<kept>\[[^\]]+\])|(?<word>[^-\s|#()]+)/y;

function parseLane(line: string, axis: number): Lane {
  const marbles: Marble[] = [];
  const track = line.slice(axis).trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < track.length) {
    const column = TOKEN.lastIndex;
    const { pass, end, group, kept, word } = TOKEN.exec(track)?.groups ?? {};
    if (end) marbles.push(endMarble(column, end));
    else if (group) marbles.push(...groupMarbles(column, group));
    else if (kept ?? word) marbles.push({ column, what: 'value', label: kept ?? word ?? '' });
    else if (!pass) throw new Error(`Not a lane of marbles, from column ${column} of the axis:\n${line}`);
  }
  const last = marbles.at(-1);
  return {
    name: line.slice(0, axis).trim(),
    from: Math.max(track.search(/\S/), 0),
    to: last && last.what !== 'value' ? last.column : track.length,
    marbles,
  };
}

/** `(I will)` is a value, `(b|)` a value and an end. */
function groupMarbles(column: number, group: string): Marble[] {
  const [, label = '', end] = /^(.*?)([|#]?)$/.exec(group) ?? [];
  return [{ column, what: 'value', label }, ...(end ? [endMarble(column, end)] : [])];
}

function endMarble(column: number, sign: string): Marble {
  return { column, what: sign === '|' ? 'complete' : 'error', label: '' };
}
