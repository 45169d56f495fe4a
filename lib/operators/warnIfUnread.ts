import type { FlowGate } from '../transport/FlowGate.ts';

/** The gates of which it has been said. */
const warned = new WeakSet<FlowGate>();

/** Warns, once for each gate and except in production, of a gate that is held although no request reads it. */
export function warnIfUnread(gate: FlowGate): void {
  try {
    // In one piece, so that a bundler can replace it.
    if (process.env.NODE_ENV === 'production') return;
  } catch {
    // A page has no process, or one without an environment.
  }
  // Every request that was given the gate listens to it while its body is open.
  if (gate.changes.observed || warned.has(gate)) return;
  warned.add(gate);
  console.warn('rxdelta: no request reads this FlowGate, so it holds nothing back; give it to the request: { gate }');
}
