/** One thing that happens on a lane. */
export interface Marble {
  /** When: the column on the time axis, from 0. */
  column: number;
  what: 'value' | 'complete' | 'error';
  /** What is written on a value; empty for an end. */
  label: string;
}

/** One Observable: what stands before or behind the operator. */
export interface Lane {
  /** What it is called; empty for a further subscription of the lane above. */
  name: string;
  /** The column at which it is subscribed. */
  from: number;
  /** The column at which it ends, or the last that is drawn. */
  to: number;
  marbles: Marble[];
}

/** What an operator makes of its sources. */
export interface Diagram {
  sources: Lane[];
  /** The call of the operator, as code. */
  operator: string;
  results: Lane[];
}
