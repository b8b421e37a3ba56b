import { commandLine } from './command-line';

// Whoever reads the output may stop reading: `certified-unlearning inspect model.h5 | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

void commandLine(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
