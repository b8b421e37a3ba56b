import { publicPem, signerFromPem } from '../certificate/keys';
import { parse, type Command } from './command';
import { publicPath, signingKey } from './signing-key';

export const keyCommand: Command = {
  name: 'key',
  usage: 'key [--key PEM]',
  summary: 'show the signing key\'s fingerprint and public half',
  about: 'Shows the key that `run` signs with; creates one on first use, in $CERTIFIED_UNLEARNING_HOME or ~/.config/certified-unlearning.\nGive the public half to those who verify your certificates.',
  async run(argv, terminal) {
    const { values } = parse(argv, { key: { type: 'string' } }, []);
    const key = await signingKey(values.key);
    const fingerprint = signerFromPem(key.privatePem).fingerprint;
    const publicKey = publicPem(key.privatePem);
    if (values.json === true) {
      terminal.json({ fingerprint, publicKey, path: key.path, created: key.created });
      return 0;
    }
    terminal.line(`${key.created ? 'created ' : ''}${key.path}`);
    terminal.line(`fingerprint SHA-256 ${fingerprint}`);
    terminal.line(values.key === undefined ? `public half in ${publicPath(key.path)}:` : 'public half:');
    terminal.line(publicKey.trim());
    return 0;
  },
};
