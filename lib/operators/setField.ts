import type { Fields } from './takeFields.ts';

/** Sets a field of its own, also by the name of `__proto__`. */
export function setField(target: Fields, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
