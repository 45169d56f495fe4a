import type { Mark, Run } from './Run.ts';

/** A lane of the picture, in pixels. */
export interface PlacedLane {
  name: string;
  from: number;
  to: number;
  marks: { x: number; kind: Mark['kind'] }[];
}

/** The picture shows at least so much time, so that it does not jump at the start. */
const SHORTEST_MS = 2000;
const MARGIN = 10;

/** The radius of the chunks: they shrink where they would cover each other. */
export function radiusOf(lanes: readonly PlacedLane[]): number {
  const gaps = lanes.flatMap(({ marks }) => {
    const places = marks.filter(({ kind }) => kind === 'chunk').map(({ x }) => x);
    return places.length > 1 ? [((places.at(-1) ?? 0) - (places[0] ?? 0)) / (places.length - 1)] : [];
  });
  return Math.max(1.5, Math.min(6, ...gaps.map((gap) => gap * 0.45)));
}

/** Puts what happened on lanes: all of the time fits the width. */
export function placeRun({ attempts, result, state }: Run, width: number): PlacedLane[] {
  const lastMs = Math.max(SHORTEST_MS, ...[...attempts, result].flat().map(({ atMs }) => atMs));
  const xOf = (atMs: number) => MARGIN + (atMs / lastMs) * (width - 2 * MARGIN);
  const nowMs = Math.max(0, ...[...attempts, result].flat().map(({ atMs }) => atMs));
  const place = (name: string, marks: readonly Mark[], isOpen: boolean): PlacedLane => ({
    name,
    from: xOf(marks[0]?.kind === 'request' ? marks[0].atMs : 0),
    to: xOf(isOpen ? nowMs : (marks.at(-1)?.atMs ?? nowMs)),
    marks: marks.map(({ atMs, kind }) => ({ x: xOf(atMs), kind })),
  });
  const isRunning = state === 'running';
  return [
    ...attempts.map((marks, index) => {
      const end = marks.find(({ kind }) => kind === 'error' || kind === 'abort');
      const says = end?.kind === 'error' ? `: ${end.label}` : '';
      return place(`attempt ${index + 1}${says}`, marks, isRunning && index === attempts.length - 1);
    }),
    place('text', result, isRunning),
  ];
}
