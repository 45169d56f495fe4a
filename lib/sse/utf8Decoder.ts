/**
 * Makes what decodes UTF-8 that is cut anywhere, also within a character. A byte order mark at the start is left out.
 *
 * @returns takes the next bytes; none at the end, which may be in the middle of a character
 */
export function utf8Decoder(): (bytes?: Uint8Array) => string {
  /** For bytes that begin and end between characters: Node 20 decodes them in a fifth of the time, into half the memory. */
  const whole = makeDecoder();
  let streaming: TextDecoder | undefined;
  /** Whether the last byte was ASCII, which ends every character before it. */
  let isBetweenCharacters = true;
  let isAtStart = true;
  return (bytes) => {
    const beganBetweenCharacters = isBetweenCharacters;
    isBetweenCharacters = (bytes?.at(-1) ?? 0xff) < 0x80;
    const text =
      beganBetweenCharacters && isBetweenCharacters
        ? whole.decode(bytes)
        : (streaming ??= makeDecoder()).decode(bytes, { stream: bytes !== undefined });
    if (!isAtStart || text === '') return text;
    isAtStart = false;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  };
}

/** The byte order mark is for whoever knows where the start is. */
function makeDecoder(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}
