import { endWithParent, isApart } from './apart';
import { commandLine, commandLineApart } from './command-line';

// Whoever reads the output may stop reading: `certified-unlearning inspect model.h5 | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const [, program = '', ...argv] = process.argv;
if (isApart()) endWithParent();
void (isApart() ? commandLine(argv) : commandLineApart(program, argv)).then((code) => {
  process.exitCode = code;
});
