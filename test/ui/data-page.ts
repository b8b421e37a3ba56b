import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { root } from '../../scripts/root';
import { audit } from './audit';
import { bringIntoView } from './bring-into-view';
import { contentOf } from './content-of';
import { PanelPage } from './panel-page';
import { people, type Person, ratingsProject } from './ratings-project';
import { step } from './step';
import { themes, Workbench } from './workbench';

interface Written {
  readonly data: { readonly train: Readonly<Record<string, unknown>>; readonly evaluation?: unknown };
  readonly forget: Readonly<Record<string, unknown>>;
  readonly classWeights?: unknown;
  readonly publicBuffers?: unknown;
  readonly engine?: unknown;
  readonly nearDuplicates?: unknown;
  readonly recovery?: unknown;
  readonly decisions?: readonly { readonly decision: string; readonly records?: readonly number[] }[];
}

/** The part of the panel about data, as someone uses it who has only a table and a person's name. */
export async function dataPage(scratch: string): Promise<void> {
  ratingsProject(scratch);
  const file = path.join(scratch, 'people.unlearn.json');
  const written = async (): Promise<Written> => JSON.parse(await contentOf(file)) as Written;
  const workbench = await Workbench.open({ folder: scratch });
  const { keyboard } = workbench.page;
  try {
    await workbench.openFile('people.unlearn.json');
    const panel = new PanelPage(await workbench.webview('[data-field="forget.where"]'));
    const { frame } = panel;

    await step('a file that is not there is said beside the source', async () => {
      await frame.locator('.found .problem', { hasText: 'there is no such file' }).waitFor();
    });

    await step('arrays are shown with type and shape, and chosen from those in the file', async () => {
      await panel.press('Choose Data…');
      await workbench.pick('numpy-stored.npz');
      const arrays = frame.locator('.found table tbody tr');
      await arrays.first().waitFor();
      assert.match((await arrays.allInnerTexts()).join('\n'), /Features\s+f4_little\s+float32\s+3 × 4[\s\S]*text\s+no numbers/);
      await frame.locator('select[data-field="data.train.featuresKey"]').selectOption('f4_little');
      await frame.locator('select[data-field="data.train.labelsKey"]').selectOption('vector');
      await frame.locator('p.selected', { hasText: '0 of 3 records are selected' }).waitFor();
      await workbench.screenshot('data-arrays');
    });

    await step('the files of the workspace that look like data are offered, others are not', async () => {
      await panel.press('Choose Data…');
      const rows = workbench.page.locator('.quick-input-list .monaco-list-row');
      await rows.filter({ hasText: 'people.csv' }).waitFor();
      assert.equal(await rows.filter({ hasText: 'notes.txt' }).count(), 0);
      await workbench.screenshot('data-choose');
      await workbench.pick('people.csv');
    });

    await step('the columns are what is in the file, with types, values and what is empty', async () => {
      await column(frame, 'age').waitFor();
      assert.equal(await frame.locator('.columns tbody tr').count(), 6);
      // Numbers 49, 99, … 399 are of unknown age: 8.
      assert.match(await column(frame, 'age').innerText(), /BIGINT[\s\S]*20, 27, 34[\s\S]*8 empty/);
      assert.match(await column(frame, 'city').innerText(), /VARCHAR[\s\S]*Bern, Chur, Genf[\s\S]*4 different/);
    });

    await step('label and features are chosen by boxes, also by keyboard alone', async () => {
      await column(frame, 'left').locator('input[type=radio]').check();
      await column(frame, 'visits').locator('input[type=checkbox]').focus();
      await keyboard.press('Space');
      await panel.shows('data.train.features', 'visits');
      assert.equal(await focused(frame), 'visits is a feature');
      await column(frame, 'stays').locator('input[type=checkbox]').check();
      await panel.shows('data.train.features', 'visits, stays');
      assert.equal(await column(frame, 'left').locator('input[type=checkbox]').isDisabled(), true);
    });

    await step('a column of a few values becomes one feature each, and can be left out again', async () => {
      await column(frame, 'city').locator('input[type=checkbox]').check();
      await panel.shows('data.train.features', '{"column":"city","oneHot":["Bern","Chur","Genf","Zug"]}, visits, stays');
      await panel.shows('data.train.features[0].oneHot', 'Bern, Chur, Genf, Zug');
      await column(frame, 'city').locator('select').selectOption('tokenizer');
      await panel.shows('data.train.features[0].tokenizer', 'tokenizer.json');
      await panel.set('data.train.features[0].length', '16');
      for (const [key, value] of [['padding', 'start'], ['cut', 'end'], ['specialTokens', 'no']] as const) await frame.locator(`select[data-field="data.train.features[0].${key}"]`).selectOption(value);
      await panel.shows('data.train.features', '{"column":"city","tokenizer":"tokenizer.json","as":"tokens","length":16,"padding":"start","cut":"end","specialTokens":false}, visits, stays');
      await workbench.screenshot('data-columns');
      await column(frame, 'city').locator('input[type=checkbox]').uncheck();
      await panel.shows('data.train.features', 'visits, stays');
    });

    await step('a condition is written with completion by keyboard alone, and counted while it is', async () => {
      const where = frame.locator('[data-field="forget.where"]');
      await where.focus();
      await keyboard.type('ci');
      await option(frame, 'city').waitFor();
      assert.equal(await where.getAttribute('aria-expanded'), 'true');
      await keyboard.press('ArrowDown');
      assert.equal(await option(frame, 'city').getAttribute('aria-selected'), 'true');
      assert.equal(await where.getAttribute('aria-activedescendant'), await option(frame, 'city').getAttribute('id'));
      await keyboard.press('Enter');
      await option(frame, '=').waitFor();
      await keyboard.type('= ');
      await option(frame, `'Bern'`).waitFor();
      await keyboard.press('ArrowDown');
      await workbench.screenshot('data-completion');
      await keyboard.press('Enter');
      assert.equal(await where.inputValue(), `city = 'Bern' `);
      await frame.locator('[data-counted="forget.where"]', { hasText: '100 of 400 records' }).waitFor();
      await keyboard.type('and per');
      await keyboard.press('ArrowDown');
      await keyboard.press('Enter');
      await keyboard.type(`in ('p4', 'p8') and age > 30`);
      const expected = people.filter(({ city, person, age }) => city === 'Bern' && (person === 'p4' || person === 'p8') && age !== '' && Number(age) > 30);
      await frame.locator('[data-counted="forget.where"]', { hasText: `${expected.length} of 400 records` }).waitFor();
      await keyboard.press('Escape');
      await frame.locator('.suggestions').first().waitFor({ state: 'hidden' });
    });

    await step('the first records and what is left of each class are shown before anything is saved', async () => {
      await frame.locator('.selected', { hasText: 'are selected' }).waitFor();
      const rows = await frame.locator('.preview table').last().locator('tbody tr').allInnerTexts();
      assert.ok(rows.length > 0 && rows.every((row) => row.includes('Bern')), rows.join(' | '));
      assert.equal(await frame.locator('.preview table').first().locator('tbody tr').count(), 2);
    });

    await step('a condition that is wrong says so at its field, and the last count goes', async () => {
      await panel.set('forget.where', 'citty = 1');
      await frame.locator('.field .problem', { hasText: 'Its columns are: person, age, city' }).waitFor();
      await panel.set('forget.where', `city = 'Bern' and person in ('p4', 'p8')`);
      await frame.locator('[data-counted="forget.where"]', { hasText: '20 of 400 records' }).waitFor();
    });

    await step('requests are added with reference, date and basis, each with its own records', async () => {
      await panel.press('Add Request');
      await panel.set('forget.requests[0].reference', 'T-1041');
      await panel.set('forget.requests[0].date', '2026-01-31');
      await panel.set('forget.requests[0].basis', 'GDPR Art. 17(1)(b)');
      await frame.locator('select[data-field="forget.requests[0].ids.column"]').selectOption('person');
      const ids = frame.locator('textarea[data-field="forget.requests[0].ids.values"]');
      await ids.fill('p7\np9, p99');
      await ids.press('Tab');
      await frame.locator('[data-counted="forget.requests[0].ids"]', { hasText: 'no record has the person "p99"' }).waitFor();
      await ids.fill('p7\np9');
      await ids.press('Tab');
      await frame.locator('[data-counted="forget.requests[0].ids"]', { hasText: '20 of 400 records' }).waitFor();
      await panel.press('Add Request');
      await frame.locator('vscode-button[aria-label="Remove request 2"]').click();
      await frame.locator('fieldset').nth(1).waitFor({ state: 'detached' });
    });

    await step('records that a person handed in are chosen, and found by what the model sees of them', async () => {
      writeFileSync(path.join(scratch, 'handed-in.csv'), ['person,age,city,visits,stays,left', ...people.slice(0, 2).map(({ person, age, city, visits, stays, left }) => [person, age, city, visits, stays, left].join())].join('\n'));
      await frame.locator('vscode-button', { hasText: 'Choose Records…' }).first().click();
      await workbench.pick('handed-in.csv');
      await panel.shows('forget.equalTo.path', 'handed-in.csv');
      const handedIn = new Set(people.slice(0, 2).map(seen));
      await frame.locator('[data-counted="forget.equalTo"]', { hasText: `${people.filter((person) => handedIn.has(seen(person))).length} of 400 records` }).waitFor();
      await bringIntoView(frame.locator('[data-counted="forget.equalTo"]'));
      await workbench.screenshot('data-equal');
      await frame.locator('vscode-button[aria-label="Remove the records to compare with"]').click();
      await frame.locator('[data-field="forget.equalTo.path"]').waitFor({ state: 'hidden' });
    });

    await step('evaluation data are other records with the same columns, or a share, by choice', async () => {
      await panel.choose('data.evaluation', 'other records');
      await workbench.pick('people.csv');
      await panel.shows('data.evaluation.path', 'people.csv');
      await workbench.save();
      assert.deepEqual((await written()).data.evaluation, { format: 'csv', path: 'people.csv', label: 'left', features: ['visits', 'stays'] });
      await frame.locator('summary', { hasText: 'Columns of the evaluation data' }).click();
      await column(frame, 'visits', 'evaluation').locator('input[type=checkbox]').uncheck();
      await frame.locator('.advice-box:visible', { hasText: 'Otherwise than for the training data: features.' }).waitFor();
      assert.match(await column(frame, 'city', 'evaluation').innerText(), /Bern, Chur, Genf[\s\S]*4 different/);
      await bringIntoView(column(frame, 'visits', 'evaluation'));
      await workbench.screenshot('data-evaluation');
      await frame.locator('.advice-box:visible vscode-button', { hasText: 'Use Those of the Training Data' }).click();
      await frame.locator('.advice-box:visible').waitFor({ state: 'detached' });
      await workbench.save();
      assert.deepEqual((await written()).data.evaluation, { format: 'csv', path: 'people.csv', label: 'left', features: ['visits', 'stays'] });
      await panel.choose('data.evaluation', 'a share of the rest');
      await panel.shows('data.evaluation.share', '0.1');
    });

    await step('what concerns training, near duplicates and recovery is filled in where it is folded away', async () => {
      for (const summary of ['How the model is trained', 'Near duplicates, and decisions one by one', 'Momentum, weight decay, gradient clipping, early stopping']) await frame.locator('summary', { hasText: summary }).click();
      await panel.set('classWeights', '1, 2.5');
      await panel.choose('engine', 'ONNX Runtime');
      await frame.locator('select[data-field="nearDuplicates.policy"]').selectOption('keep');
      await panel.set('nearDuplicates.tolerance', '0.5');
      await panel.set('recovery.earlyStop.patience', '3');
      await frame.locator('summary', { hasText: 'What of the model is public' }).click();
      await panel.press('Declare a Tensor Public');
      await panel.set('publicBuffers[0].name', 'boundaries');
      await panel.set('publicBuffers[0].reason', 'taken from a public census');
      await workbench.save();
      assert.deepEqual((await written()).publicBuffers, [{ name: 'boundaries', reason: 'taken from a public census' }]);
      await bringIntoView(frame.locator('vscode-button[aria-label="Remove public tensor 1"]'));
      await workbench.screenshot('public-buffers');
      await frame.locator('vscode-button[aria-label="Remove public tensor 1"]').click();
      await frame.locator('[data-field="publicBuffers[0].name"]').waitFor({ state: 'detached' });
      await frame.evaluate('window.scrollTo(0, 0)');
      await workbench.screenshot('data-folded');
    });

    await step('what is saved is what was chosen, and the command line counts the same', async () => {
      await frame.locator('.selected', { hasText: '40 of 400 records are selected (10.00 %). 360 are left.' }).waitFor();
      await workbench.save();
      assert.deepEqual((await written()).data, { train: { format: 'csv', path: 'people.csv', label: 'left', features: ['visits', 'stays'] }, evaluation: { share: 0.1, seed: 0 } });
      assert.deepEqual((await written()).forget, {
        where: `city = 'Bern' and person in ('p4', 'p8')`,
        requests: [{ reference: 'T-1041', date: '2026-01-31', basis: 'GDPR Art. 17(1)(b)', ids: { column: 'person', values: ['p7', 'p9'] } }],
      });
      const { classWeights, engine, nearDuplicates, recovery } = await written();
      assert.deepEqual({ classWeights, engine, nearDuplicates, recovery }, { classWeights: [1, 2.5], engine: 'onnxruntime', nearDuplicates: { policy: 'keep', tolerance: 0.5 }, recovery: { earlyStop: { patience: 3 } } });
      const preview = JSON.parse(execFileSync(process.execPath, [path.join(root, 'dist/cli.js'), 'preview', file, '--json'], { encoding: 'utf8' })) as { forgotten: number; kept: number; rows: string[][] };
      assert.deepEqual([preview.forgotten, preview.kept], [40, 360]);
      const shown = await frame.locator('.preview table').last().locator('tbody tr').first().locator('td').allInnerTexts();
      assert.deepEqual(shown, preview.rows[0]);
    });

    await step('copies of forgotten records stop the plan until it is said what becomes of them', async () => {
      await frame.locator('.problem', { hasText: 'equal' }).first().waitFor();
      await panel.press('Save and Look for Duplicates');
      const groups = frame.locator('.groups tbody tr');
      await groups.first().waitFor();
      assert.match(await groups.first().innerText(), /exact copy[\s\S]*open: the run is refused/);
      await groups.first().locator('select').selectOption('forget');
      await workbench.save();
      const [decision] = (await written()).decisions ?? [];
      assert.equal(decision?.decision, 'forget');
      assert.ok((decision.records?.length ?? 0) > 0);
      await groups.first().locator('select').selectOption('');
      await panel.choose('duplicates', 'forget them too');
      await workbench.save();
      assert.equal((await written()).decisions, undefined);
      const selected = new Set(people.filter(({ city, person }) => (city === 'Bern' && ['p4', 'p8'].includes(person)) || ['p7', 'p9'].includes(person)).map(seen));
      await frame.locator('dd', { hasText: `${people.filter((person) => selected.has(seen(person))).length} of 400 records` }).waitFor();
    });

    for (const theme of themes) {
      await step(`it looks right in ${theme}, and axe-core finds nothing`, async () => {
        await workbench.theme(theme);
        await look(workbench, frame, theme);
        assert.deepEqual(await audit(frame), []);
      });
    }

    await step('at 400 pixels nothing is cut off', async () => {
      await workbench.command('View: Toggle Primary Side Bar Visibility');
      await workbench.page.setViewportSize({ width: 448, height: 1000 });
      // The page follows the window a moment later.
      const width = async (): Promise<number> => Number(await frame.evaluate('document.documentElement.clientWidth'));
      for (const end = Date.now() + 10_000; (await width()) > 400 && Date.now() < end;) await frame.waitForTimeout(50);
      assert.ok((await width()) <= 400, String(await width()));
      assert.equal(Number(await frame.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')), 0);
      await look(workbench, frame, 'narrow');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}

/** A person as the model sees them: by the two features and the label. */
function seen({ visits, stays, left }: Person): string {
  return [visits, stays, left].join();
}

function column(frame: Frame, name: string, of: 'train' | 'evaluation' = 'train'): Locator {
  return frame.locator(`.columns[data-of="${of}"] tbody tr`).filter({ has: frame.locator(`.name:text-is("${name}")`) });
}

function option(frame: Frame, text: string): Locator {
  return frame.locator('.suggestions:not([hidden]) [role=option]').filter({ has: frame.locator(`span:text-is("${text}")`) }).first();
}

async function focused(frame: Frame): Promise<string> {
  return String(await frame.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.outerHTML.slice(0, 200)'));
}

/** Pictures of the whole section. */
async function look(workbench: Workbench, frame: Frame, name: string): Promise<void> {
  for (const [place, selector] of [['source', '[data-field="data.train.format"]'], ['forget', '[data-field="forget.where"]'], ['preview', 'p.selected']] as const) {
    await frame.evaluate(`document.querySelector('${selector}').closest('.field, p').scrollIntoView()`);
    await workbench.screenshot(`data-${place}-${name}`);
  }
}
