import { joinFields } from './joinFields.ts';
import { isFields, type Fields } from './takeFields.ts';

/** The fields of a detail that come in pieces. */
const TEXTS = ['text', 'summary'];

/** Adds parts of `reasoning_details` (OpenRouter) to those so far: the parts of one type and index are one detail. */
export function mergeDetails(known: readonly unknown[], parts: readonly unknown[]): unknown[] {
  const details = [...known];
  for (const part of parts) {
    let at = details.length - 1;
    while (at >= 0 && !areOne(details[at], part)) at--;
    if (at < 0) details.push(part);
    else details[at] = joinFields(details[at] as Fields, part as Fields, TEXTS);
  }
  return details;
}

/** Data that is not text comes whole. */
function areOne(detail: unknown, part: unknown): boolean {
  if (!isFields(detail) || !isFields(part) || (detail.data != null && part.data != null)) return false;
  const isSame = (name: string) => part[name] == null || part[name] === detail[name];
  return detail.type === part.type && isSame('index') && isSame('id');
}
