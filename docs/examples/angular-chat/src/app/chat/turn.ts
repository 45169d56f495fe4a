/** A question, and what has come of its answer. Turns are never changed: each chunk makes a new one. */
export interface Turn {
  readonly id: string;
  readonly question: string;
  readonly answer: Answer;
  readonly state: TurnState;
  /** What went wrong, when the state is `failed`. */
  readonly problem?: string;
}

export type TurnState = 'waiting' | 'writing' | 'done' | 'stopped' | 'failed';

/** What the model wrote: one round, or several where it called tools and went on with their results. */
export interface Answer {
  readonly rounds: readonly Round[];
  readonly figures: Figures;
}

/** What the model wrote in answer to one request. */
export interface Round {
  readonly text: string;
  readonly calls: readonly ToolUse[];
  /** Tokens that the model wrote, as the API reports them at the end. */
  readonly outputTokens: number;
}

/** A tool call, while the model is writing it and after it was run. */
export interface ToolUse {
  readonly id: string;
  readonly name: string;
  /** JSON, as far as it has come. */
  readonly arguments: string;
  /** JSON; undefined until the call is whole and the tool was run. */
  readonly result?: string;
}

export interface Figures {
  /** From sending the question to the first chunk, in milliseconds. */
  readonly firstChunkMs: number;
  readonly chunks: number;
  /** From the first chunk to the last, in seconds. */
  readonly seconds: number;
}

export const EMPTY_ROUND: Round = { text: '', calls: [], outputTokens: 0 };
export const EMPTY_ANSWER: Answer = { rounds: [], figures: { firstChunkMs: 0, chunks: 0, seconds: 0 } };

/** Whether more of the answer is on its way. */
export function isBusy({ state }: Turn): boolean {
  return state === 'waiting' || state === 'writing';
}
