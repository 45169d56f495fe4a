import type { HttpHeaders } from '@angular/common/http';

/** Headers by lower-case name; those that came several times are joined by a comma. */
export function headerRecord(headers: HttpHeaders): Record<string, string> {
  const entries = headers.keys().map((name) => [name.toLowerCase(), headers.getAll(name)?.join(', ') ?? '']);
  return Object.fromEntries(entries) as Record<string, string>;
}
