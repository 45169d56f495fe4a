import { HttpClient } from '@angular/common/http';
import { inject, Injectable, signal } from '@angular/core';
import { map, tap, type Observable } from 'rxjs';

@Injectable({ providedIn: 'root' })
export class Session {
  readonly #http = inject(HttpClient);
  readonly token = signal('');

  refresh(): Observable<string> {
    return this.#http.post<{ token: string }>('/api/session', null).pipe(
      map(({ token }) => token),
      tap((token) => this.token.set(token)),
    );
  }
}
