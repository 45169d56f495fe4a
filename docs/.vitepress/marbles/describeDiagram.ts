import type { Diagram, Lane } from './Diagram.ts';

/** Says a diagram in words, for whoever does not see it. */
export function describeDiagram({ sources, operator, results }: Diagram): string {
  return [...sources.map(describeLane), `Through ${operator}:`, ...results.map(describeLane)].join(' ');
}

function describeLane({ name, from, marbles }: Lane): string {
  const happenings = marbles.map(({ what, column, label }) =>
    what === 'value' ? `${label} at ${column}` : `${what === 'complete' ? 'completion' : 'error'} at ${column}`,
  );
  const subscribed = from > 0 ? `, subscribed at ${from}` : '';
  return `${name || 'again'}${subscribed}: ${happenings.join(', ')}${marbles.at(-1)?.what === 'value' ? ', then open' : ''}.`;
}
