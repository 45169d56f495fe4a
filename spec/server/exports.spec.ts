import * as server from 'rxdelta/server';

describe('rxdelta/server', () => {
  it('exports these names', () => {
    expect(Object.keys(server).sort()).toEqual(['pipeToResponse', 'relay', 'toResponse', 'toServerSentEvents']);
  });
});
