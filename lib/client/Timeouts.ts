/** Limits of time, in milliseconds, each for one attempt. `Infinity` switches one off. */
export interface Timeouts {
  /** From opening the socket to its being connected. Default 10000. Not through fetch. */
  connectMs: number;
  /** From the subscription to the whole head of the response, waiting for the key included. Default 600000. */
  responseMs: number;
  /** The longest silence on the wire after the head; comments count as life. Default 300000. */
  idleMs: number;
  /** The longest wait for the next chunk after the head; comments do not count. Default none. */
  chunkMs: number;
  /** From the subscription to the end. Default none. */
  totalMs: number;
}

/** The limits that hold unless told otherwise. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  responseMs: 600_000,
  idleMs: 300_000,
  chunkMs: Infinity,
  totalMs: Infinity,
};

/**
 * Fills in what is not set.
 *
 * @throws RangeError when a limit is not a number above 0
 */
export function completeTimeouts(client?: Partial<Timeouts>, request?: Partial<Timeouts>): Timeouts {
  const timeouts = { ...DEFAULT_TIMEOUTS };
  for (const name of Object.keys(timeouts) as (keyof Timeouts)[]) {
    timeouts[name] = request?.[name] ?? client?.[name] ?? timeouts[name];
    if (!(timeouts[name] > 0)) throw new RangeError(`${name} must be above 0`);
  }
  return timeouts;
}
