import { marblesOf } from './marblesOf';
import { recipe } from './recipe';

const block = (...lines: string[]) => ['# Title', '', '```marble', ...lines, '```', ''].join('\n');

describe('marblesOf', () => {
  it('reads rows and values', () => {
    expect(marblesOf(block('a source  -a-b|', 'late        --c|', '', 'a = "two  blanks"  b = {"n":1}'))).toEqual([
      {
        line: 4,
        rows: new Map([
          ['a source', '-a-b|'],
          ['late', '  --c|'],
        ]),
        values: { a: 'two  blanks', b: { n: 1 } },
      },
    ]);
  });

  it.each([['source -a-b|'], ['source'], ['source  -a|', 'source  -b|']])('throws for %p', (...lines) => {
    expect(() => marblesOf(block(...lines))).toThrow('Not a row of marbles');
  });

  it('throws for a value that is no JSON', () => {
    expect(() => marblesOf(block('source  -a|', 'a = text'))).toThrow(SyntaxError);
  });
});

describe('recipe', () => {
  it('throws when nothing looks at a row', () => {
    expect(() => recipe('sentences', 0, ({ row }) => void row('deltas'))).toThrow('nothing looks at sentences');
  });

  it('throws when an answer stands elsewhere than where it begins', () => {
    const shift = () => recipe('newest-prompt', 0, ({ answer }) => void answer('answer to q').subscribe());
    expect(shift).toThrow('answer to q begins at 0, not at 8');
  });

  it('throws for a row and a block that the page does not have', () => {
    expect(() => recipe('sentences', 0, ({ row }) => void row('nothing'))).toThrow('has no row nothing');
    expect(() => recipe('sentences', 9, () => {})).toThrow('has no block of marbles 9');
  });
});
