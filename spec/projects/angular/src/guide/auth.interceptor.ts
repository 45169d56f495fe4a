import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { catchError, switchMap, throwError } from 'rxjs';
import { Session } from './session';

export const authInterceptor: HttpInterceptorFn = (request, next) => {
  const session = inject(Session);
  if (request.url.endsWith('/session')) return next(request);
  const send = () => next(request.clone({ setHeaders: { authorization: `Bearer ${session.token()}` } }));
  return send().pipe(
    catchError((error: unknown) =>
      error instanceof HttpErrorResponse && error.status === 401
        ? session.refresh().pipe(switchMap(send))
        : throwError(() => error),
    ),
  );
};
