import { generate } from 'selfsigned';

/** A certificate that only those trust who are given it, and its key, both as PEM. */
export interface SelfSigned {
  key: string;
  cert: string;
}

/** Makes a certificate for `localhost` and 127.0.0.1, or for another name. */
export async function selfSigned(name = 'localhost'): Promise<SelfSigned> {
  const altNames = [
    { type: 2 as const, value: name },
    ...(name === 'localhost' ? [{ type: 7 as const, ip: '127.0.0.1' }] : []),
  ];
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key, cert };
}
