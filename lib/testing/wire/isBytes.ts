/** Whether a value is bytes, also those of another realm, which jsdom has. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value);
}
