import { describeDiagram } from './describeDiagram.ts';
import type { Diagram, Lane, Marble } from './Diagram.ts';
import { escapeXML } from './escapeXML.ts';

/** All lengths in pixels of the picture, which is scaled as a whole. */
const COLUMN = 12;
const LANE_HEIGHT = 44;
const PILL_HEIGHT = 26;
const LETTER = 7.9;
const NAME_LETTER = 8.2;
/** As many kinds of values have a colour of their own: as many as the style sheet has classes. */
const TONES = 5;
/** A wider picture is scaled down to this, not further: a narrow page scrolls it. */
const SMALLEST = 560;

/**
 * Draws a diagram as SVG. Colours and fonts are those of the page: the classes are in theme/marbles.css.
 *
 * @param id - makes the ids in the picture unique in the page
 */
export function renderMarbles(diagram: Diagram, id: string): string {
  const { sources, operator, results } = diagram;
  const lanes = [...sources, ...results];
  const tones = tonesOf(sources);
  const left = 26 + NAME_LETTER * Math.max(...lanes.map(({ name }) => name.length));
  const last = Math.max(...lanes.map(({ to }) => to));
  const width = Math.ceil(left + Math.max(last * COLUMN + 40, operator.length * LETTER + 20));
  const height = (lanes.length + 1) * LANE_HEIGHT + 8;
  const drawLane = (lane: Lane, row: number) =>
    renderLane(lane, { left, middle: (row + 0.5) * LANE_HEIGHT + 4, tones });
  const box = sources.length * LANE_HEIGHT + 6;
  return [
    `<svg class="marbles" role="img" aria-labelledby="${id}-title ${id}-text" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="min-width: ${Math.min(width, SMALLEST)}px">`,
    `<title id="${id}-title">${escapeXML(operator)}</title><desc id="${id}-text">${escapeXML(describeDiagram(diagram))}</desc>`,
    ...sources.map(drawLane),
    `<rect class="operator" x="1" y="${box}" width="${width - 2}" height="${LANE_HEIGHT - 4}" rx="6"/>`,
    `<text class="call" x="${width / 2}" y="${box + LANE_HEIGHT / 2 - 2}">${escapeXML(operator)}</text>`,
    ...results.map((lane, index) => drawLane(lane, sources.length + 1 + index)),
    '</svg>',
  ].join('');
}

/** Values get their colours in the order in which they first appear; a result that is a source's value keeps its colour. */
function tonesOf(sources: readonly Lane[]): Map<string, number> {
  const labels = new Set(sources.flatMap(({ marbles }) => marbles.map(({ label }) => label)).filter(Boolean));
  return new Map([...labels].map((label, index) => [label, (index % TONES) + 1]));
}

interface Place {
  /** Where the time axis begins. */
  left: number;
  /** The height of the lane's line. */
  middle: number;
  tones: Map<string, number>;
}

function renderLane({ name, from, to, marbles }: Lane, place: Place): string {
  const { left, middle } = place;
  const isOver = marbles.some(({ what }) => what !== 'value');
  const end = left + to * COLUMN + (isOver ? 0 : 10);
  // Ends first: a value at the same time stands before its bar.
  const drawn = [...marbles].sort((a, b) => Number(a.what === 'value') - Number(b.what === 'value'));
  return [
    name && `<text class="name" x="4" y="${middle}">${escapeXML(name)}</text>`,
    `<line class="time" x1="${left + from * COLUMN - 10}" y1="${middle}" x2="${end}" y2="${middle}"/>`,
    isOver ? '' : `<path class="time" d="M${end - 7} ${middle - 5}L${end} ${middle}L${end - 7} ${middle + 5}"/>`,
    ...drawn.map((marble) => renderMarble(marble, place)),
  ].join('');
}

function renderMarble({ what, column, label }: Marble, { left, middle, tones }: Place): string {
  const x = left + column * COLUMN;
  if (what === 'complete') return `<path class="complete" d="M${x} ${middle - 18}V${middle + 18}"/>`;
  if (what === 'error') {
    return `<path class="error" d="M${x - 9} ${middle - 9}L${x + 9} ${middle + 9}M${x + 9} ${middle - 9}L${x - 9} ${middle + 9}"/>`;
  }
  // A single letter is a circle around its column; what is longer begins there.
  const pill = PILL_HEIGHT - 4 + (label.length - 1) * LETTER;
  const start = x - PILL_HEIGHT / 2 + 2;
  return (
    `<g class="value ${tones.has(label) ? `tone-${tones.get(label)}` : 'tone-result'}">` +
    `<rect x="${start}" y="${middle - PILL_HEIGHT / 2}" width="${pill.toFixed(1)}" height="${PILL_HEIGHT}" rx="${PILL_HEIGHT / 2 - 2}"/>` +
    `<text x="${(start + pill / 2).toFixed(1)}" y="${middle}">${escapeXML(label)}</text></g>`
  );
}
