import { existsSync } from 'node:fs';
import path from 'node:path';
import { l10n, type QuickPickItem, QuickPickItemKind, Uri, window, workspace } from 'vscode';
import { sourceFormatOfName } from '../../data/format-of-name';
import { sourceOfFile, type SourceFormat } from '../../request/source-of-file';
import { findFiles } from '../files';

const dataPattern = '**/*.{csv,tsv,parquet,jsonl,ndjson,duckdb,sqlite,sqlite3,arrow,feather,ipc,npy,npz,h5,hdf5,idx,bin,gz,zst}';
const bareIdx = '**/*idx?-ubyte';

/** The formats as people call them. */
export const formatNames: Readonly<Record<SourceFormat, string>> = {
  csv: 'CSV', tsv: 'TSV', parquet: 'Parquet', jsonl: 'JSON Lines', duckdb: 'DuckDB', sqlite: 'SQLite', arrow: 'Arrow, Feather', idx: 'IDX (MNIST)', npy: 'NumPy .npy', npz: 'NumPy .npz', hdf5: 'HDF5',
  png: 'PNG', cifar10: 'CIFAR-10', cifar100: 'CIFAR-100', images: 'PNG, JPEG',
};

interface Choice extends QuickPickItem {
  readonly file?: Uri;
  readonly browse?: 'file' | 'folder';
}

/**
 * Lets the user choose where records are: from the files of the workspace that look like data, or any other file or folder.
 * @param request The request that they are for; paths are relative to its folder.
 * @param before The source at its place now.
 * @returns undefined if the user does not choose
 */
export async function chooseSource(request: Uri, before: unknown): Promise<unknown> {
  const folder = path.dirname(request.fsPath);
  const chosen = await pickFile(folder);
  if (chosen === undefined) return undefined;
  const file = path.relative(folder, chosen.uri.fsPath).split(path.sep).join('/');
  const exists = (name: string): boolean => existsSync(path.resolve(folder, name));
  const format = chosen.isFolder ? 'images' : sourceFormatOfName(file) ?? (await pickFormat(file));
  return format === undefined ? undefined : sourceOfFile(file, { format, before, exists });
}

async function pickFile(folder: string): Promise<{ readonly uri: Uri; readonly isFolder: boolean } | undefined> {
  const choice = await window.showQuickPick(choices(folder), { title: l10n.t('Where the Records Are'), placeHolder: l10n.t('Choose a file'), matchOnDescription: true });
  if (choice?.file !== undefined) return { uri: choice.file, isFolder: false };
  if (choice?.browse === undefined) return undefined;
  const isFolder = choice.browse === 'folder';
  const [uri] = (await window.showOpenDialog({ defaultUri: Uri.file(folder), canSelectFiles: !isFolder, canSelectFolders: isFolder, canSelectMany: false, openLabel: l10n.t('Choose') })) ?? [];
  return uri && { uri, isFolder };
}

/** Files beside the request first. */
async function choices(folder: string): Promise<Choice[]> {
  const found = [...(await findFiles(dataPattern)), ...(await findFiles(bareIdx))];
  const files = found.flatMap((file): Choice[] => {
    const format = sourceFormatOfName(file.path);
    return format === undefined ? [] : [{ label: workspace.asRelativePath(file), description: formatNames[format], file }];
  });
  const near = (choice: Choice): number => (choice.file !== undefined && path.dirname(choice.file.fsPath) === folder ? 0 : 1);
  return [
    ...files.sort((a, b) => near(a) - near(b)),
    { label: '', kind: QuickPickItemKind.Separator },
    { label: l10n.t('$(file) Another File…'), browse: 'file' },
    { label: l10n.t('$(folder) Folder of Images, One Folder a Class…'), browse: 'folder' },
  ];
}

async function pickFormat(file: string): Promise<SourceFormat | undefined> {
  const formats = Object.entries(formatNames).map(([format, label]) => ({ label, format: format as SourceFormat }));
  const chosen = await window.showQuickPick(formats, { title: path.posix.basename(file), placeHolder: l10n.t('The name does not tell the format: choose it') });
  return chosen?.format;
}
