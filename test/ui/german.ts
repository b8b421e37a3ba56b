import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { root } from '../../scripts/root';
import { audit } from './audit';
import { bringIntoView } from './bring-into-view';
import { certifiedExample } from './certified-example';
import { step } from './step';
import { Workbench } from './workbench';

/** Texts that are the same in German, or that other texts begin with. */
type Bundle = Readonly<Record<string, string>>;

/** Every page in a VS Code that speaks German: nothing on it is left in English that has a translation. */
export async function german(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { publicKey } = certifiedExample(scratch, keys);
  brokenRequest(scratch, 'without-model', { model: 'model/gone.json' });
  brokenRequest(scratch, 'without-labels', (request) => ({ data: { train: { ...request.data.train, labels: 'contributors.csv' } } }));
  const bundle = JSON.parse(readFileSync(path.join(root, 'l10n/bundle.l10n.de.json'), 'utf8')) as Bundle;
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [publicKey], language: 'de' });
  try {
    await step('the panel of a request', async () => {
      await workbench.openFile('mnist', 'forget-c17.unlearn.json');
      const frame = await workbench.webview('.chart.bars');
      for (const summary of await frame.locator('summary').all()) if (await summary.isVisible()) await summary.click();
      await workbench.screenshot('german-panel');
      assert.equal(await frame.evaluate('document.documentElement.lang'), 'de');
      assert.equal(await frame.locator('h2').last().innerText(), 'Lauf');
      await bringIntoView(frame.locator('.schedule-chart'));
      await workbench.screenshot('german-schedule');
      await bringIntoView(frame.locator('.advice'));
      await workbench.screenshot('german-advice');
      assert.deepEqual(await leftInEnglish(frame, bundle), []);
      assert.deepEqual(await audit(frame), []);
    });
    await step('a certificate', async () => {
      await workbench.openFile('model', 'unlearned', 'model.unlearning-certificate.json');
      const frame = await workbench.webview('.verdict-list');
      await workbench.screenshot('german-certificate');
      assert.deepEqual(await leftInEnglish(frame, bundle), []);
      assert.deepEqual(await audit(frame), []);
    });
    await step('what the engine refuses: in the panel, in the list of problems and in the notification of a run, with what to do', async () => {
      await workbench.openFile('without-model.unlearn.json');
      const frame = await workbench.webview('.problem:not([hidden])');
      await frame.locator('.problem', { hasText: 'die Modelldatei gibt es nicht. Prüfen Sie den Pfad.' }).first().waitFor();
      await workbench.page.keyboard.press('Control+Shift+M');
      await workbench.page.locator('.panel .monaco-list-row', { hasText: 'die Modelldatei gibt es nicht. Prüfen Sie den Pfad.' }).first().waitFor();
      await frame.locator('vscode-button', { hasText: 'Verlernen ausführen' }).click();
      await workbench.notification('die Modelldatei gibt es nicht. Prüfen Sie den Pfad.').waitFor();
      await workbench.screenshot('german-refused-model');
      assert.deepEqual(await leftInEnglish(frame, bundle), []);
    });
    await step('what is wrong with the data', async () => {
      await workbench.openFile('without-labels.unlearn.json');
      await workbench.page.locator('.panel .monaco-list-row', { hasText: 'ist keine Datei von Labels' }).first().waitFor();
      await workbench.screenshot('german-refused-data');
    });
    await step('a model', async () => {
      await workbench.openSidebar('Certified Unlearning');
      await workbench.page.locator('.sidebar .monaco-list-row', { hasText: 'model.json' }).first().click();
      const frame = await workbench.webview('#section-tensoren');
      await workbench.screenshot('german-model');
      assert.deepEqual(await leftInEnglish(frame, bundle), []);
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}

interface Example {
  readonly data: { readonly train: object };
}

/** The example with something in it that the engine has to refuse. */
function brokenRequest(workspace: string, name: string, changes: object | ((example: Example) => object)): void {
  const example = JSON.parse(readFileSync(path.join(workspace, 'mnist/forget-c17.unlearn.json'), 'utf8')) as Example;
  writeFileSync(path.join(workspace, `mnist/${name}.unlearn.json`), JSON.stringify({ ...example, ...(typeof changes === 'function' ? changes(example) : changes) }, undefined, 2));
}

/** Texts and names on a page that are English though the bundle has German for them. */
async function leftInEnglish(frame: Frame, bundle: Bundle): Promise<readonly string[]> {
  const said = await frame.evaluate<string[]>(`(() => {
    const texts = [];
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent.trim());
      if (node.nodeType !== Node.ELEMENT_NODE || ['SCRIPT', 'STYLE'].includes(node.tagName)) return;
      for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext']) if (node.hasAttribute(name)) texts.push(node.getAttribute(name));
      node.childNodes.forEach(walk);
    };
    walk(document.body);
    return texts;
  })()`);
  const english = Object.entries(bundle).filter(([text, translation]) => text !== translation && /\p{L}{3}/u.test(text))
    .map(([text]) => new RegExp(`^${text.split(/\{\d+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`));
  const values = new Set(Object.values(bundle));
  return [...new Set(said)].filter((text) => !values.has(text) && english.some((pattern) => pattern.test(text)));
}
