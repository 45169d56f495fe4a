import type { Turn } from './turn';

/** The name says the version of the shape: what an older or a newer one stored is not read. */
const KEY = 'rxdelta-chat-1';

/** The conversation of the last visit; an empty one when there is none, or it cannot be read. */
export function loadTurns(): readonly Turn[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isTurn).map(endedTurn) : [];
  } catch {
    return [];
  }
}

/** Keeps the conversation for the next visit. A browser may refuse to store it: the chat goes on without. */
export function saveTurns(turns: readonly Turn[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(turns));
  } catch {
    // Private windows and full storages.
  }
}

/** An answer that was being written when the page was left has lost its connection. */
function endedTurn(turn: Turn): Turn {
  return turn.state === 'waiting' || turn.state === 'writing' ? { ...turn, state: 'stopped' } : turn;
}

function isTurn(value: unknown): value is Turn {
  return (
    hasFields(value, { id: 'string', question: 'string', state: 'string', answer: 'object' }) &&
    hasFields(value.answer, { figures: 'object' }) &&
    hasFields(value.answer.figures, { firstChunkMs: 'number', chunks: 'number', seconds: 'number' }) &&
    Array.isArray(value.answer.rounds) &&
    value.answer.rounds.every(
      (round) =>
        hasFields(round, { text: 'string', outputTokens: 'number' }) &&
        Array.isArray(round.calls) &&
        round.calls.every((call) => hasFields(call, { id: 'string', name: 'string', arguments: 'string' })),
    )
  );
}

function hasFields(value: unknown, types: Record<string, string>): value is Record<string, unknown> & object {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(types).every(([name, type]) => typeof (value as Record<string, unknown>)[name] === type);
}
