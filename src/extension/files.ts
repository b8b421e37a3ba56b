import { RelativePattern, TabInputCustom, TabInputText, type Uri, window, workspace, type WorkspaceFolder } from 'vscode';

export const modelPattern = '**/{*.h5,*.hdf5,*.keras,*.onnx,*.safetensors,*.pt,*.pth,model.json}';
export const certificatePattern = '**/*.unlearning-certificate.json';
export const requestPattern = '**/*.unlearn.json';
export const successorPattern = '**/*.unlearning-successor.json';

export const modelName = /\.(h5|hdf5|keras|onnx|safetensors|pt|pth)$|(^|\/)model\.json$/;
const hidden = '**/{node_modules,.git,.certified-unlearning,.venv,__pycache__}/**';

export function isRequest(uri: Uri): boolean {
  return uri.path.endsWith('.unlearn.json');
}

/** The private report of a run: in the private folder beside its request. */
export function isReport(uri: Uri): boolean {
  return /\/\.certified-unlearning\/runs\/[^/]+\/report\.json$/.test(uri.path);
}

export function isCertificate(uri: Uri): boolean {
  return uri.path.endsWith('.unlearning-certificate.json');
}

/** Files of the workspace, private and installed ones left out, in the order of their paths. */
export async function findFiles(pattern: string, folder?: WorkspaceFolder): Promise<readonly Uri[]> {
  const found = await workspace.findFiles(folder === undefined ? pattern : new RelativePattern(folder, pattern), hidden);
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/** Models of the workspace. Not every `model.json` is one: a TensorFlow.js model says so. */
export async function findModels(): Promise<readonly Uri[]> {
  const found = await findFiles(modelPattern);
  const models = await Promise.all(found.map(async (uri) => (uri.path.endsWith('.json') ? isTensorFlowModel(uri) : true)));
  return found.filter((_uri, index) => models[index]);
}

async function isTensorFlowModel(uri: Uri): Promise<boolean> {
  try {
    return Buffer.from(await workspace.fs.readFile(uri)).includes('"modelTopology"');
  } catch {
    return false; // deleted meanwhile
  }
}

/** The file in the editor that has the focus, also where that editor is one of ours. */
export function activeFile(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof TabInputCustom || input instanceof TabInputText ? input.uri : undefined;
}
