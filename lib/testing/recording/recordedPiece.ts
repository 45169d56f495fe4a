import type { RecordedPiece } from './Recording.ts';

/** A read of a body as it is recorded. */
export function recordedPiece(bytes: Uint8Array, afterMs: number): RecordedPiece {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // After each blank line begins another event.
    return { afterMs, text: text.split(/(?<=\n\r?\n|\r\r)/) };
  } catch {
    return { afterMs, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  }
}

/** The bytes of a recorded read. */
export function bytesOfPiece(piece: RecordedPiece): Uint8Array {
  return 'text' in piece
    ? new TextEncoder().encode(piece.text.join(''))
    : Uint8Array.from(atob(piece.base64), (character) => character.charCodeAt(0));
}
