import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { TestBed } from '@angular/core/testing';
import { APIStatusError } from 'rxdelta';
import { provideRxDelta, RXDELTA_CLIENT, rxdeltaInterceptor, withHttpClientInterceptors } from 'rxdelta/angular';
import { contentChunks, fakeClient, fakeTransport } from 'rxdelta/testing';
import { of } from 'rxjs';
import { AnswerComponent } from './answer.component';

it('shows the answer of a fake client', () => {
  TestBed.configureTestingModule({
    providers: [{ provide: RXDELTA_CLIENT, useValue: fakeClient([contentChunks('Hello')]) }],
  });
  const fixture = TestBed.createComponent(AnswerComponent);
  fixture.detectChanges();
  expect(fixture.nativeElement.textContent).toBe('done: Hello');
});

it('shows what comes through the interceptors', () => {
  const transport = fakeTransport([contentChunks('Hello')]);
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(withInterceptors([rxdeltaInterceptor])),
      provideRxDelta({ baseURL: '/api', transport }, withHttpClientInterceptors()),
    ],
  });
  const fixture = TestBed.createComponent(AnswerComponent);
  fixture.detectChanges();
  expect(fixture.nativeElement.textContent).toBe('done: Hello');
});

it('has the classes of errors that the package has', () => {
  const transport = () => of({ status: 429, headers: {}, url: '/api', body: of(new Uint8Array()) });
  TestBed.configureTestingModule({ providers: [provideRxDelta({ baseURL: '/api', transport })] });
  const fixture = TestBed.createComponent(AnswerComponent);
  fixture.detectChanges();
  expect(fixture.componentInstance.answer.error()).toBeInstanceOf(APIStatusError);
});
