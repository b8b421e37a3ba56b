import { resolve } from 'node:path';
import { formatOfName } from '../data/format-of-name';
import { UserError } from '../error';
import type { BaseComparison } from '../model/public-base';
import { startEngine } from '../run/engine-client';
import { parse, type Command } from './command';
import { shorten } from './preview';
import type { Terminal } from './terminal';

export const inspectCommand: Command = {
  name: 'inspect',
  usage: 'inspect MODEL [--base MODEL] | TABLE',
  summary: 'tensors, roles and sizes of a model file; columns, types and samples of a table',
  about: 'Opens a model file without running anything in it and lists what it holds. For a table (.csv, .tsv, .parquet, .jsonl, .duckdb,\n.sqlite, .arrow, .feather) lists columns, types and the first values.\n--base MODEL  the public model that it was fine-tuned from: which tensors are still the same, bit for bit, and how far the others moved\n--table NAME  which table of a database',
  readsData: () => true,
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { base: { type: 'string' }, table: { type: 'string' } }, ['MODEL']);
    if (formatOfName(operands.MODEL) !== undefined) {
      if (values.base !== undefined) throw new UserError('base-unsupported', 'a table has no base to be compared with', { file: operands.MODEL, remedy: 'Name a model, or leave out --base.' });
      await inspectTableFile(operands.MODEL, values, terminal);
      return 0;
    }
    const engine = startEngine();
    try {
      const report = await engine.inspect({ model: resolve(operands.MODEL), base: values.base === undefined ? undefined : resolve(values.base) });
      if (values.json === true) {
        terminal.json(report);
        return 0;
      }
      terminal.line(`${report.format}${report.inputShape.length === 0 ? '' : `, input [${report.inputShape.join(', ')}]`}, ${report.parameters.toLocaleString('en')} parameters`);
      const width = Math.max(0, ...report.tensors.map(({ name }) => name.length));
      for (const tensor of report.tensors) {
        terminal.line(`  ${tensor.name.padEnd(width)}  ${tensor.role.padEnd(9)}  ${tensor.dataType}  [${tensor.shape.join(', ')}]  ${tensor.count.toLocaleString('en')}`);
      }
      for (const residue of report.residues) {
        terminal.line(`  ${residue.name.padEnd(width)}  ${residue.kind}, ${residue.treatment} on unlearning`);
      }
      if (report.comparison !== undefined) showComparison(report.comparison, width, terminal);
      if (report.obstacle !== undefined) terminal.line(`What stands against training it: ${report.obstacle}`);
      return 0;
    } finally {
      engine.dispose();
    }
  },
};

function showComparison(comparison: readonly BaseComparison[], width: number, terminal: Terminal): void {
  terminal.line('Beside the base:');
  for (const { name, relation, distance } of comparison) {
    const said = { identical: 'identical', moved: distance === undefined ? 'changed' : `moved by ${distance.toPrecision(4)} (L2)`, unlike: 'of another shape or type there', absent: 'not there' }[relation];
    terminal.line(`  ${name.padEnd(width)}  ${said}`);
  }
  terminal.line(`  ${comparison.filter(({ relation }) => relation === 'identical').length} of ${comparison.length} tensors are identical.`);
}

async function inspectTableFile(path: string, { table, json }: { readonly table?: string | undefined; readonly json?: boolean | undefined }, terminal: Terminal): Promise<void> {
  const { inspectTable } = await import('../data/inspect-table');
  const summary = await inspectTable(path, { table });
  if (json === true) {
    terminal.json(summary);
    return;
  }
  terminal.line(`${summary.format}, ${summary.rows.toLocaleString('en')} rows, ${summary.columns.length} columns`);
  const width = Math.max(0, ...summary.columns.map(({ name }) => name.length));
  for (const { name, type, samples } of summary.columns) {
    terminal.line(`  ${shorten(name).padEnd(width)}  ${type.padEnd(8)}  ${samples.map(shorten).join(' · ')}`);
  }
}
