import { type ExtensionContext, window } from 'vscode';
import { certificateEditor } from './certificate-editor/certificate-editor';
import { registerCommands } from './commands';
import { ComparisonPanel } from './comparison/comparison-panel';
import { modelEditor } from './model-editor/model-editor';
import { Decorations } from './models/decorations';
import { registerReadOnlyEditor } from './read-only-editor';
import { reportEditor } from './report-editor/report-editor';
import { RequestDiagnostics } from './request-editor/request-diagnostics';
import { RequestEditorProvider } from './request-editor/request-editor-provider';
import { StatusItem } from './runs/status-item';
import { Services } from './services';
import { RunTasks } from './tasks/run-tasks';
import { CertificatesView } from './views/certificates-view';
import { ModelsView } from './views/models-view';
import { RequestsView } from './views/requests-view';
import { RunsView } from './views/runs-view';

/** Called once, when one of the contributed commands, views or editors is first used. Registers; nothing is read or computed yet. */
export function activate(context: ExtensionContext): void {
  const services = new Services(context);
  context.subscriptions.push(
    services,
    ...registerCommands(services),
    window.registerCustomEditorProvider(RequestEditorProvider.viewType, new RequestEditorProvider(services)),
    ...[certificateEditor, modelEditor, reportEditor].flatMap((editor) => registerReadOnlyEditor(editor, services)),
    window.registerWebviewPanelSerializer(ComparisonPanel.viewType, new ComparisonPanel(services)),
    new RequestDiagnostics(services.facts),
    new Decorations(services.models),
    new ModelsView(services.models),
    new RequestsView(),
    new CertificatesView(services.models),
    new RunsView(services.runs),
    new StatusItem(services.runs),
    new RunTasks(services.runs),
  );
}
