/** Statuses that speak of the credentials, the account or the address of the relay, not of those of its reader. */
const PRIVATE_STATUS = /^(401|402|403|407|[^45]..)$/;

/** The status that a reader is shown for an error of the API. */
export function publicStatus({ kind, status = 0 }: { kind: string; status?: number }): number {
  if (kind === 'status') return PRIVATE_STATUS.test(`${status}`) ? 502 : status;
  if (kind === 'timeout') return 504;
  return kind === 'abort' ? 503 : 502;
}
