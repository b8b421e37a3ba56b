import { commands, env, l10n, type QuickPickItem, window } from 'vscode';
import type { EngineState } from '../../protocol/engine-settings';
import type { Services } from '../services';
import { told } from '../told';

interface Item extends QuickPickItem {
  readonly state: EngineState;
}

/** Lists the engines: what is there, what is missing and what to do about it. Choosing TensorFlow where it is missing installs it; any other goes to the settings. */
export async function showEngines({ engines, log }: Services): Promise<void> {
  const abort = new AbortController();
  const pick = window.createQuickPick<Item>();
  pick.title = l10n.t('Engines on This Machine');
  pick.placeholder = l10n.t('Trying each one out…');
  pick.busy = true;
  pick.matchOnDetail = true;
  const closed = new Promise<void>((resolve) => pick.onDidHide(resolve));
  pick.onDidHide(() => abort.abort());
  pick.onDidAccept(() => {
    const [chosen] = pick.selectedItems;
    pick.hide();
    if (chosen !== undefined) void act(chosen.state);
  });
  pick.show();
  try {
    const { listEngines } = await import('../../run/list-engines');
    const states = await listEngines(engines.read(), { signal: abort.signal });
    for (const state of states) log.info(`${state.title}: ${state.available ? versionsOf(state.versions) : state.problem}`);
    pick.items = states.map((state) => ({
      state,
      label: `${state.available ? '$(check)' : '$(circle-slash)'} ${state.title}`,
      description: state.available ? versionsOf(state.versions) : told(state.problem),
      ...(state.available ? {} : { detail: told(state.remedy) }),
    }));
    pick.placeholder = l10n.t('A request says which engine it wants; auto takes the faster one.');
    pick.busy = false;
    await closed;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    pick.dispose();
  }
}

async function act({ engine, backend, available }: EngineState): Promise<void> {
  if (engine === 'tensorflow' && backend === 'native' && !available) await commands.executeCommand('certifiedUnlearning.installTensorFlow');
  // Settings of the machine that runs are settings of the remote one, where there is one.
  else if (env.remoteName !== undefined) await commands.executeCommand('workbench.action.openRemoteSettings', { query: 'certifiedUnlearning.engine' });
  else await commands.executeCommand('workbench.action.openSettings', 'certifiedUnlearning.engine');
}

function versionsOf(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions).filter(([name]) => name !== 'execution provider' && name !== 'backend').map(([name, version]) => `${name} ${version}`).join(', ');
}
