import { resolve } from 'node:path';
import { startEngine } from '../run/engine-client';
import { parse, type Command } from './command';

export const inspectCommand: Command = {
  name: 'inspect',
  usage: 'inspect MODEL',
  summary: 'tensors, roles and sizes of a model file',
  about: 'Opens a model file without running anything in it and lists what it holds.',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, {}, ['MODEL']);
    const engine = startEngine();
    try {
      const report = await engine.inspect({ model: resolve(operands.MODEL) });
      if (values.json === true) {
        terminal.json(report);
        return 0;
      }
      terminal.line(`${report.format}, input [${report.inputShape.join(', ')}], ${report.parameters.toLocaleString('en')} parameters`);
      const width = Math.max(0, ...report.tensors.map(({ name }) => name.length));
      for (const tensor of report.tensors) {
        terminal.line(`  ${tensor.name.padEnd(width)}  ${tensor.role.padEnd(9)}  ${tensor.dataType}  [${tensor.shape.join(', ')}]  ${tensor.count.toLocaleString('en')}`);
      }
      for (const residue of report.residues) {
        terminal.line(`  ${residue.name.padEnd(width)}  ${residue.kind}, ${residue.treatment} on unlearning`);
      }
      return 0;
    } finally {
      engine.dispose();
    }
  },
};
