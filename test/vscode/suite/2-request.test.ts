import { strict as assert } from 'node:assert';
import { commands, type CompletionList, type Hover, languages, MarkdownString, Position, Range, TabInputCustom, Uri, window, workspace } from 'vscode';
import { file, readJson, until, writeJson } from './workspace';
import type { Suite } from './suite';

async function activeTab(viewType: string): Promise<void> {
  await until(`a tab of ${viewType}`, () => {
    const input = window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof TabInputCustom && input.viewType === viewType;
  });
}

export const tests: Suite = {
  'unlearning from a model without a request makes one, with the data that lies around and parameters from its shapes': async () => {
    const folder = file('fresh');
    await workspace.fs.copy(file('mnist', 'model'), Uri.joinPath(folder, 'model'));
    for (const name of ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 'contributors.csv']) await workspace.fs.copy(file('mnist', name), Uri.joinPath(folder, name));
    await commands.executeCommand('certifiedUnlearning.unlearn', Uri.joinPath(folder, 'model', 'model.json'));
    await activeTab('certifiedUnlearning.request');
    const request = await readJson(Uri.joinPath(folder, 'model', 'model.unlearn.json'));
    assert.equal(request['model'], 'model.json');
    assert.deepEqual(request['forget'], {});
    assert.deepEqual(request['data'], {
      train: { format: 'idx', features: '../train-images-idx3-ubyte.gz', labels: '../train-labels-idx1-ubyte.gz', shape: [28, 28, 1], scale: { divide: 255 }, records: '../contributors.csv' },
    });
    assert.equal((request['method'] as { name: string }).name, 'layered-gradient-clipping');
  },
  'what is wrong with an open request is among the problems, at its place': async () => {
    const uri = file('mnist', 'wrong.unlearn.json');
    const request = await readJson(file('mnist', 'forget-c17.unlearn.json'));
    await writeJson(uri, { ...request, target: { epsilon: -1, delta: 1e-5 } });
    await commands.executeCommand('certifiedUnlearning.plan', uri);
    await until('a problem', () => languages.getDiagnostics(uri).some(({ source }) => source === 'Certified Unlearning'));
    const [problem] = languages.getDiagnostics(uri).filter(({ source }) => source === 'Certified Unlearning');
    assert.match(problem?.message ?? '', /^target\.epsilon: /);
    const document = await workspace.openTextDocument(uri);
    assert.equal(document.getText(problem?.range), '-1');
    await commands.executeCommand('workbench.action.closeAllEditors');
    await until('no problem once it is closed', () => !languages.getDiagnostics(uri).some(({ source }) => source === 'Certified Unlearning'));
  },
  'as text, a request is completed, explained and checked on the very line': async () => {
    const uri = file('mnist', 'as-text.unlearn.json');
    const lines = ['{', '  "version": 1,', '  "model": "model/model.json",', '  "data": { "train": { "format": "csv", "path": "a.csv", "label": "y", "features": ["x"] } },', '  "forget": { "where": "x = 1" },', '  "target": { "epsilon": 1, "delta": 2 },', '  "method": { "name": "retrain" },', '  ', '}'];
    await workspace.fs.writeFile(uri, Buffer.from(lines.join('\n')));
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document);
    let offered: readonly string[] = [];
    await until('completion by the schema', async () => {
      const { items } = await commands.executeCommand<CompletionList>('vscode.executeCompletionItemProvider', uri, new Position(7, 2));
      offered = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return offered.includes('recovery');
    });
    assert.ok(offered.includes('nearDuplicates') && !offered.includes('target'), offered.join(', '));
    const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, new Position(5, 32));
    assert.match(hovers.flatMap(({ contents }) => contents).map((content) => (content instanceof MarkdownString ? content.value : '')).join(' '), /δ between 0 and 1/);
    await until('a problem', () => languages.getDiagnostics(uri).some(({ range }) => range.start.line === 5));
    const [problem] = languages.getDiagnostics(uri).filter(({ range }) => range.start.line === 5);
    assert.equal(document.getText(problem?.range), '2');
    await commands.executeCommand('workbench.action.closeAllEditors');
    await workspace.fs.delete(uri);
  },
  'without a panel, the text shows what is wrong with it as it is typed, and what the engine finds once it is saved': async () => {
    const uri = file('mnist', 'without-panel.unlearn.json');
    const example = await readJson(file('mnist', 'forget-c17.unlearn.json'));
    await writeJson(uri, { ...example, target: { epsilon: 1, delta: 2 } });
    const document = await workspace.openTextDocument(uri);
    const editor = await window.showTextDocument(document);
    const problems = (): readonly { readonly message: string; readonly written: string }[] => languages.getDiagnostics(uri).filter(({ source }) => source === 'Certified Unlearning').map(({ message, range }) => ({ message, written: document.getText(range) }));
    const replace = (from: string, to: string): Thenable<boolean> => editor.edit((edit) => {
      const at = document.getText().indexOf(from);
      edit.replace(new Range(document.positionAt(at), document.positionAt(at + from.length)), to);
    });
    await until('the problem of the text', () => problems().some(({ message, written }) => message.startsWith('target.delta: ') && written === '2'));
    await replace('"delta": 2', '"delta": 1e-5');
    await until('no problem', () => problems().length === 0);
    await replace('"contributors.csv"', '"nobody.csv"');
    await document.save();
    await until('what the engine found', () => problems().some(({ message, written }) => message.startsWith('data.train.records: ') && written === '"nobody.csv"'));
    await replace('"nobody.csv"', '"contributors.csv"');
    await until('no problem as soon as it names another file', () => problems().length === 0);
    await replace(`contributor = 'c17'`, `contributer = 'c17'`);
    await document.save();
    await until('the column that there is not', () => problems().some(({ message, written }) => /^forget\.where: .*contributer/.test(message) && written === `"contributer = 'c17'"`));
    await commands.executeCommand('workbench.action.closeAllEditors');
    await until('no problem once it is closed', () => problems().length === 0);
    await workspace.fs.delete(uri);
  },
  'a model that cannot be read makes no request': async () => {
    const folder = file('broken');
    await workspace.fs.writeFile(Uri.joinPath(folder, 'model.h5'), Buffer.from('not HDF5'));
    await Promise.race([commands.executeCommand('certifiedUnlearning.unlearn', Uri.joinPath(folder, 'model.h5')), new Promise((resolve) => setTimeout(resolve, 10_000))]);
    const names = (await workspace.fs.readDirectory(folder)).map(([name]) => name);
    assert.deepEqual(names, ['model.h5']);
    await workspace.fs.delete(folder, { recursive: true });
  },
};
