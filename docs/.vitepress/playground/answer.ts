/** What the simulated model says. */
export const answer =
  'Every request is a cold Observable: nobody asks before you subscribe, and when you unsubscribe the connection is closed. ' +
  'What you see here is the library itself; only the network is played.';

/** The answer in pieces, as a model would send them. */
export const pieces = answer.match(/\S+\s*/g) ?? [];
