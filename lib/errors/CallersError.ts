/**
 * Carries an error of the caller's own code, which a transport runs, as its cause through the client: that is handed on as
 * it is, instead of being cleaned of what a server may have echoed.
 */
export class CallersError extends Error {}
