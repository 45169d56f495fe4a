import { describeDiagram } from '../docs/.vitepress/marbles/describeDiagram';
import { marblesFence } from '../docs/.vitepress/marbles/marblesFence';
import { parseMarbles } from '../docs/.vitepress/marbles/parseMarbles';
import { renderMarbles } from '../docs/.vitepress/marbles/renderMarbles';

const text = `
chunks   --Hel--(I will)--#
                            -[a b]-(<b>|)
         retry({ delay: 3 })
result   --Hel--(I will)-----
`;
const [diagram] = parseMarbles(text);

describe('parseMarbles', () => {
  it('reads words, groups, brackets and ends at the column of their first character', () => {
    expect(diagram).toEqual({
      sources: [
        {
          name: 'chunks',
          from: 0,
          to: 17,
          marbles: [
            { column: 2, what: 'value', label: 'Hel' },
            { column: 7, what: 'value', label: 'I will' },
            { column: 17, what: 'error', label: '' },
          ],
        },
        {
          name: '',
          from: 19,
          to: 26,
          marbles: [
            { column: 20, what: 'value', label: '[a b]' },
            { column: 26, what: 'value', label: '<b>' },
            { column: 26, what: 'complete', label: '' },
          ],
        },
      ],
      operator: 'retry({ delay: 3 })',
      results: [
        {
          name: 'result',
          from: 0,
          to: 20,
          marbles: [
            { column: 2, what: 'value', label: 'Hel' },
            { column: 7, what: 'value', label: 'I will' },
          ],
        },
      ],
    });
  });

  it('reads one diagram after the other', () => {
    expect(parseMarbles('a  -a\n   map()\nb  -a\n\na  -|\n   map()\nb  -|\n')).toHaveLength(2);
  });

  it.each([
    ['a  -a-|\nb  -a-|\n', 'No operator between two lanes'],
    ['   map()\nb  -a-|\n', 'No operator between two lanes'],
    ['a  -a-|\n   map()\n', 'No operator between two lanes'],
    ['a  -(a-|\n   map()\nb  -a-|\n', 'Not a lane of marbles, from column 1'],
    ['a  -a)-|\n   map()\nb  -a-|\n', 'Not a lane of marbles, from column 2'],
  ])('refuses what is no diagram: %j', (wrong, message) => {
    expect(() => parseMarbles(wrong)).toThrow(message);
  });
});

describe('renderMarbles', () => {
  const picture = renderMarbles(diagram!, 'one');

  it('draws each value, end, name and the call', () => {
    expect([...picture.matchAll(/<g class="value/g)]).toHaveLength(6);
    expect([...picture.matchAll(/class="complete"/g)]).toHaveLength(1);
    expect([...picture.matchAll(/class="error"/g)]).toHaveLength(1);
    expect([...picture.matchAll(/<text[^>]*>([^<]*)</g)].map(([, words]) => words)).toEqual([
      ...['chunks', 'Hel', 'I will', '[a b]', '&lt;b&gt;'],
      ...['retry({ delay: 3 })', 'result', 'Hel', 'I will'],
    ]);
  });

  it('colours a result as the value that it is', () => {
    const tones = [...picture.matchAll(/<g class="value (tone-\w+)">.*?<text[^>]*>([^<]*)</g)];
    expect(tones.map(([, tone, label]) => [label, tone])).toEqual([
      ...[
        ['Hel', 'tone-1'],
        ['I will', 'tone-2'],
        ['[a b]', 'tone-3'],
        ['&lt;b&gt;', 'tone-4'],
      ],
      ...[
        ['Hel', 'tone-1'],
        ['I will', 'tone-2'],
      ],
    ]);
  });

  it('is wide enough for all that it draws', () => {
    const [, width] = /viewBox="0 0 (\d+) /.exec(picture) ?? [];
    const ends = [...picture.matchAll(/<rect x="([\d.]+)"[^>]* width="([\d.]+)"/g)].map(
      ([, x, w]) => Number(x) + Number(w),
    );
    expect(ends).toHaveLength(6);
    expect(Math.max(...ends)).toBeLessThan(Number(width));
  });

  it('says in words what it shows', () => {
    expect(describeDiagram(diagram!)).toBe(
      'chunks: Hel at 2, I will at 7, error at 17. again, subscribed at 19: [a b] at 20, <b> at 26, completion at 26. ' +
        'Through retry({ delay: 3 }): result: Hel at 2, I will at 7, then open.',
    );
    expect(picture).toContain('<b> at 26'.replace('<b>', '&lt;b&gt;'));
  });
});

describe('marblesFence', () => {
  it('shows the picture, and the text that it is drawn from', () => {
    const html = marblesFence(text, 1);
    expect(html).toContain('<svg class="marbles" role="img" aria-labelledby="marbles-1-0-title marbles-1-0-text"');
    expect(html).toContain(text.trimEnd().replace('<b>', '&lt;b&gt;'));
  });
});
