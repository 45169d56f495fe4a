/** A block of marbles on a page. */
export interface MarbleBlock {
  /** The line of its first row, from 1. */
  line: number;
  /** The marbles of each row, by the name in front of them, with the blanks by which a row begins later than others. */
  rows: Map<string, string>;
  /** What stands behind the letters. */
  values: Record<string, unknown>;
}

/** A name, two blanks or more, and marbles. */
const ROW = /^(\S+(?: \S+)*) {2,}(?=\S)/;

/**
 * Reads the blocks of marbles of a page. A row is a name, two blanks or more, and marbles in the syntax of RxJS. A line of
 * values is `a = "Hel"  b = 2`: letters and JSON, two blanks or more between them.
 *
 * @throws Error for a line that is neither, and for a name that stands twice
 */
export function marblesOf(page: string): MarbleBlock[] {
  return [...page.matchAll(/^```marble\n(.*?)^```$/gms)].map(({ index, 1: text = '' }) => {
    const lines = text.split('\n').filter(Boolean);
    const isValues = (line: string) => /^\S = /.test(line);
    return {
      line: page.slice(0, index).split('\n').length + 1,
      rows: rowsOf(lines.filter((line) => !isValues(line))),
      values: Object.fromEntries(lines.filter(isValues).flatMap(valuesOf)),
    };
  });
}

function rowsOf(lines: readonly string[]): Map<string, string> {
  const heads = lines.map((line) => {
    const [head, name] = ROW.exec(line) ?? [];
    if (!head || !name) throw new Error(`Not a row of marbles: ${line}`);
    return { name, column: head.length };
  });
  const column = Math.min(...heads.map((head) => head.column));
  const rows = new Map(heads.map(({ name }, index) => [name, lines[index]!.slice(column)]));
  if (rows.size < lines.length) throw new Error(`Not a row of marbles: a name stands twice\n${lines.join('\n')}`);
  return rows;
}

function valuesOf(line: string): [string, unknown][] {
  return line.split(/ {2,}(?=\S = )/).map((pair) => [pair[0]!, JSON.parse(pair.slice(4))]);
}
