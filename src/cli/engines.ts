import type { EngineState } from '../protocol/engine-settings';
import { parse, type Command } from './command';
import { engineFlags, engineSettings, engineUsage } from './engine-settings';
import type { Terminal } from './terminal';

export const enginesCommand: Command = {
  name: 'engines',
  usage: 'engines',
  summary: 'the engines on this machine: what is there, what is missing, and what to do about it',
  about: `Opens every engine on each of its execution providers and backends, as a run would. Changes nothing.\n${engineUsage}`,
  async run(argv, terminal) {
    const { values } = parse(argv, engineFlags, []);
    const { listEngines } = await import('../run/list-engines');
    const states = await listEngines(engineSettings(values));
    if (values.json === true) {
      terminal.json(states);
    } else {
      for (const state of states) print(state, Math.max(...states.map(({ title }) => title.length)), terminal);
    }
    return 0;
  },
};

function print(state: EngineState, width: number, terminal: Terminal): void {
  const line = (mark: string, text: string): void => terminal.line(`${mark}  ${state.title.padEnd(width)}  ${text}`);
  if (state.available) {
    line('✓', Object.entries(state.versions).filter(([name]) => name !== 'execution provider').map(([name, version]) => `${name} ${version}`).join(', '));
    return;
  }
  line('–', state.problem);
  terminal.line(`   ${' '.repeat(width)}  ${state.remedy}`);
}
