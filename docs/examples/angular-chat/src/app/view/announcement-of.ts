import type { Turn } from '../chat/turn';

/**
 * What a screen reader says of the turn: each paragraph when it is whole, not each word. A failure is an alert of its own.
 */
export function announcementOf(turn: Turn | undefined): string {
  if (!turn) return '';
  const paragraphs = turn.answer.rounds
    .flatMap(({ text }) => text.split(/\n{2,}/))
    .filter((text) => text.trim() !== '');
  switch (turn.state) {
    case 'waiting':
      return 'Waiting for the answer';
    case 'writing':
      return paragraphs.at(-2) ?? 'The answer is coming';
    case 'done':
      return paragraphs.at(-1) ?? 'The answer is empty';
    case 'stopped':
      return 'Stopped';
    case 'failed':
      return '';
  }
}
